"""`/tickets`: the queue of a desk, or what is shared with a partner."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.safe_cells import Value
from services.console.domain.pages.tickets.queue import SORTS, STATES, Queue, views
from services.console.edges.pages import files, panels
from services.console.edges.pages.files import File
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import SEE_PEOPLE, colleagues, customers_called, names
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import MANY
from services.console.edges.services.support import Ticket, Tickets
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
DESK: frozenset[Role] = frozenset({"agent", "csm", "lead", "admin"})
ENDED = (
    "fix", "config", "education", "workaround", "exchange", "refund", "none", "wont_fix", "duplicate"
)  # fmt: skip
SHOWN = ("customer", "priority", "assignee", "team", "device", "opened", "since")
USUAL = ("customer", "priority", "assignee", "since")
PRIORITIES = ("urgent", "high", "normal", "low")
READERS: frozenset[Role] = frozenset({"agent", "csm", "lead", "oncall", "admin"})
ROLES: frozenset[Role] = READERS | {"partner"}


def choosable(view: View) -> Sequence[str]:
    """The columns there are; whoever sees no names of customers is not shown their ids instead."""
    return [name for name in SHOWN if name != "customer" or view.has(*SEE_PEOPLE)]


def shown_columns(view: View) -> Sequence[str]:
    """What the queue shows beside a ticket's title."""
    if view.has("partner"):
        return ("priority", "since")
    there = choosable(view)
    return view.wishes.shown("/tickets", there, [name for name in USUAL if name in there])


async def _views(view: View) -> Mapping[str, Any]:
    assert view.who is not None  # noqa: S101 - routes of the signed in only
    own = view.wishes.views.get("/tickets", [])
    queues = [Queue.asked(dict(parse_qsl(view_saved.query))) for view_saved in own]
    counts, *counts_of = await asyncio.gather(
        view.ask.support.counts(),
        *(view.ask.support.counts(queue.filters) for queue in queues),
    )
    saved = [
        (view_saved, queue, counted.tickets)
        for view_saved, queue, counted in zip(own, queues, counts_of, strict=True)
    ]
    many = {"unassigned": counts.unassigned, "mine": counts.mine, "open": counts.tickets}
    wanted = Queue.asked(view.request.query_params)
    return {"views": views(view.who.subject), "many": many, "wanted": wanted, "saved": saved}


async def _rows(view: View) -> Mapping[str, Any]:
    """The table: a page of the list, or of it those whose ids the browser says (`static/live.js`)."""
    wanted, only = Queue.asked(view.request.query_params), view.request.query_params.getlist("only")
    listed = await _listed(view, wanted, only)
    people = await names(view, (ticket.assignee for ticket in listed.items))
    has_customer = "customer" in shown_columns(view) and not only  # they stand there already
    customers = (
        [ticket.customer for ticket in listed.items if ticket.customer] if has_customer else []
    )
    return {
        "found": listed,
        "wanted": wanted,
        "people": people,
        "acts": view.has(*DESK),
        "columns": shown_columns(view),
        "customers": await customers_called(view, customers) if customers else {},
    }


async def _listed(view: View, wanted: Queue, only: Sequence[str]) -> Tickets:
    asked: dict[str, str | list[str]] = {**wanted.asks(partner=view.has("partner"))}
    if not only:
        return await view.ask.support.tickets(asked)
    asked |= {"id": sorted(set(only)), "limit": str(MANY)}
    if view.has("partner"):  # what a partner reads is audited for each of its people
        return await view.ask.support.tickets(asked)
    return await view.alike(("tickets", repr(asked)), partial(view.ask.support.tickets, asked))


async def _queue(view: View) -> Mapping[str, Any]:
    return {
        **await _rows(view),
        "colleagues": await colleagues(view, DESK) if view.has(*DESK) else [],
        "ended": options(view, "resolutions", ENDED),
    }


COLUMNS = (
    "id", "subject", "fault_code", "device", "state", "priority", "assignee", "team", "opened_at",
    "reopened_at", "resolved_at",
)  # fmt: skip


async def _page(view: View, after: str | None) -> Tickets:
    wanted = Queue.asked({**view.request.query_params, "after": after or ""})
    asked = wanted.asks(partner=view.has("partner"))
    return await view.ask.support.tickets({**asked, "limit": str(MANY)})


def _cells(ticket: Ticket) -> Sequence[Value]:
    told = {name: getattr(ticket, name) for name in COLUMNS}
    return list({**told, "device": ticket.device or ticket.device_ends}.values())


FILES = (File("tickets", COLUMNS, _page, _cells),)
PANELS = (
    Panel("views", "tickets.views", "_ticket_views.html", _views, READERS),
    Panel("queue", "tickets.queue", "_queue.html", _queue),
)
ROWS = Panel("rows", "tickets.queue", "_queue_rows.html", _rows)  # what changes of the queue


@router.get("/tickets")
async def read_tickets(view: Viewing) -> Response:
    """The queue."""
    return view.page(
        "tickets.html",
        panels=await panels.shown(view, PANELS),
        wanted=Queue.asked(view.request.query_params),
        states=options(view, "states", STATES),
        sorts=options(view, "sorts", SORTS),
        priorities=options(view, "priorities", PRIORITIES),
        there=options(view, "columns", choosable(view)),
        columns=shown_columns(view),
    )


def options(view: View, table: str, values: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Values with their words, to choose from."""
    words = view.words
    return [(value, words(f"tickets.{table}.{value}")) for value in values]


panels.serve(router, "/tickets", (*PANELS, ROWS))
files.serve(router, "/tickets", FILES)
