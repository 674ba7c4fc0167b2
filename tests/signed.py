"""Tokens for tests: signed by a key of the tests', with any role."""

import functools
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, FastAPI

from shared.clock import wall_now
from shared.web.guards import token
from shared.web.guards.auth import Access, Keys, by_token
from shared.web.guards.rights import RUNTIME, Right, Table, audit_for
from shared.web.who import Who

KEY = token.new_key("tests")
SCRATCH = TemporaryDirectory(prefix="playcaller-tests-")


@functools.cache
def keys_file() -> Path:
    """The JWKS file with the tests' public key."""
    path = Path(SCRATCH.name) / "keys.json"
    path.write_text(token.public_set(KEY))
    return path


@functools.cache
def signing_file() -> Path:
    """The tests' private key, as console reads it."""
    path = Path(SCRATCH.name) / "signing.jwk"
    path.write_text(json.dumps(KEY.as_dict(private=True)))
    return path


def who(
    *roles: str,
    org: str | None = None,
    subject: str = "account:test",
    scopes=None,
    kind="person",
    factor: timedelta | None = timedelta(0),
) -> Who:
    """Somebody with these roles; `factor`: how long ago they gave a second factor, None: never."""
    confined = None if scopes is None else frozenset(scopes)
    at = None if factor is None else wall_now() - factor
    return Who(subject, kind, frozenset(roles), org, confined, second_factor_at=at)


def fresh(one: Who) -> Who:
    """The same, who has given a second factor a moment ago."""
    return replace(one, second_factor_at=wall_now())


def bearer(one: Who, *, key=KEY, now=None) -> dict[str, str]:
    if now is not None and one.second_factor_at is not None:  # never after the token itself
        one = replace(one, second_factor_at=min(one.second_factor_at, now))
    assert "PYTEST_CURRENT_TEST" in os.environ, "signed as the file is read it is old by its test"
    text = token.sign(key, one, now or wall_now(), "token-of-a-test")
    return {"Authorization": f"Bearer {text}"}


def headers(*roles: str, org: str | None = None, **more) -> dict[str, str]:
    """`Authorization` of somebody with these roles, for five minutes."""
    return bearer(who(*roles, org=org, **more))


class Signed(Mapping[str, str]):
    """The same, signed anew whenever it is sent: for a whole file of tests."""

    def __init__(self, *roles: str, **more) -> None:
        self._sign = functools.partial(headers, *roles, **more)

    def __getitem__(self, name: str) -> str:
        return self._sign()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(("Authorization",))

    def __len__(self) -> int:
        return 1


def access(*rights: Right) -> Access:
    """What a service's process makes of its rights, with the tests' key."""
    return Access(by_token(Keys(keys_file())), Table(rights))


def permit(*routers: APIRouter) -> Access:
    """Access to whatever these routers serve, for `admin`."""
    app = FastAPI()
    for router in routers:
        app.include_router(router)
    known = {line.name for line in RUNTIME}
    lines = [
        Right(method.upper(), path, {"admin": "all"})
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if f"{method.upper()} {path}" not in known
    ]
    return access(*lines, *audit_for())
