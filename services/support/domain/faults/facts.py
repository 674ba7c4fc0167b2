"""What a ticket knows of the fault it is about: a part of its own, beside the ticket."""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec.structs import replace

from services.support.domain.faults.fault_key import FaultKey
from services.support.domain.tickets.ticket import Priority
from shared.events import Fault

Severity = Literal["info", "warning", "error", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error", "critical")
PRIORITIES: dict[Severity, Priority] = {
    "info": Priority.LOW,
    "warning": Priority.NORMAL,
    "error": Priority.HIGH,
    "critical": Priority.URGENT,
}


class Facts(msgspec.Struct, frozen=True):
    """The fault of one ticket.

    Attributes:
        ticket: its id.
        key: the fault key; one open ticket at the most has it.
        is_open: whether the ticket is.
        faults: how many faults it absorbed, late ones too.
        flapping: the fault comes and goes.
    """

    ticket: str
    key: str
    device: str
    code: str
    component: str
    model: str | None
    firmware: str | None
    severity: Severity
    first_seen: datetime
    last_seen: datetime
    faults: int = 0
    flapping: bool = False
    is_open: bool = True


def worse(severity: Severity, other: Severity) -> Severity:
    """The more severe of two.

    >>> worse("error", "warning")
    'error'
    """
    return max(severity, other, key=SEVERITIES.index)


def opened(ticket: str, fault: Fault, of: FaultKey) -> Facts:
    """Of a new ticket, not yet counting its fault; what it is of, its key says."""
    return Facts(
        ticket=ticket,
        key=of.key,
        device=fault.source,
        code=of.code,
        component=of.component,
        model=fault.model,
        firmware=fault.firmware,
        severity=fault.severity,
        first_seen=fault.at,
        last_seen=fault.at,
    )


def counted(facts: Facts, at: datetime) -> Facts:
    """One fault more, wherever it stands in time; nothing else changes."""
    return replace(
        facts,
        faults=facts.faults + 1,
        first_seen=min(facts.first_seen, at),
        last_seen=max(facts.last_seen, at),
    )


def joined(facts: Facts, fault: Fault) -> Facts:
    """The newest fault of an open ticket: its firmware holds, severity only rises."""
    return replace(
        counted(facts, fault.at),
        severity=worse(facts.severity, fault.severity),
        model=fault.model or facts.model,
        firmware=fault.firmware or facts.firmware,
    )
