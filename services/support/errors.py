"""What this service refuses."""

from datetime import datetime

from shared.errors import Refusal


class TicketResolved(Refusal):
    """The ticket is resolved: reopen it first."""

    def __init__(self, ticket: str, resolved_at: datetime) -> None:
        super().__init__(f"ticket {ticket} was resolved at {resolved_at.isoformat()}")


class TicketOpen(Refusal):
    """The ticket is open already."""

    def __init__(self, ticket: str) -> None:
        super().__init__(f"ticket {ticket} is open")


class NewerTicketOpen(Refusal):
    """Another ticket of the same fault is open: work on that one."""

    def __init__(self, ticket: str, newer: str) -> None:
        super().__init__(f"ticket {newer} of the same fault is open; {ticket} stays resolved")
        self.newer = newer


class CustomerUnknown(Refusal):
    """Support knows no such customer."""

    def __init__(self, customer: str) -> None:
        super().__init__(
            f"body.customer: support knows no customer {customer!r}; one that journey was told of a "
            "moment ago is here within seconds: try again"
        )


class NotTheirDevice(Refusal):
    """The device is not the customer's."""

    def __init__(self, device: str) -> None:
        super().__init__(f"body.device: {device!r} is no device of this customer; leave it out")


class ContactHidden(Refusal):
    """Contact data is read in clear only after a reveal, and for a quarter of an hour."""

    def __init__(self) -> None:
        super().__init__("POST .../reveal with a reason first; it lasts 15 minutes")


class ContactUnknown(Refusal):
    """The ticket has no customer, or journey knows no contact of it."""

    def __init__(self) -> None:
        super().__init__("this ticket has no customer with contact data")
