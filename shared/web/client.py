"""One service asks another over HTTP, as itself: its client key becomes a token at console."""

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from shared.clock import monotonic
from shared.errors import TryLater
from shared.web.token import LIFETIME

EARLY = timedelta(seconds=60)  # a token is renewed this long before it ends
TIMEOUT_S = 5.0


class ServiceClient:
    """GETs JSON from services of ours; one connection pool, one token."""

    def __init__(self, console_url: str, key_file: Path, ca_file: str = "") -> None:
        """A client that has not asked for its token yet.

        Args:
            console_url: where keys become tokens; https.
            key_file: holds our client key; read anew for every token, so that a rotated key is
                taken without a restart.
            ca_file: CA certificates that console's is checked with; empty: the system's.
        """
        trust = ssl.create_default_context(cafile=ca_file or None)
        self._http = httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False, verify=trust)
        self._console = console_url.rstrip("/")
        self._key_file = key_file
        self._token = ""
        self._until = 0.0
        self._renewing = asyncio.Lock()

    async def get(self, url: str) -> Any | None:
        """The JSON answer; None: 404.

        Raises: TryLater: no answer, or one that says that something is away or wrong.
        """
        try:
            token = await self._fresh()
            answer = await self._http.get(url, headers={"Authorization": f"Bearer {token}"})
            if answer.status_code == httpx.codes.NOT_FOUND:
                return None
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, OSError, ValueError, KeyError) as error:
            raise TryLater(
                f"{httpx.URL(url).host} did not answer: {type(error).__name__}"
            ) from None

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _fresh(self) -> str:
        async with self._renewing:
            if monotonic() >= self._until:
                key = self._key_file.read_text("utf-8").strip()
                headers = {"Authorization": f"Bearer {key}"}
                answer = await self._http.post(f"{self._console}/v1/tokens", headers=headers)
                answer.raise_for_status()
                self._token = str(answer.json()["access_token"])
                self._until = monotonic() + (LIFETIME - EARLY).total_seconds()
        return self._token
