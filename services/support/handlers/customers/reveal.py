"""Contact data in clear: a permission for a quarter of an hour, with a reason."""

from datetime import datetime

from services.support.domain.customers.reveals import LASTS
from services.support.domain.tickets.history import SERVICE, Entry
from services.support.errors import ContactHidden, ContactUnknown
from services.support.handlers.ports import Store, Unit
from services.support.handlers.tickets.saving import author
from shared import ids
from shared.errors import NotFound


async def reveal(unit: Unit, ticket_id: str, purpose: str, reason: str) -> datetime:
    """Permit the caller to read the contact of the ticket's customer. Returns: until when.

    Raises: NotFound, also where it is not shared with the caller; ContactUnknown.
    """
    store, who, until = unit.store, unit.who, unit.now + LASTS
    await _customer(store, ticket_id, who.organisation)
    await store.reveals.forget(unit.now)
    await store.reveals.grant(who.subject, ticket_id, until)
    told = {**author(unit).mark, "purpose": purpose, "reason": reason}
    id_ = ids.derived(SERVICE, unit.cause, "history:revealed")
    await store.history.add([Entry(id_, ticket_id, unit.now, who.subject, "revealed", told)])
    why = f"ticket history {id_}"  # what people write stands there only
    after = {"until": until, "purpose": purpose}
    unit.audit("contact.reveal", "ticket", ticket_id, after=after, why=why)
    return until


async def permitted(unit: Unit, ticket_id: str) -> tuple[str, datetime]:
    """Whose contact the caller may read now, and until when.

    Raises: NotFound; ContactUnknown; ContactHidden: not, or not any more.
    """
    customer = await _customer(unit.store, ticket_id, unit.who.organisation)
    until = await unit.store.reveals.until(unit.who.subject, ticket_id, unit.now)
    if until is None:
        raise ContactHidden
    return customer, until


def note_reading(unit: Unit, ticket_id: str) -> None:
    """Audit that contact data were read."""
    unit.audit("contact.read", "ticket", ticket_id)


async def _customer(store: Store, ticket_id: str, organisation: str | None) -> str:
    seen = await store.tickets.read(ticket_id, organisation)
    if seen is None:
        raise NotFound("ticket", ticket_id)
    ticket, _ = seen
    if ticket.customer is None:
        raise ContactUnknown
    return ticket.customer
