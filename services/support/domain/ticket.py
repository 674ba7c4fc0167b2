"""A ticket, and what may become of it: each function returns the ticket after one change."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec
from msgspec.structs import replace

from shared.events import Fault

Severity = Literal["info", "warning", "error", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error", "critical")

PLAYCALLER = "playcaller"  # who acts when a timer does


class State(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    RESOLVED = "resolved"


class Resolution(StrEnum):
    """How a ticket ended. The last three are ours, the rest a person's word."""

    FIX = "fix"
    CONFIG = "config"
    EDUCATION = "education"
    WORKAROUND = "workaround"
    EXCHANGE = "exchange"
    REFUND = "refund"
    NONE = "none"
    WONT_FIX = "wont_fix"
    DUPLICATE = "duplicate"
    RECOVERED = "recovered"
    RETIRED = "retired"
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
    """One problem of one customer with one device.

    Attributes:
        customer: owner of the device at the opening fault's time.
        opened_at: time of the first opening; never changes.
        reopened_at: time of the last reopening.
        opened_by: who opened or reopened it last.
        faults: how many faults it absorbed, late ones too.
        touched_at: when a person last acted on it.
        historical: opened by a fault already older than 24 h on arrival; nobody was told.
        version: rises by one per change others may see.
    """

    id: str
    fault_key: str
    device: str
    fault_code: str
    component: str
    customer: str | None
    model: str | None
    firmware: str | None
    severity: Severity
    state: State
    opened_at: datetime
    opened_by: str
    first_seen: datetime
    last_seen: datetime
    reopened_at: datetime | None = None
    resolved_at: datetime | None = None
    resolution: Resolution | None = None
    previous_ticket: str | None = None
    reopen_count: int = 0
    faults: int = 0
    assignee: str | None = None
    touched_at: datetime | None = None
    historical: bool = False
    flapping: bool = False
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.state is State.OPEN

    @property
    def open_since(self) -> datetime:
        """When it was last opened."""
        return self.opened_at if self.reopened_at is None else self.reopened_at


def worse(one: Severity, other: Severity) -> Severity:
    """The more severe of two.

    >>> worse("error", "warning")
    'error'
    """
    return max(one, other, key=SEVERITIES.index)


def opened(
    id_: str, fault: Fault, *, key: str, code: str, component: str, previous: str | None
) -> Ticket:
    """A new ticket, not yet counting its fault; what it is of, its key says."""
    return Ticket(
        id=id_,
        fault_key=key,
        device=fault.source,
        fault_code=code,
        component=component,
        customer=fault.customer,
        model=fault.model,
        firmware=fault.firmware,
        severity=fault.severity,
        state=State.OPEN,
        opened_at=fault.at,
        opened_by=f"device:{fault.source}",
        first_seen=fault.at,
        last_seen=fault.at,
        previous_ticket=previous,
        historical=fault.late,
    )


def counted(ticket: Ticket, at: datetime) -> Ticket:
    """One fault more, wherever it stands in time; nothing else changes."""
    return replace(
        ticket,
        faults=ticket.faults + 1,
        first_seen=min(ticket.first_seen, at),
        last_seen=max(ticket.last_seen, at),
    )


def joined(ticket: Ticket, fault: Fault) -> Ticket:
    """The newest fault of an open ticket: its firmware holds, severity only rises."""
    return replace(
        ticket,
        faults=ticket.faults + 1,
        first_seen=min(ticket.first_seen, fault.at),
        last_seen=max(ticket.last_seen, fault.at),
        severity=worse(ticket.severity, fault.severity),
        model=fault.model or ticket.model,
        firmware=fault.firmware or ticket.firmware,
    )


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
        flapping=False,
        version=ticket.version + 1,
    )
