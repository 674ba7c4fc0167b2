"""`/live`: what changes while a page is open, as one stream of ids; who else looks at a ticket."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse
from sqlalchemy.exc import SQLAlchemyError

from services.console.domain.pages.changes import kinds
from services.console.edges.changes.live import BEAT, Audience, Live
from services.console.edges.pages.tickets.tickets import ROLES as TICKETS
from services.console.edges.pages.view import View, Viewing
from shared.clock import monotonic, wall_now
from shared.web.problems import Problem

router = APIRouter(include_in_schema=False)
BEAT_S = 10.0  # so that whoever stands between does not take it for dead
LIFE_S = 240.0  # then the browser asks again: who has lost a right is told nothing more
LOOK_S = 3.0
LOOKS_FOR = timedelta(seconds=20)
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
LOOKING = b"event: looking\ndata: \n\n"


@router.get("/live")
async def read_changes(view: Viewing, since: int = 0, ticket: str = "") -> Response:
    """Ids of what changes, as far as who looks may see it.

    Args:
        since: when the page was drawn, ms since 1970; a browser that comes back says its last id.
        ticket: whose page it is.
    """
    last = view.request.headers.get("last-event-id", "")
    since_ms = int(last) if last.isascii() and last.isdigit() and len(last) < 16 else since
    if ticket and not await _may_see(view, ticket):
        ticket = ""
    lines = _lines(view, since_ms, ticket)
    return StreamingResponse(lines, media_type="text/event-stream", headers=HEADERS)


@router.get("/live/looking")
async def read_looking(view: Viewing, ticket: str) -> Response:
    """Who else looks at a ticket."""
    if not await _may_see(view, ticket):
        raise Problem(404, "ticket_not_found", "There is no such ticket")
    return view.page("_looking.html", others=await _others(view, ticket))


async def _lines(view: View, since_ms: int, ticket: str) -> AsyncIterator[bytes]:
    live: Live = view.request.app.state.live
    until, last_beat = monotonic() + LIFE_S, monotonic()
    seen: list[str] = []
    async with live.listening(_audience(view), since_ms) as listener:
        yield b"retry: 1000\n\n"
        try:
            while not listener.is_closed and monotonic() < until:
                message = await listener.next(LOOK_S if ticket else BEAT_S)
                if ticket and message == BEAT:
                    others = await _look(view, ticket)
                    message = LOOKING if others != seen else BEAT
                    seen = others
                if message != BEAT or monotonic() - last_beat >= BEAT_S:
                    last_beat = monotonic()
                    yield message
        finally:
            if ticket:
                await asyncio.shield(_leave(view, ticket))


def _audience(view: View) -> Audience:
    seen = kinds(
        tickets=view.has(*TICKETS),
        customers=view.may("/customers"),
        messages=view.may("/messages"),
    )
    if not view.has("partner"):
        return Audience(seen)
    assert view.who is not None  # noqa: S101 - routes of the signed in only

    async def sees(ids: Collection[str]) -> Collection[str]:
        later = View(view.request, wall_now())  # the token of the beginning may have run out
        return await later.ask.support.visible(ids)

    return Audience(seen, view.who.organisation, sees)


async def _may_see(view: View, ticket: str) -> bool:
    if not view.has("partner"):
        return view.has(*TICKETS)
    return ticket in await view.ask.support.visible([ticket])


async def _look(view: View, ticket: str) -> list[str]:
    """Say that somebody looks; who else does."""
    assert view.signed_in is not None  # noqa: S101 - routes of the signed in only
    now = wall_now()
    with suppress(SQLAlchemyError, OSError):
        async with view.begin() as store:
            await store.looking.forget(now)
            await store.looking.look(ticket, view.signed_in.account.id, now + LOOKS_FOR)
    return await _others(view, ticket)


async def _others(view: View, ticket: str) -> list[str]:
    assert view.signed_in is not None  # noqa: S101 - routes of the signed in only
    own = view.signed_in.account
    with suppress(SQLAlchemyError, OSError):
        async with view.begin() as store:
            others: list[str] = await store.looking.others(
                ticket, own.id, own.organisation, wall_now()
            )
            return others
    return []


async def _leave(view: View, ticket: str) -> None:
    assert view.signed_in is not None  # noqa: S101 - routes of the signed in only
    with suppress(SQLAlchemyError, OSError):
        async with view.begin() as store:
            await store.looking.leave(ticket, view.signed_in.account.id)
