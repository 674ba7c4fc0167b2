"""A ticket comes into a partner's sight, or goes out of it."""

from collections.abc import Sequence

from services.support.handlers.ports import Unit
from shared.errors import NotFound


async def share(unit: Unit, ticket_id: str, organisation: str) -> Sequence[str]:
    """Share a ticket; twice changes nothing. Returns: with whom it is shared. Raises: NotFound."""
    await _both_are_there(unit, ticket_id, organisation)
    if await unit.store.sharing.share(ticket_id, organisation, unit.who.subject, unit.now):
        unit.audit("ticket.share", "ticket", ticket_id, after={"organisation": organisation})
    return await unit.store.sharing.organisations(ticket_id)


async def unshare(unit: Unit, ticket_id: str, organisation: str) -> Sequence[str]:
    """Share it no longer. Returns: with whom it is shared. Raises: NotFound."""
    await _both_are_there(unit, ticket_id, organisation)
    if await unit.store.sharing.unshare(ticket_id, organisation):
        unit.audit("ticket.unshare", "ticket", ticket_id, before={"organisation": organisation})
    return await unit.store.sharing.organisations(ticket_id)


async def _both_are_there(unit: Unit, ticket_id: str, organisation: str) -> None:
    if await unit.store.tickets.read(ticket_id) is None:
        raise NotFound("ticket", ticket_id)
    if await unit.store.organisations.hold(organisation) is None:
        raise NotFound("organisation", organisation)
