"""`/v1/tickets`: list, read, assign, comment, resolve, reopen."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.domain.tickets import actions
from services.support.domain.tickets.actions import Action, By, opened_by
from services.support.domain.tickets.actions import Request as Asked
from services.support.domain.tickets.history import SERVICE, Entry
from services.support.domain.tickets.ticket import Resolution, Ticket
from services.support.edges.api.partners import theirs
from services.support.edges.api.partners.shared import (
    SharedDetail,
    SharedEntry,
    SharedTicket,
    refuse_audience,
    refuse_filters,
    refuse_guard,
)
from services.support.edges.api.tickets.views import (
    NO_NUL,
    Assign,
    Comment,
    EntryView,
    Reopen,
    Resolve,
    SummaryView,
    TicketDetail,
    TicketIn,
    TicketView,
)
from services.support.errors import TicketNotFound
from services.support.handlers.ports import Store
from services.support.handlers.tickets.act_on_ticket import act_on_ticket
from services.support.handlers.tickets.open_ticket import open_ticket
from shared.audited import difference, entry
from shared.db import audit
from shared.stream.transaction import transaction
from shared.web import etags, pages
from shared.web.auth import Caller
from shared.web.etags import IfMatch
from shared.web.idempotency import Idempotent, Once
from shared.web.pages import After, Limit, Page
from shared.web.who import Who

router = APIRouter(prefix="/v1/tickets", tags=["tickets"])

TicketId = Annotated[str, Path(max_length=64, pattern=NO_NUL)]
Filter = Annotated[str | None, Query(max_length=200, pattern=NO_NUL)]


@router.get("")
async def list_tickets(
    request: Request,
    who: Caller,
    state: Literal["open", "resolved"] | None = None,
    customer: Filter = None,
    device: Filter = None,
    fault_code: Filter = None,
    assignee: Filter = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[TicketView] | Page[SharedTicket]:
    """Tickets, the one opened last first; a partner's: those shared with it, by state and code."""
    given = {
        "state": state,
        "customer": customer,
        "device": device,
        "fault_code": fault_code,
        "assignee": assignee,
    }
    where = {name: value for name, value in given.items() if value is not None}
    organisation = who.organisation
    if organisation is not None:
        refuse_filters(where)
    place = pages.by_time(after)
    if organisation is not None:
        return await theirs.listed(request, who, organisation, where, place, limit)
    async with request.app.state.engine.connect() as connection:
        found = await _store(request, connection).tickets.newest(where, place, limit + 1)
    return pages.page(found, limit, TicketView.of, lambda seen: (seen[0].opened_at, seen[0].id))


@router.get("/summary")
async def summarise(request: Request) -> list[SummaryView]:
    """Tickets and the faults they absorbed, by fault code."""
    async with request.app.state.engine.connect() as connection:
        return [
            SummaryView.of(one) for one in await _store(request, connection).fault_facts.summary()
        ]


@router.get("/{ticket_id}")
async def read_ticket(
    request: Request, response: Response, who: Caller, ticket_id: TicketId
) -> TicketDetail | SharedDetail:
    """One ticket with its newest history and what is known of device and customer."""
    if who.organisation is not None:
        return await theirs.read(request, who, who.organisation, ticket_id)
    async with request.app.state.engine.begin() as connection:
        store = _store(request, connection)
        seen = await store.tickets.read(ticket_id)
        if seen is None:
            raise TicketNotFound(ticket_id)
        ticket, _ = seen
        lines = await store.history.newest(ticket_id, None, theirs.HISTORY_SHOWN)
        owner = None if ticket.customer is None else await store.customers.read(ticket.customer)
        detail = TicketDetail.of(seen).beside(
            None if ticket.device is None else await store.devices.read(ticket.device),
            owner,
            lines,
            await store.history.count(ticket_id),
            await store.sharing.organisations(ticket_id),
        )
        await _note(connection, who, ticket_id, lines)
    response.headers["ETag"] = etags.of_version(ticket.version)
    return detail


@router.get("/{ticket_id}/history")
async def read_history(
    request: Request, who: Caller, ticket_id: TicketId, limit: Limit = 50, after: After = None
) -> Page[EntryView] | Page[SharedEntry]:
    """The whole history of a ticket, the newest line first; a partner's: what is its to see."""
    place = pages.by_time(after)
    if who.organisation is not None:
        return await theirs.history(request, who, who.organisation, ticket_id, place, limit)
    async with request.app.state.engine.begin() as connection:
        store = _store(request, connection)
        if await store.tickets.read(ticket_id) is None:
            raise TicketNotFound(ticket_id)
        found = await store.history.newest(ticket_id, place, limit + 1)
        await _note(connection, who, ticket_id, found)
    return pages.page(found, limit, EntryView.of, lambda one: (one.at, one.id))


@router.post("", status_code=201, response_model=TicketView)
async def open_(request: Request, once: Idempotent, who: Caller, wish: TicketIn) -> Response:
    """Open a ticket for a customer who asked for something."""
    state = request.app.state
    by = By(who.subject, state.clock.now(), once.cause)
    asked = Asked(**wish.model_dump())
    async with transaction(state.engine, SERVICE, by.at) as tx:

        async def work() -> TicketView:
            ticket = await open_ticket(asked, by, _store(request, tx.connection), tx.emit)
            told = {**_audited(ticket), "channel": wish.channel.value, "characters": len(wish.text)}
            tx.audit(entry(who, "ticket.open", "ticket", ticket.id, after=told))
            return TicketView.of((ticket, None))

        async def again() -> TicketView:
            """Its subject stands in one table: made again, so that an erasure reaches it."""
            seen = await _store(request, tx.connection).tickets.read(opened_by(by))
            if seen is None:
                raise TicketNotFound(opened_by(by))
            return TicketView.of(seen)

        return await once.run(tx.connection, 201, work, again=again)


@router.post("/{ticket_id}/assign", response_model=TicketView)
async def assign(
    request: Request,
    once: Idempotent,
    who: Caller,
    ticket_id: TicketId,
    wish: Assign,
    if_match: IfMatch = None,
) -> Response:
    """Give an open ticket to somebody."""
    action = actions.assign(wish.assignee)
    return await _act(request, once, who, ticket_id, "assign", action, if_match)


@router.post("/{ticket_id}/comment", response_model=TicketView | SharedTicket)
async def comment(
    request: Request,
    once: Idempotent,
    who: Caller,
    ticket_id: TicketId,
    wish: Comment,
    if_match: IfMatch = None,
) -> Response:
    """Write something into a ticket's history; what a partner writes, we and it read.

    `audience` is for our own people: a partner's request that names it is refused (422).
    """
    if who.organisation is not None:
        refuse_audience(wish.model_fields_set)
    action = actions.comment(wish.text, wish.audience)
    size = len(wish.text)
    return await _act(
        request, once, who, ticket_id, "comment", action, if_match,
        audience=wish.audience, characters=size,
    )  # fmt: skip


@router.post("/{ticket_id}/resolve", response_model=TicketView | SharedTicket)
async def resolve(
    request: Request,
    once: Idempotent,
    who: Caller,
    ticket_id: TicketId,
    wish: Resolve,
    if_match: IfMatch = None,
) -> Response:
    """End an open ticket; the same fault within 72 h opens it again."""
    action = actions.resolve(Resolution(wish.resolution), wish.note)
    return await _act(request, once, who, ticket_id, "resolve", action, if_match)


@router.post("/{ticket_id}/reopen", response_model=TicketView)
async def reopen(
    request: Request,
    once: Idempotent,
    who: Caller,
    ticket_id: TicketId,
    wish: Reopen,
    if_match: IfMatch = None,
) -> Response:
    """Open a resolved ticket again, unless a newer one of the same fault is open."""
    action = actions.reopen(wish.note)
    return await _act(request, once, who, ticket_id, "reopen", action, if_match)


async def _note(connection: AsyncConnection, who: Who, ticket: str, lines: list[Entry]) -> None:
    """A row for a reading of what people wrote; what devices and timers say names nobody."""
    if any(not line.who.startswith(("device:", "playcaller")) for line in lines):
        await audit.record(connection, [entry(who, "ticket.read", "ticket", ticket)])


def _store(request: Request, connection: AsyncConnection) -> Store:
    """The store that wiring chose, on this connection."""
    made: Store = request.app.state.store(connection)
    return made


async def _act(
    request: Request,
    once: Once,
    who: Who,
    ticket_id: str,
    verb: str,
    action: Action,
    if_match: str | None,
    **more: Any,
) -> Response:
    """Do it and audit it.

    Args:
        more: what the audit says besides what changed of the ticket; nothing that people wrote.
    """
    if who.organisation is not None:
        refuse_guard(if_match)
    state = request.app.state
    by = By(who.subject, state.clock.now(), once.cause, who.organisation)
    versions = etags.versions_of(if_match)
    async with transaction(state.engine, SERVICE, by.at) as tx:

        async def work() -> TicketView | SharedTicket:
            store = _store(request, tx.connection)
            before, seen = await act_on_ticket(
                ticket_id, action, by, store, tx.emit, state.rules, versions=versions
            )
            ticket, _ = seen
            was, became = difference(_audited(before), _audited(ticket))
            if ticket.assignee != before.assignee:
                became["changed"] = ["assignee"]
            name = f"ticket.{verb}"
            tx.audit(entry(who, name, "ticket", ticket_id, before=was, after={**became, **more}))
            if who.organisation is not None:
                return SharedTicket.of(seen, await theirs.partner(store, who.organisation))
            return TicketView.of(seen)

        async def again() -> SharedTicket:
            """A partner sees what is so now: nothing, if the ticket is not shared any more."""
            return await theirs.shown(_store(request, tx.connection), who, ticket_id)

        return await once.run(
            tx.connection, 200, work, again=None if who.organisation is None else again
        )


def _audited(ticket: Ticket) -> dict[str, Any]:
    """What people change of a ticket; of the assignee only that it changed."""
    resolution = None if ticket.resolution is None else ticket.resolution.value
    return {"state": ticket.state.value, "resolution": resolution}
