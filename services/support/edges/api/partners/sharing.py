"""`/v1/tickets/{id}/share`, `/unshare`: which partner may see a ticket."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from services.support.domain.tickets.history import SERVICE
from services.support.edges.api.partners.organisations import OrganisationId
from services.support.edges.api.tickets.tickets import TicketId
from services.support.errors import OrganisationNotFound, TicketNotFound
from services.support.store.store import Store
from shared.audited import entry
from shared.stream.transaction import transaction
from shared.web.auth import Caller
from shared.web.idempotency import Idempotent, Once
from shared.web.who import Who

router = APIRouter(prefix="/v1/tickets", tags=["tickets"])


class ShareIn(BaseModel):
    """With whom."""

    model_config = ConfigDict(extra="forbid")

    organisation: OrganisationId


class Shared(BaseModel):
    """With whom a ticket is shared now."""

    ticket: str
    shared_with: list[str]


@router.post("/{ticket_id}/share", response_model=Shared)
async def share(
    request: Request, once: Idempotent, who: Caller, ticket_id: TicketId, wish: ShareIn
) -> Response:
    """Let a partner see and work on a ticket; sharing twice changes nothing."""
    return await _change(request, once, who, ticket_id, wish.organisation, shared=True)


@router.post("/{ticket_id}/unshare", response_model=Shared)
async def unshare(
    request: Request, once: Idempotent, who: Caller, ticket_id: TicketId, wish: ShareIn
) -> Response:
    """Take a ticket out of a partner's sight, from this moment on."""
    return await _change(request, once, who, ticket_id, wish.organisation, shared=False)


async def _change(
    request: Request, once: Once, who: Who, ticket_id: str, organisation: str, *, shared: bool
) -> Response:
    state = request.app.state
    now = state.clock.now()
    async with transaction(state.engine, SERVICE, now) as tx:

        async def work() -> Shared:
            store = Store(tx.connection)
            if await store.tickets.read(ticket_id) is None:
                raise TicketNotFound(ticket_id)
            if await store.organisations.hold(organisation) is None:
                raise OrganisationNotFound(organisation)
            mark = {"organisation": organisation}
            if shared and await store.sharing.share(ticket_id, organisation, who.subject, now):
                tx.audit(entry(who, "ticket.share", "ticket", ticket_id, after=mark))
            elif not shared and await store.sharing.unshare(ticket_id, organisation):
                tx.audit(entry(who, "ticket.unshare", "ticket", ticket_id, before=mark))
            return Shared(
                ticket=ticket_id, shared_with=await store.sharing.organisations(ticket_id)
            )

        return await once.run(tx.connection, 200, work)
