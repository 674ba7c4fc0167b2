"""One fault key being worked on: its state and its tickets, within one transaction."""

from collections.abc import Iterable

from msgspec.structs import replace

from services.support.domain.faults import flapping
from services.support.domain.faults.facts import Facts
from services.support.domain.faults.fault_key import FaultKey
from services.support.domain.tickets.ticket import Ticket
from services.support.domain.tickets.work import TicketWork
from services.support.errors import NewerTicketOpen


class FaultWork:
    """One key's work; what becomes of its tickets stands in `tickets`.

    Attributes:
        state: of the key, as it is now.
        changed: fault facts of tickets that this work changed, by the ticket's id, as they are now.
    """

    def __init__(
        self, state: FaultKey, held: Iterable[Ticket] = (), facts: Iterable[Facts] = ()
    ) -> None:
        self.state = state
        self.tickets = TicketWork(held, facts)
        self.changed: dict[str, Facts] = {}

    @property
    def ticket(self) -> Ticket | None:
        """The key's open ticket, or its newest one."""
        return None if self.state.ticket is None else self.tickets.get(self.state.ticket)

    @property
    def facts(self) -> Facts | None:
        """The fault facts of that ticket."""
        return None if self.state.ticket is None else self.tickets.facts.get(self.state.ticket)

    def set(self, **changes: object) -> None:
        """Change the key's state."""
        self.state = replace(self.state, **changes)

    def put(self, facts: Facts) -> Facts:
        """Change the fault facts of a ticket."""
        self.changed[facts.ticket] = self.tickets.facts[facts.ticket] = facts
        return facts

    def open(self, ticket: Ticket, facts: Facts) -> Ticket:
        """Add a new ticket, from now on the key's."""
        self.put(facts)
        self.set(ticket=ticket.id)
        return self.tickets.open(ticket)

    def resolved(self, ticket: Ticket) -> None:
        """All that waited on the key ends with its ticket."""
        self.set(recovery_due=None, flapping=flapping.ended(self.state.flapping))
        self.put(replace(self.tickets.facts[ticket.id], is_open=False, flapping=False))

    def reopened(self, ticket: Ticket) -> None:
        """The ticket is the key's again.

        Raises: NewerTicketOpen: another one is open.
        """
        current = self.ticket
        if current is not None and current.id != ticket.id and current.is_open:
            raise NewerTicketOpen(ticket.id, current.id)
        self.set(ticket=ticket.id, recovery_due=None, flapping=flapping.ended(self.state.flapping))
        self.put(replace(self.tickets.facts[ticket.id], is_open=True))

    def follow(self, before: Ticket, after: Ticket) -> None:
        """A person acted on a ticket of the key: what that means for the fault."""
        if before.is_open and not after.is_open:
            self.resolved(after)
        elif after.is_open and not before.is_open:
            self.reopened(after)
