"""What routes find in the application: handlers' means, the signer, and who is signed in."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request

from services.console.edges.held import Held
from services.console.edges.identify import SignedIn, check_origin, origin_of
from services.console.edges.openid.provider import OpenId
from services.console.edges.signer import Signer
from services.console.errors import StepUpNeeded
from services.console.handlers.own_account import Own
from services.console.handlers.ports import By, Context
from services.console.store.store import Beginning
from shared import log
from shared.clock import monotonic, wall_now
from shared.web.guards import fresh, hourly
from shared.web.guards.auth import Caller
from shared.web.problems import Problem
from shared.web.state import of_state

MOST_ASIDE = 100  # mails that are asked for at the same moment

_log = log.get("console.api")


class Background:
    """Work that nobody waits for: what it costs is not seen from outside."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def __call__(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it beside the request; what it raises is logged. Too much at once is left out."""
        if len(self._running) >= MOST_ASIDE:
            work.close()
            _log.warning("too much at once beside requests: one was left out")
            return
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)

    async def finished(self) -> None:
        """Wait for what runs."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("work beside a request failed", exc_info=error)


async def _own(request: Request, who: Caller) -> Own:
    """The person at work in a session; a token is not enough. Raises Problem 403."""
    signed_in: SignedIn | None = getattr(request.state, "signed_in", None)
    if signed_in is None:
        raise Problem(403, "session_needed", "This needs a session", "Sign in: POST /v1/login.")
    origin = origin_of(request)
    return Own(signed_in.account, signed_in.session, origin, By(who, wall_now()))


async def _by(who: Caller) -> By:
    return By(who, wall_now())


async def _sensitive(request: Request, who: Caller) -> By:
    """Whose wish a sensitive act is. Raises: StepUpNeeded, Problem 401, 403, 429.

    A person does it in a session, with a second factor given a moment ago; for programs see
    shared/web/guards/fresh.py.
    """
    now = wall_now()
    if who.kind == "person":
        own = await _own(request, who)
        if not own.session.is_stepped_up(now, request.app.state.context.rules):
            raise StepUpNeeded
    else:
        fresh.check(who, now)
    route: str = request.scope["route"].path
    hourly.of(request.app).take(who, f"{request.method} {route}", monotonic())
    return By(who, now)


async def _from_our_pages(request: Request) -> None:
    check_origin(request, request.app.state.context.rules.url)


async def _provider(openid: Annotated[OpenId | None, Depends(of_state("openid"))]) -> OpenId:
    if openid is None:
        raise Problem(
            404, "no_provider", "No OpenID provider is set up", "See CONSOLE_OIDC_ISSUER."
        )
    return openid


Beside = Annotated[Background, Depends(of_state("aside"))]
HeldOf = Annotated[Held, Depends(of_state("held"))]
TokenSigner = Annotated[Signer, Depends(of_state("signer"))]
PublicKeys = Annotated[Path, Depends(of_state("public_keys"))]
Provider = Annotated[OpenId, Depends(_provider)]
Means = Annotated[Context, Depends(of_state("context"))]
Beginnings = Annotated[Beginning, Depends(of_state("begin"))]
OwnAccount = Annotated[Own, Depends(_own)]
Wisher = Annotated[By, Depends(_by)]
SteppedUp = Annotated[By, Depends(_sensitive)]
FROM_OUR_PAGES = Depends(_from_our_pages)
