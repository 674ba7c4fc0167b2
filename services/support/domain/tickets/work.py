"""Tickets being worked on within one transaction, and what has to be written and said afterwards."""

from collections.abc import Iterable
from datetime import datetime

from services.support.domain.faults.facts import Facts
from services.support.domain.tickets.history import SERVICE, Change, Entry, Told, What
from services.support.domain.tickets.ticket import Ticket
from shared import ids


class TicketWork:
    """Locked tickets and what becomes of them.

    Attributes:
        changed: every ticket this work changed, by id, as it is now.
        new: ids among them that this work opened.
        facts: of the faults that some of them are about, by the ticket's id.
    """

    def __init__(self, held: Iterable[Ticket] = (), facts: Iterable[Facts] = ()) -> None:
        self._held = {ticket.id: ticket for ticket in held}
        self.changed: dict[str, Ticket] = {}
        self.new: set[str] = set()
        self.facts = {fact.ticket: fact for fact in facts}
        self.entries: list[Entry] = []
        self.changes: list[Change] = []

    def get(self, id_: str) -> Ticket | None:
        """A ticket as it is now; None: it is not held."""
        return self.changed.get(id_, self._held.get(id_))

    def open(self, ticket: Ticket) -> Ticket:
        """Add a new ticket."""
        self.new.add(ticket.id)
        return self.put(ticket)

    def put(self, ticket: Ticket) -> Ticket:
        """Change a ticket that is held."""
        self.changed[ticket.id] = ticket
        return ticket

    def note(
        self, ticket: Ticket, what: What, *, at: datetime, who: str, cause: str, **detail: object
    ) -> None:
        """Add a line to the history; a cause writes one line of a kind."""
        id_ = ids.derived(SERVICE, cause, f"history:{what}")
        self.entries.append(Entry(id_, ticket.id, at, who, what, dict(detail)))

    def tell(self, ticket: Ticket, told: Told, *, at: datetime, cause: str) -> None:
        """Let the other services know."""
        facts = self.facts.get(ticket.id)
        about = () if facts is None else (facts.code, facts.model, facts.firmware)
        self.changes.append(Change(ticket, told, at, cause, *about))
