"""The API keys of a folder: made by console's bootstrap, exchanged for tokens like anybody's."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Protocol

import httpx
from typing_extensions import override

from shared.clock import monotonic
from shared.web.who import Role
from tools.local import certificates
from tools.local.auth import RENEW_S, LocalKeys
from tools.local.errors import LocalError


class KeyRefused(LocalError):
    """Console gives no token for a key."""

    def __init__(self, status: int, key: Path) -> None:
        super().__init__(
            f"Console answered {status} to the key in {key}. `./playcaller down` and `up` renew it."
        )


def token(folder: Path, role: Role) -> str:
    """A token of whoever operates this machine, signed with the folder's key: no console needed."""
    return LocalKeys(folder).token(role)


def key_file(folder: Path, name: str) -> Path:
    """Where a program of this folder finds its API key."""
    return folder.absolute() / "run" / "keys" / name


class Bootstrap(Protocol):
    """What `first_keys` needs of console's process."""

    folder: Path

    async def run_command(self, *words: str, given: bytes = b"") -> bytes:
        """Run a command of console's and return what it says."""


class KeyHolder(httpx.Auth):
    """Signs in with an API key, as the vendor's backend does: key to console, token to everybody.

    Args:
        console: its base URL.
        key: file with the key.
        folder: whose authority console's certificate is of.
    """

    def __init__(self, console: str, key: Path, folder: Path) -> None:
        self._console = console
        self._key = key
        self._folder = folder
        self._token = ""
        self._since = 0.0

    @override
    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        now = monotonic()
        if not self._token or now - self._since > RENEW_S:
            self._token, self._since = await self._exchange(), now
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request

    async def _exchange(self) -> str:
        trusted = certificates.of(self._folder).context()
        headers = {"Authorization": f"Bearer {self._key.read_text('utf-8').strip()}"}
        async with httpx.AsyncClient(verify=trusted, trust_env=False, timeout=30) as http:
            answer = await http.post(f"{self._console}/v1/tokens", headers=headers)
        if answer.status_code != httpx.codes.OK:
            raise KeyRefused(answer.status_code, self._key)
        return str(answer.json()["access_token"])


async def first_keys(console: Bootstrap, *, admin_link: bool) -> str | None:
    """Let console make the keys this folder lacks; returns a link for the first admin, if asked."""
    folder = key_file(console.folder, "")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = {path.name: path.read_text("utf-8").strip() for path in folder.iterdir()}
    words = ["bootstrap"] if admin_link else ["bootstrap", "no-admin-link"]
    said = json.loads(await console.run_command(*words, given=json.dumps(known).encode()))
    for name, key in said["keys"].items():
        path = folder / name
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(f"{key}\n", encoding="utf-8")
    link = said["admin_link"]
    return None if link is None else str(link)
