"""What this service refuses."""

from datetime import datetime

from shared.errors import PlaycallerError


class SupportError(PlaycallerError):
    """Base of the refusals; `kind` names the problem for whoever asked."""


class TicketNotFound(SupportError):
    """No ticket has this id."""

    def __init__(self, ticket: str) -> None:
        super().__init__(f"no ticket {ticket}")


class TicketResolved(SupportError):
    """The ticket is resolved: reopen it first."""

    def __init__(self, ticket: str, resolved_at: datetime) -> None:
        super().__init__(f"ticket {ticket} was resolved at {resolved_at.isoformat()}")


class TicketOpen(SupportError):
    """The ticket is open already."""

    def __init__(self, ticket: str) -> None:
        super().__init__(f"ticket {ticket} is open")


class NewerTicketOpen(SupportError):
    """Another ticket of the same fault is open: work on that one."""

    def __init__(self, ticket: str, newer: str) -> None:
        super().__init__(f"ticket {newer} of the same fault is open; {ticket} stays resolved")
        self.newer = newer


class TicketChangedSince(SupportError):
    """The ticket is not the one the caller read (`If-Match`)."""

    def __init__(self, ticket: str, version: int) -> None:
        super().__init__(f"ticket {ticket} is at version {version}; read it again")
