"""A service's own token: its client key becomes one at console, renewed before it ends."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import msgspec

from shared.clock import monotonic
from shared.web.client.sender import Sender
from shared.web.guards.token import LIFETIME

EARLY = timedelta(seconds=60)  # a token is renewed this long before it ends


class OwnToken(Protocol):
    """Where a service's own token comes from."""

    async def fresh(self, sender: Sender, until_s: float) -> str:
        """A token that is good for a minute at least, until a moment of the loop's clock.

        Raises: OSError, ValueError.
        """
        ...

    def refused(self, token: str) -> None:
        """Somebody did not take this one: it is not given out again."""
        ...


class ByClientKey:
    """The token that console gives for our client key."""

    def __init__(self, console_url: str, key_file: Path) -> None:
        """A service that has not asked for its token yet.

        Args:
            console_url: where keys become tokens; https.
            key_file: holds our client key; read anew for every token, so that a rotated key is
                taken without a restart.
        """
        self._console = console_url.rstrip("/")
        self._key_file = key_file
        self._token = ""
        self._until = 0.0
        self._renewing = asyncio.Lock()

    async def fresh(self, sender: Sender, until_s: float) -> str:
        """The token we have, or a new one."""
        async with asyncio.timeout_at(until_s), self._renewing:
            if monotonic() >= self._until:
                key = self._key_file.read_text("utf-8").strip()
                headers = {"Authorization": f"Bearer {key}"}
                url = f"{self._console}/v1/tokens"
                answer = await sender.send("POST", url, until_s, headers=headers)
                if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
                    raise ValueError("no token")
                given = msgspec.json.decode(answer.content)
                if not isinstance(given, dict) or not isinstance(given.get("access_token"), str):
                    raise ValueError("no access_token")
                self._token = given["access_token"]
                self._until = monotonic() + (LIFETIME - EARLY).total_seconds()
        return self._token

    def refused(self, token: str) -> None:
        """Ask for another one next time."""
        if token == self._token:
            self._until = 0.0
