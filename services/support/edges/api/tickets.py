"""`/v1/tickets`: list, read, assign, comment, resolve, reopen."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.domain import actions
from services.support.domain.actions import Action, By
from services.support.domain.progress import SERVICE, Done
from services.support.domain.ticket import Resolution, Ticket
from services.support.edges.api.views import (
    NO_NUL,
    Assign,
    Comment,
    EntryView,
    Reopen,
    Resolve,
    SummaryView,
    TicketDetail,
    TicketView,
    Wish,
)
from services.support.errors import TicketNotFound
from services.support.handlers.act_on_ticket import act_on_ticket
from services.support.handlers.ports import Place, Store
from shared import ids
from shared.stream.transaction import transaction
from shared.web import pages
from shared.web.pages import After, Limit, Page

HISTORY_SHOWN = 200

router = APIRouter(prefix="/v1/tickets", tags=["tickets"])

TicketId = Annotated[str, Path(max_length=64, pattern=NO_NUL)]
Filter = Annotated[str | None, Query(max_length=200, pattern=NO_NUL)]
IdempotencyKey = Annotated[
    str | None,
    Header(max_length=200, description="The same wish sent twice is done once."),
]
IfMatch = Annotated[
    str | None,
    Header(pattern=r'^(\*|"[0-9]{1,9}")$', description="The ETag that was read."),
]


@router.get("")
async def list_tickets(
    request: Request,
    state: Literal["open", "resolved"] | None = None,
    customer: Filter = None,
    device: Filter = None,
    fault_code: Filter = None,
    assignee: Filter = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[TicketView]:
    """Tickets, the one opened last first."""
    given = {
        "state": state,
        "customer": customer,
        "device": device,
        "fault_code": fault_code,
        "assignee": assignee,
    }
    where = {name: value for name, value in given.items() if value is not None}
    async with request.app.state.engine.connect() as connection:
        found = await _store(request, connection).tickets.newest(where, _place(after), limit + 1)
    return pages.page(found, limit, TicketView.of, lambda one: (one.opened_at, one.id))


@router.get("/summary")
async def summarise(request: Request) -> list[SummaryView]:
    """Tickets and the faults they absorbed, by fault code."""
    async with request.app.state.engine.connect() as connection:
        return [SummaryView.of(one) for one in await _store(request, connection).tickets.summary()]


@router.get("/{ticket_id}")
async def read_ticket(request: Request, response: Response, ticket_id: TicketId) -> TicketDetail:
    """One ticket with its newest history and what is known of device and customer."""
    async with request.app.state.engine.connect() as connection:
        store = _store(request, connection)
        ticket = await store.tickets.read(ticket_id)
        if ticket is None:
            raise TicketNotFound(ticket_id)
        owner = None if ticket.customer is None else await store.customers.read(ticket.customer)
        detail = TicketDetail.of(ticket).beside(
            await store.devices.read(ticket.device),
            owner,
            await store.history.newest(ticket_id, None, HISTORY_SHOWN),
            await store.history.count(ticket_id),
        )
    _tag(response, ticket)
    return detail


@router.get("/{ticket_id}/history")
async def read_history(
    request: Request, ticket_id: TicketId, limit: Limit = 50, after: After = None
) -> Page[EntryView]:
    """The whole history of a ticket, the newest line first."""
    async with request.app.state.engine.connect() as connection:
        store = _store(request, connection)
        found = await store.history.newest(ticket_id, _place(after), limit + 1)
        if not found and await store.tickets.read(ticket_id) is None:
            raise TicketNotFound(ticket_id)
    return pages.page(found, limit, EntryView.of, lambda one: (one.at, one.id))


@router.post("/{ticket_id}/assign")
async def assign(
    request: Request,
    response: Response,
    ticket_id: TicketId,
    wish: Assign,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> TicketView:
    """Give an open ticket to somebody."""
    action = actions.assign(wish.assignee)
    asked = _asked(ticket_id, "assigned", idempotency_key)
    return await _act(request, response, asked, action, wish, if_match)


@router.post("/{ticket_id}/comment")
async def comment(
    request: Request,
    response: Response,
    ticket_id: TicketId,
    wish: Comment,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> TicketView:
    """Write something into a ticket's history."""
    action = actions.comment(wish.text)
    asked = _asked(ticket_id, "commented", idempotency_key)
    return await _act(request, response, asked, action, wish, if_match)


@router.post("/{ticket_id}/resolve")
async def resolve(
    request: Request,
    response: Response,
    ticket_id: TicketId,
    wish: Resolve,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> TicketView:
    """End an open ticket; the same fault within 72 h opens it again."""
    action = actions.resolve(Resolution(wish.resolution), wish.note)
    asked = _asked(ticket_id, "resolved", idempotency_key)
    return await _act(request, response, asked, action, wish, if_match)


@router.post("/{ticket_id}/reopen")
async def reopen(
    request: Request,
    response: Response,
    ticket_id: TicketId,
    wish: Reopen,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> TicketView:
    """Open a resolved ticket again, unless a newer one of the same fault is open."""
    action = actions.reopen(wish.note)
    asked = _asked(ticket_id, "reopened", idempotency_key)
    return await _act(request, response, asked, action, wish, if_match)


def _store(request: Request, connection: AsyncConnection) -> Store:
    """The store that wiring chose, on this connection."""
    made: Store = request.app.state.store(connection)
    return made


def _asked(ticket_id: str, what: Done, key: str | None) -> tuple[str, Done, str]:
    """What is to be done to which ticket, and the identity of the wish."""
    return ticket_id, what, f"api:{what}:{ticket_id}:{key or ids.random_id()}"


async def _act(
    request: Request,
    response: Response,
    asked: tuple[str, Done, str],
    action: Action,
    wish: Wish,
    if_match: str | None,
) -> TicketView:
    ticket_id, what, cause = asked
    state = request.app.state
    now = state.clock.now()
    version = None if if_match in {None, "*"} else int(str(if_match).strip('"'))
    async with transaction(state.engine, SERVICE, now) as tx:
        ticket = await act_on_ticket(
            ticket_id,
            what,
            action,
            By(wish.who, now, cause),
            _store(request, tx.connection),
            tx.emit,
            state.rules,
            version=version,
        )
    _tag(response, ticket)
    return TicketView.of(ticket)


def _tag(response: Response, ticket: Ticket) -> None:
    response.headers["ETag"] = f'"{ticket.version}"'


def _place(after: tuple[Any, ...] | None) -> Place | None:
    """Time and id of the last item of the page before."""
    if after is None:
        return None
    at, id_ = after if len(after) == 2 else (None, "")
    return pages.moment(at), str(id_)
