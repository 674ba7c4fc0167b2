"""`/tickets/{id}`: one ticket, its history as a conversation, and what can be done with it."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from services.console.domain.pages.tickets.queue import Queue
from services.console.domain.pages.undo import Undo, undo
from services.console.edges.pages import kept
from services.console.edges.pages.forms import Form
from services.console.edges.pages.frame import HEADERS
from services.console.edges.pages.people import colleagues, customers_called, names
from services.console.edges.pages.refused import why
from services.console.edges.pages.tickets.ticket_lines import Line, line
from services.console.edges.pages.tickets.tickets import DESK, ENDED, options
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.support import Act, Beside, Whole
from shared import ids
from shared.errors import TryLater
from shared.web.client.answered import Away, Refused
from shared.web.problems import Problem
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
SHARERS: frozenset[Role] = frozenset({"lead", "admin"})
ACTS: tuple[Act, ...] = ("assign", "comment", "resolve", "reopen", "share", "unshare")
UNGUARDED = frozenset({"comment", "share", "unshare"})  # they overwrite nothing
UNDONE = "undone"
LOST = frozenset({401, 403, 404})  # there is nothing to show again


@dataclass(frozen=True)
class Tried:
    """What somebody has typed, and why it was not done."""

    form: Mapping[str, str]
    problem: str


NOTHING = Tried({}, "")


@router.get("/tickets/{ticket_id}")
async def read_ticket(view: Viewing, ticket_id: str, said: str = "") -> Response:
    """One ticket."""
    return await _shown(view, ticket_id, said=said if said in (*ACTS, UNDONE) else "")


@router.post("/tickets/{ticket_id}/assign")
async def give_ticket(view: Viewing, ticket_id: str, form: Form) -> Response:
    """Somebody has it from now on: who looks, a colleague, a team; empty: nobody."""
    return await _do(view, ticket_id, "assign", form, {"assignee": form.get("assignee") or None})


@router.post("/tickets/{ticket_id}/comment")
async def write_comment(view: Viewing, ticket_id: str, form: Form) -> Response:
    """Say something; who reads it besides us is for our own people to choose."""
    body = {"text": _lines(form, "text")}
    if not view.has("partner"):
        body["audience"] = "shared" if form.get("audience") == "shared" else "internal"
    return await _do(view, ticket_id, "comment", form, body)


@router.post("/tickets/{ticket_id}/resolve")
async def resolve_ticket(view: Viewing, ticket_id: str, form: Form) -> Response:
    """End it."""
    note = {"note": _lines(form, "note")} if form.get("note") else {}
    body = {"resolution": form.get("resolution", ""), **note}
    return await _do(view, ticket_id, "resolve", form, body)


@router.post("/tickets/{ticket_id}/reopen")
async def reopen_ticket(view: Viewing, ticket_id: str, form: Form) -> Response:
    """Open it again."""
    body = {"note": _lines(form, "note")} if form.get("note") else {}
    return await _do(view, ticket_id, "reopen", form, body)


@router.post("/tickets/{ticket_id}/share")
async def share_ticket(view: Viewing, ticket_id: str, form: Form) -> Response:
    """Let a partner see it."""
    body = {"organisation": form.get("organisation", "")}
    return await _do(view, ticket_id, "share", form, body)


@router.post("/tickets/{ticket_id}/unshare")
async def unshare_ticket(view: Viewing, ticket_id: str, form: Form) -> Response:
    """Take it out of a partner's sight."""
    body = {"organisation": form.get("organisation", "")}
    return await _do(view, ticket_id, "unshare", form, body)


def _lines(form: Mapping[str, str], name: str) -> str:
    """Browsers end lines with CR LF."""
    return form.get(name, "").replace("\r\n", "\n")


async def _do(
    view: View, ticket_id: str, act: Act, form: Mapping[str, str], body: Mapping[str, str | None]
) -> Response:
    """Let support do it; whatever comes of it, what was typed is not lost."""
    key = form.get("key") or ids.random_id()
    seen = form.get("seen") if act not in UNGUARDED else None
    try:
        try:
            await view.ask.support.act(ticket_id, act, body, key=key, seen=seen or None)
        except Refused as refused:
            if refused.status in LOST:
                raise
            tried = Tried(form, why(view, refused))
            return await _shown(view, ticket_id, refused.status, tried=tried)
    except Away as away:
        words = view.words
        problem = words("panels.away_says", service=words(f"services.{away.service}"))
        said = kept.Said(words("kept.title"), problem)
        page = kept.html(view, said, {**form, "key": key})
        return HTMLResponse(page, 503, headers=HEADERS)
    queue = Queue.asked(view.request.query_params)
    done = UNDONE if form.get(UNDONE) else act
    return view.go(f"{queue.ticket(ticket_id)}&said={done}")


async def _shown(
    view: View, ticket_id: str, status: int = 200, *, said: str = "", tried: Tried = NOTHING
) -> Response:
    queue = Queue.asked(view.request.query_params)
    (ticket, seen), beside, choices = await asyncio.gather(
        view.ask.support.ticket(ticket_id), _beside(view, ticket_id, queue), _choices(view)
    )
    subjects = [ticket.assignee]
    for entry in ticket.history:
        subjects += [entry.who, entry.given_to]
    people = await names(view, subjects)
    words = view.words
    lines = [line(words, entry, people) for entry in ticket.history]
    return view.page(
        "ticket.html",
        status=status,
        ticket=ticket,
        live=f"&ticket={quote(ticket_id, safe='')}",
        queue=queue,
        beside=beside,
        lines=lines,
        meanwhile=_since(lines, tried.form.get("read_at", "")) if tried.problem else [],
        undo=_undo(view, ticket) if view.has(*DESK) else None,
        people=people,
        customer=await customers_called(view, filter(None, [ticket.customer])),
        keys={act: ids.random_id() for act in ACTS},
        seen=seen,
        said=said,
        tried=tried,
        ended=options(view, "resolutions", ENDED),
        audiences=options(view, "audiences", ("internal", "shared")),
        acts=view.has(*DESK),
        shares=view.has(*SHARERS),
        partner=view.has("partner"),
        **choices,
    )


def _since(lines: Sequence[Line], read_at: str) -> Sequence[Line]:
    """What happened after somebody had opened the page."""
    try:
        opened = datetime.fromisoformat(read_at)
        return [line for line in lines if line.at > opened]
    except (ValueError, TypeError):  # no time, or none with a zone
        return []


def _undo(view: View, ticket: Whole) -> Undo | None:
    if not ticket.history or view.who is None:
        return None
    last = ticket.history[0]
    own = last.who == view.who.subject
    return undo(last.what, last.had_it, last.at, view.now, own=own)


async def _beside(view: View, ticket_id: str, queue: Queue) -> Beside:
    """Its neighbours in the queue; what cannot be told is left out: the ticket counts."""
    with suppress(Problem, TryLater):
        return await view.ask.support.beside(ticket_id, queue.asks(partner=view.has("partner")))
    return Beside()


async def _choices(view: View) -> Mapping[str, Any]:
    """People, teams, partners to choose from; without them what is known is shown all the same."""
    people = await colleagues(view, DESK) if view.has(*DESK) else []
    teams: list[str] = []
    partners: Mapping[str, str] = {}
    with suppress(Problem, TryLater):
        if view.has(*DESK):
            counts, known = await asyncio.gather(
                view.ask.support.counts(), view.ask.support.organisations()
            )
            teams = sorted(counts.teams)
            partners = {
                organisation.id: organisation.name for organisation in known if organisation.active
            }
    return {"colleagues": people, "teams": teams, "partners": partners}
