"""`/v1/tickets`: list, read, assign, comment, resolve, reopen."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.domain import actions
from services.support.domain.actions import Action, By
from services.support.domain.progress import SERVICE
from services.support.domain.ticket import Resolution
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
from shared.stream.transaction import transaction
from shared.web import pages
from shared.web.idempotency import Idempotent, Once
from shared.web.pages import After, Limit, Page

HISTORY_SHOWN = 200

router = APIRouter(prefix="/v1/tickets", tags=["tickets"])

TicketId = Annotated[str, Path(max_length=64, pattern=NO_NUL)]
Filter = Annotated[str | None, Query(max_length=200, pattern=NO_NUL)]
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
    response.headers["ETag"] = f'"{ticket.version}"'
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


@router.post("/{ticket_id}/assign", response_model=TicketView)
async def assign(
    request: Request, once: Idempotent, ticket_id: TicketId, wish: Assign, if_match: IfMatch = None
) -> Response:
    """Give an open ticket to somebody."""
    action = actions.assign(wish.assignee)
    return await _act(request, once, ticket_id, action, wish, if_match)


@router.post("/{ticket_id}/comment", response_model=TicketView)
async def comment(
    request: Request, once: Idempotent, ticket_id: TicketId, wish: Comment, if_match: IfMatch = None
) -> Response:
    """Write something into a ticket's history."""
    action = actions.comment(wish.text)
    return await _act(request, once, ticket_id, action, wish, if_match)


@router.post("/{ticket_id}/resolve", response_model=TicketView)
async def resolve(
    request: Request, once: Idempotent, ticket_id: TicketId, wish: Resolve, if_match: IfMatch = None
) -> Response:
    """End an open ticket; the same fault within 72 h opens it again."""
    action = actions.resolve(Resolution(wish.resolution), wish.note)
    return await _act(request, once, ticket_id, action, wish, if_match)


@router.post("/{ticket_id}/reopen", response_model=TicketView)
async def reopen(
    request: Request, once: Idempotent, ticket_id: TicketId, wish: Reopen, if_match: IfMatch = None
) -> Response:
    """Open a resolved ticket again, unless a newer one of the same fault is open."""
    action = actions.reopen(wish.note)
    return await _act(request, once, ticket_id, action, wish, if_match)


def _store(request: Request, connection: AsyncConnection) -> Store:
    """The store that wiring chose, on this connection."""
    made: Store = request.app.state.store(connection)
    return made


async def _act(
    request: Request,
    once: Once,
    ticket_id: str,
    action: Action,
    wish: Wish,
    if_match: str | None,
) -> Response:
    state = request.app.state
    by = By(wish.who, state.clock.now(), once.cause)
    version = None if if_match in {None, "*"} else int(str(if_match).strip('"'))
    async with transaction(state.engine, SERVICE, by.at) as tx:

        async def work() -> TicketView:
            store = _store(request, tx.connection)
            ticket = await act_on_ticket(
                ticket_id, action, by, store, tx.emit, state.rules, version=version
            )
            return TicketView.of(ticket)

        return await once.run(tx.connection, 200, work)


def _place(after: tuple[Any, ...] | None) -> Place | None:
    """Time and id of the last item of the page before."""
    if after is None:
        return None
    at, id_ = after if len(after) == 2 else (None, "")
    readable = isinstance(id_, str) and "\x00" not in id_
    return pages.moment(at if readable else None), str(id_)
