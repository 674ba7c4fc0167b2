"""A ticket, and what may become of it: each function returns the ticket after one change."""

from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec.structs import replace

PLAYCALLER = "playcaller"  # who acts when a timer does
ACCOUNT = "account:"  # how an assignee begins that is one of us; a team's id does not


class Origin(StrEnum):
    """What a ticket came from."""

    #: A device reported a fault; the fault's facts stand beside the ticket.
    FAULT = "fault"
    #: A customer asked, or one of us on a customer's behalf.
    PERSON = "person"
    #: A partner organisation asked.
    PARTNER = "partner"
    #: Many devices have one cause; this is the ticket of one of their customers.
    INCIDENT = "incident"
    #: A step of a play asked for it.
    PLAY = "play"


class Channel(StrEnum):
    """How a customer reached us."""

    #: The customer called, or was called.
    PHONE = "phone"
    #: A mail.
    MAIL = "mail"
    #: A conversation on a page or in the app.
    CHAT = "chat"
    #: A form on a page.
    FORM = "form"
    #: Face to face.
    VISIT = "visit"


class State(StrEnum):
    """Where a ticket stands."""

    #: Somebody still has to act.
    OPEN = "open"
    #: It has ended; it may be opened again.
    RESOLVED = "resolved"


class Priority(StrEnum):
    """What comes first."""

    #: It may wait until nothing else does.
    LOW = "low"
    #: In its turn.
    NORMAL = "normal"
    #: Before its turn.
    HIGH = "high"
    #: Now.
    URGENT = "urgent"


class Resolution(StrEnum):
    """How a ticket ended. The last three are ours, the rest a person's word."""

    #: The cause is gone.
    FIX = "fix"
    #: A setting was changed.
    CONFIG = "config"
    #: The customer knows now how it works.
    EDUCATION = "education"
    #: The cause is still there, the customer gets by.
    WORKAROUND = "workaround"
    #: The customer got another device; never reopened by a fault.
    EXCHANGE = "exchange"
    #: The customer got the money back.
    REFUND = "refund"
    #: Nothing had to be done.
    NONE = "none"
    #: It stays as it is; never reopened by a fault.
    WONT_FIX = "wont_fix"
    #: Another ticket is about the same; never reopened by a fault.
    DUPLICATE = "duplicate"
    #: The device said that it is well, and stayed so.
    RECOVERED = "recovered"
    #: The device was retired; never reopened by a fault.
    RETIRED = "retired"
    #: Its customer is gone: the device has another owner, or the customer was erased.
    MOVED = "moved"


AUTOMATIC = frozenset({Resolution.RECOVERED, Resolution.RETIRED, Resolution.MOVED})
NEVER_REOPENED = frozenset(
    {
        Resolution.WONT_FIX,
        Resolution.DUPLICATE,
        Resolution.EXCHANGE,
        Resolution.RETIRED,
        Resolution.MOVED,
    }
)


class Ticket(msgspec.Struct, frozen=True):
    """A conversation about one problem of one customer.

    Attributes:
        customer: whose problem it is; of a fault the device's owner at the opening fault's time.
        device: what it is about, if it is about one.
        subject: in a few words of people; None: its fault says what it is about.
        channel: how the customer reached us; None: nobody did.
        opened_at: time of the first opening; never changes.
        reopened_at: time of the last reopening.
        opened_by: who opened or reopened it last.
        team: whom it was given to last that is not one person.
        touched_at: when a person last acted on it.
        historical: its story was a day old when we heard of it; nobody was told.
        version: rises by one per change others may see.
    """

    id: str
    origin: Origin
    customer: str | None
    device: str | None
    state: State
    opened_at: datetime
    opened_by: str
    subject: str | None = None
    channel: Channel | None = None
    priority: Priority = Priority.NORMAL
    reopened_at: datetime | None = None
    resolved_at: datetime | None = None
    resolution: Resolution | None = None
    previous_ticket: str | None = None
    reopen_count: int = 0
    assignee: str | None = None
    team: str | None = None
    touched_at: datetime | None = None
    historical: bool = False
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.state is State.OPEN

    @property
    def open_since(self) -> datetime:
        """When it was last opened."""
        return self.opened_at if self.reopened_at is None else self.reopened_at


def assigned(ticket: Ticket, assignee: str | None) -> Ticket:
    """The ticket, somebody's or nobody's; it stays its team's unless it is given to another one."""
    keeps = assignee is None or assignee.startswith(ACCOUNT)
    team = ticket.team if keeps else assignee
    return replace(ticket, assignee=assignee, team=team)


def raised(ticket: Ticket, priority: Priority) -> Ticket:
    """The ticket, at least as urgent as that."""
    order = list(Priority)
    return replace(ticket, priority=max(ticket.priority, priority, key=order.index))


def touched(ticket: Ticket, at: datetime) -> Ticket:
    """The ticket, on which a person acted: whatever it was, it is news now."""
    return replace(ticket, version=ticket.version + 1, touched_at=at, historical=False)


def reopened(ticket: Ticket, at: datetime, by: str) -> Ticket:
    """The same ticket, open again."""
    return replace(
        ticket,
        state=State.OPEN,
        reopened_at=at,
        opened_by=by,
        resolved_at=None,
        resolution=None,
        reopen_count=ticket.reopen_count + 1,
        version=ticket.version + 1,
    )


def resolved(ticket: Ticket, at: datetime, resolution: Resolution) -> Ticket:
    """The ticket, done."""
    return replace(
        ticket,
        state=State.RESOLVED,
        resolved_at=at,
        resolution=resolution,
        version=ticket.version + 1,
    )
