"""What we know of one fault key between its reports: the row every writer of its tickets locks."""

from datetime import datetime

import msgspec

from services.support.domain.faults.flapping import NOT_FLAPPING, Flapping
from services.support.domain.faults.order import Order
from shared.events import Fault, Recovered
from shared.normal import normal


class FaultKey(msgspec.Struct, frozen=True):
    """One problem a device can have, and its state.

    Attributes:
        key: `device|code|component`; severity, firmware and time are never part of it.
        ticket: the key's open ticket, or its newest one.
        last: the newest report applied; an older one changes no state.
        faulty: whether the newest report applied was a fault.
        faults: all faults of the key, late ones too.
        recovery_due: when a recovery will have lasted long enough; None: none is waiting.
        retired_at: when the device was retired.
    """

    key: str
    device: str
    code: str
    component: str
    ticket: str | None = None
    last: Order | None = None
    last_seen: datetime | None = None
    faults: int = 0
    faulty: bool = False
    recovery_due: datetime | None = None
    retired_at: datetime | None = None
    flapping: Flapping = NOT_FLAPPING


def key_of(report: Fault | Recovered) -> str:
    """The key of a report; a component spelt with other code points is the same one.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 3, 1, tzinfo=UTC)
    >>> key_of(Fault(at=at, source="cam-1", code="sd_card", component="slot 1"))
    'cam-1|sd_card|slot 1'
    """
    return f"{report.source}|{report.code}|{normal(report.component)}"


def parse(key: str) -> FaultKey:
    """A key nothing is known of yet; a component may hold the separator, the others cannot."""
    device, code, component = key.split("|", 2)
    return FaultKey(key=key, device=device, code=code, component=component)
