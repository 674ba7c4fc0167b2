"""Who may use a route: decided before its handler, and before a byte of the body is read."""

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import log, metrics
from shared.clock import monotonic, wall_now
from shared.errors import BadSettings
from shared.web.guards import token
from shared.web.guards.limits import SIGNED
from shared.web.guards.rates import FILES, UNCOUNTED, WATCHED, Rates
from shared.web.guards.rights import Sees, Table
from shared.web.problems import Problem, answer
from shared.web.who import Who

LOOK_S = 2.0  # how often the key file's time is compared
KNOWN = 4_096  # verified tokens kept; a verification costs 0.5 ms
OPEN_PATHS = ("/docs", "/openapi.json")  # documentation: the same for everybody, no data

_log = log.get("web.auth")


class Keys:
    """Public keys from a JWKS file, read again when the file has changed (rotation)."""

    def __init__(self, path: Path) -> None:
        """Raises BadSettings: the file is missing or holds no such keys."""
        self._path = path
        self._looked = monotonic()
        self._changed = -1
        self._known: OrderedDict[bytes, tuple[Who, datetime]] = OrderedDict()
        try:
            self._load()
        except (OSError, ValueError) as error:
            raise BadSettings(
                f"AUTH_KEYS_FILE: {path} is no readable JWKS document ({type(error).__name__}). "
                "`./playcaller up` makes it; in containers deploy/new-env.sh does."
            ) from None

    def who(self, text: str, now: datetime) -> Who:
        """Who a token says is asking. Raises token.Forged."""
        self._look()
        digest = hashlib.sha256(text.encode()).digest()
        known = self._known.get(digest)
        if known is None:
            known = self._known[digest] = token.read(text, self.keys, now)
            if len(self._known) > KNOWN:
                self._known.popitem(last=False)
        who, until = known
        if now >= until:
            self._known.pop(digest, None)
            raise token.Forged("expired")
        return who

    def _look(self) -> None:
        if monotonic() - self._looked < LOOK_S:
            return
        self._looked = monotonic()
        try:
            if self._path.stat().st_mtime_ns != self._changed:
                self._load()
        except (OSError, ValueError) as error:
            _log.error("the key file cannot be read: the last keys stay", exc_info=error)

    def _load(self) -> None:
        changed = self._path.stat().st_mtime_ns
        self.keys = token.read_keys(self._path.read_text("utf-8"))
        self._changed = changed
        self._known.clear()  # what a withdrawn key has signed is worth nothing from now on


Identify = Callable[[HTTPConnection], Awaitable[Who | None]]
"""Who asks, None without credentials; raises Problem for credentials that are not right."""


def by_token(keys: Keys) -> Identify:
    """Identify by `Authorization: Bearer` alone."""

    async def identify(request: HTTPConnection) -> Who | None:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer" or not text:
            raise refused("not_a_bearer", "The Authorization header holds no bearer token")
        try:
            return keys.who(text.strip(), wall_now())
        except token.Forged as error:
            raise refused("bad_token", "The token is not valid, or not any more") from error

    return identify


@dataclass(frozen=True)
class Access:
    """Who may do what at a service."""

    identify: Identify
    table: Table = field(default_factory=lambda: Table(()))


def refused(why: str, title: str) -> Problem:
    """401, counted."""
    metrics.REFUSED.labels(why).inc()
    return Problem(
        401,
        why,
        title,
        "Get a new one: POST /v1/tokens of console, or `./playcaller token`.",
        headers={"WWW-Authenticate": "Bearer"},
    )


class Identified:
    """Middleware: every request but those to open routes comes with credentials, or ends here.

    Before the body is read, and for paths that do not exist too: strangers cannot tell routes apart.
    """

    def __init__(self, app: ASGIApp, access: Access, rates: Rates) -> None:
        self._app = app
        self._access = access
        self._rates = rates
        self._open = [
            (line.method, compile_path(line.route)[0]) for line in access.table.lines if line.open
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put who asks into the request's state as `who`; None on open routes only."""
        if scope["type"] == "http":
            scope.setdefault("state", {})
            try:
                scope["state"]["who"] = await self._admit(HTTPConnection(scope))
            except Problem as problem:
                await answer(Request(scope), problem)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _admit(self, request: HTTPConnection) -> Who | None:
        """Who asks. Raises Problem: nobody we know, or too often."""
        address = request.client.host if request.client else ""
        if self._is_open(request.scope):
            path = request.scope["path"]
            if path in WATCHED:
                self._rates.of_watching(address, monotonic())
            elif path.startswith(SIGNED):
                self._rates.of_signed(address, monotonic())
            elif path not in UNCOUNTED and not path.startswith(FILES):
                self._rates.of_open(address, monotonic())
            return None
        try:
            who = await self._access.identify(request)
            if who is None:
                raise refused("not_signed_in", "This needs a token")
        except Problem as problem:
            self._rates.of_refused(address, monotonic())  # first: who comes too often costs no line
            if isinstance(problem.__cause__, token.Forged):
                _log.info("a token was refused: %s", problem.__cause__)
            raise
        self._rates.of_identity(who.subject, monotonic())
        return replace(who, address=address, request=request.scope["state"].get("request", ""))

    def _is_open(self, scope: Scope) -> bool:
        path: str = scope["path"]
        if any(path == prefix or path.startswith(f"{prefix}/") for prefix in OPEN_PATHS):
            return True
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        return any(method == allowed and shape.match(path) for allowed, shape in self._open)


async def permitted(request: Request) -> None:
    """The dependency of every route: deny what the table does not permit.

    Raises: Problem 403: no line for the route, or none for these roles.
    """
    route: str = request.scope["route"].path
    if route in OPEN_PATHS or route.startswith(f"{OPEN_PATHS[0]}/"):
        return
    access: Access = request.app.state.access
    right = access.table.line(request.method, route)
    if right is not None and right.open:
        return
    who: Who | None = request.state.who
    sees = None if right is None or who is None else right.sees(who)
    if sees is None:
        metrics.REFUSED.labels("not_permitted").inc()
        name = f"{request.method} {route}"
        _log.warning("not permitted", extra={"route": name, "subject": who and who.subject})
        raise Problem(
            403,
            "not_permitted",
            "Your roles do not permit this",
            f"{name} is for others; docs/security.md has the table.",
        )
    request.state.sees = sees


async def _who(request: Request) -> Who:
    who: Who = request.state.who
    return who


async def _sees(request: Request) -> Sees:
    sees: Sees = request.state.sees
    return sees


Caller = Annotated[Who, Depends(_who)]
"""A route's argument: who asks."""
Seen = Annotated[Sees, Depends(_sees)]
"""A route's argument: how much of the data the caller sees here."""
