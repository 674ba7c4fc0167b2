"""`/v1/tickets/{id}/share`, `/unshare`: which partner may see a ticket."""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from services.support.edges.api.partners.organisations import OrganisationId
from services.support.edges.api.tickets.views import TicketId
from services.support.edges.api.units import ChangeOnce, Unit
from services.support.handlers.partners import sharing
from shared.web.bodies import Body

router = APIRouter(prefix="/v1/tickets", tags=["tickets"])


class ShareIn(Body):
    """With whom."""

    organisation: OrganisationId


class Shared(BaseModel):
    """With whom a ticket is shared now."""

    ticket: str
    shared_with: list[str]


@router.post("/{ticket_id}/share", response_model=Shared)
async def share(once: ChangeOnce, ticket_id: TicketId, wish: ShareIn) -> Response:
    """Let a partner see and work on a ticket; sharing twice changes nothing."""

    async def work(unit: Unit) -> Shared:
        shared_with = await sharing.share(unit, ticket_id, wish.organisation)
        return Shared(ticket=ticket_id, shared_with=list(shared_with))

    return await once(200, work)


@router.post("/{ticket_id}/unshare", response_model=Shared)
async def unshare(once: ChangeOnce, ticket_id: TicketId, wish: ShareIn) -> Response:
    """Take a ticket out of a partner's sight, from this moment on."""

    async def work(unit: Unit) -> Shared:
        shared_with = await sharing.unshare(unit, ticket_id, wish.organisation)
        return Shared(ticket=ticket_id, shared_with=list(shared_with))

    return await once(200, work)
