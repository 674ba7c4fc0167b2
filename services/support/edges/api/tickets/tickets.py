"""`/v1/tickets`: list, read, assign, comment, resolve, reopen."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date as Date  # noqa: N812
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.support.domain.tickets import actions
from services.support.domain.tickets.actions import Action
from services.support.domain.tickets.queue import Order, counted
from services.support.domain.tickets.ticket import Resolution
from services.support.edges.api.partners import theirs
from services.support.edges.api.partners.shared import (
    SharedDetail,
    SharedEntry,
    SharedTicket,
    refuse_audience,
    refuse_filters,
    refuse_guard,
)
from services.support.edges.api.tickets.queue import (
    Asked,
    CountsView,
    DaysView,
    Ids,
    NeighboursView,
    Text,
)
from services.support.edges.api.tickets.views import (
    Assign,
    Comment,
    EntryView,
    Reopen,
    Resolve,
    SummaryView,
    TicketDetail,
    TicketId,
    TicketIn,
    TicketView,
)
from services.support.edges.api.units import ChangeOnce, Read, Unit
from services.support.handlers.ports import Seen
from services.support.handlers.tickets import read_ticket as reading
from services.support.handlers.tickets.act_on_ticket import act_on_ticket
from services.support.handlers.tickets.open_ticket import open_ticket, opened_before
from shared.errors import NotFound
from shared.utc_days import begin, filled, last_days
from shared.web import etags, pages
from shared.web.counted import Counting
from shared.web.etags import IfMatch
from shared.web.guards.auth import Caller
from shared.web.pages import After, Limit, Page
from shared.web.problems import Problem

router = APIRouter(prefix="/v1/tickets", tags=["tickets"])


@router.get("")
async def list_tickets(
    read: Read,
    who: Caller,
    wanted: Asked,
    sort: Order = "newest",
    limit: Limit = 50,
    after: After = None,
) -> Page[TicketView] | Page[SharedTicket]:
    """Tickets, the one opened last first, or of open ones (`waiting`) the one that waits longest.

    A partner's: those shared with it, by state and code, the one opened last first.
    """
    if who.organisation is not None:
        refuse_filters(wanted)
    position = pages.by_time(after)
    if who.organisation is not None:
        return await theirs.listed(read, wanted, position, limit)
    async with read() as store:
        seen = await store.tickets.listed(wanted, position, limit + 1, order=sort)
    return pages.page(seen, limit, TicketView.of, partial(_place, sort))


def _place(sort: Order, seen: Seen) -> tuple[datetime, str]:
    ticket, _ = seen
    return (ticket.opened_at if sort == "newest" else ticket.open_since), ticket.id


@router.get("/counts")
async def count_tickets(read: Read, who: Caller, wanted: Asked) -> CountsView:
    """How many tickets there are of which kind, by the list's filters; open ones without `state`."""
    if wanted.state is None:
        wanted = replace(wanted, state="open")
    async with read() as store:
        return CountsView.of(counted(await store.tickets.groups(wanted), who.subject))


@router.get("/search")
async def find_tickets(
    read: Read, who: Caller, text: Text, limit: Limit = 10
) -> list[TicketView] | list[SharedTicket]:
    """Tickets that an id, a serial's beginning, a fault code or words of the subject lead to."""
    if who.organisation is not None:
        return await theirs.found(read, text, limit)
    async with read() as store:
        return [
            TicketView.of(seen_ticket) for seen_ticket in await store.tickets.found(text, limit)
        ]


@router.get("/visible")
async def which_are_visible(read: Read, who: Caller, ids: Ids) -> list[str]:
    """Which of these tickets the caller may see; nothing is said of the others, nor of these."""
    async with read() as store:
        return await store.tickets.visible(ids, who.organisation)


@router.get("/summary")
async def summarise(read: Read) -> list[SummaryView]:
    """Tickets and the faults they absorbed, by fault code."""
    async with read() as store:
        return [SummaryView.of(code) for code in await store.fault_facts.summary()]


@router.get("/days")
async def count_by_day(
    read: Read,
    counting: Counting,
    last: Annotated[int, Query(ge=1, le=90, description="Days of UTC.")] = 14,
) -> DaysView:
    """How many tickets were opened and resolved on each of the last days, the oldest first."""
    days = last_days(read.now(), last)

    async def count() -> tuple[Mapping[Date, int], Mapping[Date, int]]:
        async with read() as store:
            return await store.tickets.by_day(begin(days[0]))

    opened, resolved = await counting.get(
        ("days", days[0]), count, lambda both: sum(sum(by_day.values()) for by_day in both)
    )
    return DaysView(
        days=list(days), opened=list(filled(days, opened)), resolved=list(filled(days, resolved))
    )


@router.get("/{ticket_id}")
async def read_ticket(
    response: Response, read: Read, who: Caller, ticket_id: TicketId
) -> TicketDetail | SharedDetail:
    """One ticket with its newest history and what is known of device and customer."""
    if who.organisation is not None:
        return await theirs.detail(read, ticket_id)
    async with read.audited() as unit:
        whole = await reading.read_ticket(unit, ticket_id)
    response.headers["ETag"] = etags.of_version(whole.seen[0].version)
    return TicketDetail.whole(whole)


@router.get("/{ticket_id}/history")
async def read_history(
    read: Read, who: Caller, ticket_id: TicketId, limit: Limit = 50, after: After = None
) -> Page[EntryView] | Page[SharedEntry]:
    """The whole history of a ticket, the newest line first; a partner's: what is its to see."""
    position = pages.by_time(after)
    if who.organisation is not None:
        return await theirs.history(read, ticket_id, position, limit)
    async with read.audited() as unit:
        lines = await reading.read_history(unit, ticket_id, position, limit + 1)
    return pages.page(lines, limit, EntryView.of, lambda line: (line.at, line.id))


@router.get("/{ticket_id}/neighbours")
async def read_neighbours(
    read: Read, who: Caller, ticket_id: TicketId, wanted: Asked, sort: Order = "newest"
) -> NeighboursView:
    """The tickets before and after it in a list, by the list's filters and order."""
    if who.organisation is not None:
        refuse_filters(wanted)
        sort = "newest"
    async with read() as store:
        seen = await store.tickets.read(ticket_id, who.organisation)
        if seen is None:
            raise NotFound("ticket", ticket_id)
        before, after = await store.tickets.beside(wanted, seen[0], sort, who.organisation)
    return NeighboursView(before=before, after=after)


@router.post("", status_code=201, response_model=TicketView)
async def open_(once: ChangeOnce, who: Caller, wish: TicketIn) -> Response:
    """Open a ticket for a customer who asked for something, or whose play did."""
    if wish.play is not None and "service" not in who.roles:
        raise Problem(
            422, "not_your_field", "Plays ask for tickets themselves", "body.play: leave it out"
        )
    request = actions.Request(**wish.model_dump())

    async def work(unit: Unit) -> TicketView:
        return TicketView.of((await open_ticket(unit, request), None))

    async def again(unit: Unit) -> TicketView:
        """Its subject stands in one table: made again, so that an erasure reaches it."""
        return TicketView.of(await opened_before(unit))

    return await once(201, work, again=again)


@router.post("/{ticket_id}/assign", response_model=TicketView)
async def assign(
    once: ChangeOnce,
    ticket_id: TicketId,
    wish: Assign,
    if_match: IfMatch = None,
) -> Response:
    """Give an open ticket to somebody, or back."""
    action = actions.assign(wish.assignee)
    return await _act(once, ticket_id, "assign", action, if_match)


@router.post("/{ticket_id}/comment", response_model=TicketView | SharedTicket)
async def comment(
    once: ChangeOnce,
    ticket_id: TicketId,
    wish: Comment,
    if_match: IfMatch = None,
) -> Response:
    """Write something into a ticket's history; what a partner writes, we and it read.

    `audience` is for our own people: a partner's request that names it is refused (422).
    """
    if once.who.organisation is not None:
        refuse_audience(wish.model_fields_set)
    action = actions.comment(wish.text, wish.audience)
    size = len(wish.text)
    return await _act(
        once, ticket_id, "comment", action, if_match,
        audience=wish.audience, characters=size,
    )  # fmt: skip


@router.post("/{ticket_id}/resolve", response_model=TicketView | SharedTicket)
async def resolve(
    once: ChangeOnce,
    ticket_id: TicketId,
    wish: Resolve,
    if_match: IfMatch = None,
) -> Response:
    """End an open ticket; the same fault within 72 h opens it again."""
    action = actions.resolve(Resolution(wish.resolution), wish.note)
    return await _act(once, ticket_id, "resolve", action, if_match)


@router.post("/{ticket_id}/reopen", response_model=TicketView)
async def reopen(
    once: ChangeOnce,
    ticket_id: TicketId,
    wish: Reopen,
    if_match: IfMatch = None,
) -> Response:
    """Open a resolved ticket again, unless a newer one of the same fault is open."""
    action = actions.reopen(wish.note)
    return await _act(once, ticket_id, "reopen", action, if_match)


async def _act(
    once: ChangeOnce,
    ticket_id: str,
    verb: str,
    action: Action,
    if_match: str | None,
    **more: object,
) -> Response:
    """Let a handler do it.

    Args:
        more: what the audit says besides what changed of the ticket; nothing that people wrote.
    """
    is_partner = once.who.organisation is not None
    if is_partner:
        refuse_guard(if_match)
    versions = etags.versions_of(if_match)

    async def work(unit: Unit) -> TicketView | SharedTicket:
        seen = await act_on_ticket(unit, ticket_id, verb, action, versions=versions, **more)
        return await theirs.shown(unit, seen) if is_partner else TicketView.of(seen)

    async def again(unit: Unit) -> SharedTicket:
        return await theirs.now(unit, ticket_id)

    return await once(200, work, again=again if is_partner else None)
