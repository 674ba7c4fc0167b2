"""How many tickets a device may have: beyond that all goes into one, which counts and says so.

A value inside a component's name (`cpu 60.1 C`), or a device that went mad, makes a key of every
report. A desk with a thousand tickets of one device hides the thousand other devices.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from msgspec.structs import replace

from services.support.domain.devices.device import Device
from services.support.domain.faults import timers
from services.support.domain.faults.work import FaultWork
from services.support.domain.rules import Rules
from shared.events import Fault

OPEN_OF_CODE = 10  # tickets of one device and fault code that are open at once
OPEN_OF_DEVICE = 20
NEW_A_DAY = 20  # tickets a device opens within a day of receipts, however fast they end
FLOODS_A_DAY = 5  # of the one ticket that counts the rest: owners change, people end it
DAY = timedelta(days=1)

CODE = "device_floods"


def flood_key(device: str) -> str:
    """The fault key of what is too much of a device.

    >>> flood_key("cam-1")
    'cam-1|device_floods|'
    """
    return f"{device}|{CODE}|"


class Gate(Protocol):
    """Asked before a fault opens or wakes a ticket."""

    def admits(self, work: FaultWork, cause: str, fault: Fault, *, new: bool) -> bool: ...


class Wide:
    """Everybody passes."""

    def admits(self, work: FaultWork, cause: str, fault: Fault, *, new: bool) -> bool:
        """True."""
        del work, cause, fault, new
        return True


WIDE = Wide()


@dataclass(slots=True)
class Narrow:
    """What one device may still open, while its reports are folded in the order of the log.

    Attributes:
        device: with the count of its new tickets; changes in place.
        surplus: what did not pass, to be folded into the flood's ticket.
    """

    device: Device
    rules: Rules
    surplus: list[tuple[str, Fault]] = field(default_factory=list)
    _open: dict[str, FaultWork] = field(default_factory=dict)

    def watch(self, keys: Iterable[FaultWork]) -> None:
        """Count the open tickets of these keys of the device."""
        flood = flood_key(self.device.id)
        self._open |= {
            work.state.key: work for work in keys if _is_open(work) and work.state.key != flood
        }

    def admits(self, work: FaultWork, cause: str, fault: Fault, *, new: bool) -> bool:
        """Whether the key may have an open ticket now; what may not is surplus."""
        if self._is_full(work, fault.at) or (new and not self.spend(fault, NEW_A_DAY)):
            self.surplus.append((cause, fault))
            return False
        self._open[work.state.key] = work
        return True

    def spend(self, fault: Fault, most: int) -> bool:
        """Count a new ticket, if the day of its receipt has room for one."""
        at, since = fault.received_at or fault.at, self.device.opened_since
        if since is None or at - since >= DAY:
            self.device = replace(self.device, opened_since=at, opened=0)
        if self.device.opened >= most:
            return False
        self.device = replace(self.device, opened=self.device.opened + 1)
        return True

    def _is_full(self, work: FaultWork, at: datetime) -> bool:
        """What has ended by then makes room, whether timers were called for it or not."""
        key, code = work.state.key, work.state.code
        if len(self._open) < OPEN_OF_CODE:  # fewer than any limit
            return False
        for other in self._open.values():
            if other is not work and _may_end(other):
                timers.fire_due(other, at, self.rules)
        self._open = {name: other for name, other in self._open.items() if _is_open(other)}
        others = [other.state.code for name, other in self._open.items() if name != key]
        return len(others) >= OPEN_OF_DEVICE or others.count(code) >= OPEN_OF_CODE


@dataclass(frozen=True, slots=True)
class Flood:
    """The gate of the one ticket that takes the rest: some a day, then only the key counts."""

    narrow: Narrow

    def admits(self, work: FaultWork, cause: str, fault: Fault, *, new: bool) -> bool:
        """Whether the flood may have a ticket."""
        del work, cause
        return not new or self.narrow.spend(fault, NEW_A_DAY + FLOODS_A_DAY)


def _is_open(work: FaultWork) -> bool:
    return work.ticket is not None and work.ticket.is_open


def _may_end(work: FaultWork) -> bool:
    state = work.state
    waits = state.recovery_due is not None or state.retired_at is not None
    return waits or state.flapping.since is not None
