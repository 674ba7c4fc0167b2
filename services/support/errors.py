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


class CustomerUnknown(SupportError):
    """Support knows no such customer."""

    def __init__(self, customer: str) -> None:
        super().__init__(
            f"body.customer: support knows no customer {customer!r}; one that journey was told of a "
            "moment ago is here within seconds: try again"
        )


class NotTheirDevice(SupportError):
    """The device is not the customer's."""

    def __init__(self, device: str) -> None:
        super().__init__(f"body.device: {device!r} is no device of this customer; leave it out")


class OrganisationNotFound(SupportError):
    """No partner has this id."""

    def __init__(self, organisation: str) -> None:
        super().__init__(f"no organisation {organisation}")


class OrganisationExists(SupportError):
    """A partner has this id already."""

    def __init__(self, organisation: str) -> None:
        super().__init__(f"organisation {organisation} is there already; choose another id")


class OrganisationChangedSince(SupportError):
    """The partner is not the one the caller read (`If-Match`)."""

    def __init__(self, organisation: str, version: int) -> None:
        super().__init__(f"organisation {organisation} is at version {version}; read it again")


class ContactHidden(SupportError):
    """Contact data is read in clear only after a reveal, and for a quarter of an hour."""

    def __init__(self) -> None:
        super().__init__("POST .../reveal with a reason first; it lasts 15 minutes")


class ContactUnknown(SupportError):
    """The ticket has no customer, or journey knows no contact of it."""

    def __init__(self) -> None:
        super().__init__("this ticket has no customer with contact data")
