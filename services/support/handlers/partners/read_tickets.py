"""What partners' people and programs read of tickets; each reading leaves a row in the audit."""

from collections.abc import Sequence

from services.support.domain.partners.organisation import Partner
from services.support.domain.tickets.history import Entry
from services.support.domain.tickets.queue import Wanted
from services.support.handlers.ports import Cursor, Seen, Unit
from shared.errors import NotFound
from shared.masking import mask

MANY = 50  # candidates of a search
SHOWN = 200  # lines of history beside a ticket


async def list_tickets(
    unit: Unit, wanted: Wanted, before: Cursor | None, limit: int
) -> Sequence[Seen]:
    """Tickets shared with it, and one more where there are more."""
    organisation = _organisation(unit)
    tickets = unit.store.tickets
    seen = await tickets.listed(wanted, before, limit + 1, organisation=organisation)
    if seen:
        shown = {"tickets": [ticket.id for ticket, _ in seen[:limit]]}
        unit.audit("ticket.list", "organisation", organisation, after=shown)
    return seen


async def find_tickets(unit: Unit, text: str, limit: int) -> Sequence[Seen]:
    """Tickets shared with it that a text leads to, by what it is shown of them: nothing hidden."""
    organisation = _organisation(unit)
    seen = await unit.store.tickets.found(text, MANY, organisation)
    words = [word.lower() for word in Wanted(text=text).words]
    shown = [seen_ticket for seen_ticket in seen if _leads(seen_ticket, text, words)][:limit]
    if shown:
        told = {"tickets": [ticket.id for ticket, _ in shown]}
        unit.audit("ticket.list", "organisation", organisation, after=told)
    return shown


def _leads(seen: Seen, text: str, words: Sequence[str]) -> bool:
    ticket, facts = seen
    if text == ticket.id or (facts is not None and text == facts.code):
        return True
    said = Wanted(text=mask(ticket.subject or "").lower()).words
    return bool(words) and all(any(spoken.startswith(word) for spoken in said) for word in words)


async def read_ticket(unit: Unit, ticket_id: str) -> tuple[Seen, Sequence[Entry]]:
    """One ticket with the newest lines that it may see. Raises: NotFound."""
    seen = await read(unit, ticket_id)
    lines = await unit.store.history.newest(ticket_id, None, SHOWN, _organisation(unit))
    unit.audit("ticket.read", "ticket", ticket_id)
    return seen, lines


async def read_history(
    unit: Unit, ticket_id: str, before: Cursor | None, limit: int
) -> Sequence[Entry]:
    """Lines that it may see. Raises: NotFound."""
    await read(unit, ticket_id)
    lines = await unit.store.history.newest(ticket_id, before, limit, _organisation(unit))
    unit.audit("ticket.read", "ticket", ticket_id)
    return lines


async def read(unit: Unit, ticket_id: str) -> Seen:
    """One ticket as it is now. Raises: NotFound, also where it is not shared with it."""
    seen = await unit.store.tickets.read(ticket_id, _organisation(unit))
    if seen is None:
        raise NotFound("ticket", ticket_id)
    return seen


async def viewer(unit: Unit) -> Partner:
    """The one who looks on, with what its names for customers are made of."""
    return Partner(_organisation(unit), await unit.store.secrets.references())


def _organisation(unit: Unit) -> str:
    return unit.who.organisation or ""
