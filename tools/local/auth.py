"""The keys that tokens of this folder are signed with, and tokens for whoever works on this machine.

Who can read the folder's signing key operates the installation anyway: `./playcaller` and the demo
sign for themselves. Programs elsewhere use an API key.
"""

import json
import os
from collections.abc import Generator
from pathlib import Path

import httpx
from joserfc.jwk import ECKey
from typing_extensions import override

from shared import ids
from shared.clock import monotonic, wall_now
from shared.web.guards import token
from shared.web.who import Role, Who

RENEW_S = 200.0  # a token lives 300 s


class LocalKeys:
    """The signing key of a folder and the public keys beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute() / "run" / "auth"

    @property
    def signing_file(self) -> Path:
        """The private key, for console."""
        return self._folder / "signing.jwk"

    @property
    def seal_file(self) -> Path:
        """What console's database is sealed with."""
        return self._folder / "seal.key"

    @property
    def public_file(self) -> Path:
        """The JWKS document, for every service."""
        return self._folder / "keys.json"

    def ensure(self) -> "LocalKeys":
        """Draw the keys that are not there."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.seal_file.exists():
            write_private(self.seal_file, f"{ids.random_hex(256)}\n")
        if self.signing_file.exists() and self.public_file.exists():
            return self
        key = token.new_key(ids.random_id()[:8])
        write_private(self.public_file, token.public_set(key))
        write_private(self.signing_file, json.dumps(key.as_dict(private=True)))
        return self

    def token(self, *roles: Role, subject: str = "operator:local") -> str:
        """A token for the next five minutes.

        Who reads the signing key may say that a second factor was given now, and so it is said.
        """
        key = ECKey.import_key(json.loads(self.signing_file.read_text("utf-8")))
        now = wall_now()
        who = Who(subject, "key", frozenset(roles), second_factor_at=now)
        return token.sign(key, who, now, ids.random_id())


class Operator(httpx.Auth):
    """Signs in to the services of a folder; a fresh token before the last one ends."""

    def __init__(self, folder: Path, *roles: Role) -> None:
        self._keys = LocalKeys(folder)
        self._roles: tuple[Role, ...] = roles or ("admin",)
        self._token = ""
        self._since = 0.0

    @override
    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        now = monotonic()
        if not self._token or now - self._since > RENEW_S:
            self._token, self._since = self._keys.token(*self._roles), now
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, in one step."""
    half = path.with_suffix(".new")
    half.unlink(missing_ok=True)
    half.touch(mode=0o600)
    half.write_text(text, encoding="utf-8")
    os.replace(half, path)  # noqa: PTH105 - atomic on every system
