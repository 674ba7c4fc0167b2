"""Single devices that are not heard any more, though their owner is.

A closing asks what had been heard by its own moment, whatever was read since: of each device the
silences long enough to be missed in are kept with the moment that ended them. Within a silence that is
shorter a device is missed by no closing, so it does not matter which of its signs had arrived.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Final

import msgspec

from services.analytics.domain.days.local_day import DAY, DAY_S
from services.analytics.domain.drops.state import States
from shared.events import Heartbeat, Telemetry
from shared.stream.record import Received

SILENT: Final = 7  # days a device is not heard, beside those between two of its heartbeats
STAGGER: Final = (
    3  # more days where only others of its owner are heard: an outage ends them one by one
)
LATELY: Final = 2  # days in which somebody who is still there uses something
FORGOTTEN: Final = 60  # days after which a device that was not missed will not be
GAPS: Final = 16  # newest silences kept of a device: how far back a closing that is late can look


class Gap(msgspec.Struct, array_like=True, frozen=True):
    """A silence that is over.

    Attributes:
        since: the last day of UTC before it on which the device was heard.
        until: when what ended it arrived.
        every_days: whole days between two of its heartbeats before it; 0: more often.
    """

    since: date
    until: datetime
    every_days: int = 0


@dataclass(frozen=True, slots=True)
class Sign:
    """A device was heard on a day of UTC.

    Attributes:
        every_days: until its next heartbeat; None: this is none.
    """

    day: date
    arrived: datetime
    every_days: int | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A device of a customer.

    Attributes:
        began: when its first sign arrived.
        day: of UTC, the last one with a sign.
        every_days: whole days between two of its heartbeats; 0: more often.
        gaps: silences, the oldest first.
        lost: the days from which it is known that it went away from the customer, ascending.
    """

    customer: str
    device: str
    began: datetime
    day: date
    every_days: int = 0
    gaps: tuple[Gap, ...] = ()
    lost: tuple[date, ...] = ()

    def as_of(self, moment: datetime) -> "Heard | None":
        """As whoever had heard nothing that arrived later would know it."""
        if self.began > moment:
            return None
        for gap in self.gaps:
            if gap.until > moment:
                return replace(self, day=gap.since, every_days=gap.every_days)
        return self

    def is_silent(self, day: date, more: int = 0) -> bool:
        """Whether it was not heard for longer than it may be, and for so many days more."""
        return self.day + (SILENT + self.every_days + more) * DAY < day

    def is_lost(self, day: date) -> bool:
        """Whether it is known on a day that it went away after it was heard last."""
        return any(self.day < lost <= day for lost in self.lost)


Signs = Mapping[tuple[str, str], Sequence[Sign]]


def signs(batch: Iterable[Received[Telemetry]]) -> Signs:
    """The signs of a batch that are of a later day than those before, by customer and device, sorted."""
    by_device: dict[tuple[str, str], list[Sign]] = {}
    for record in batch:
        event = record.event
        if event.customer is None:
            continue
        known = by_device.setdefault((event.customer, event.source), [])
        day = event.at.date()
        if not known or day > known[-1].day:
            rare = event.every_s // DAY_S if type(event) is Heartbeat else None
            known.append(Sign(day, record.arrival, rare))
    return {key: by_device[key] for key in sorted(by_device)}


def begun(customer: str, device: str, heard: Sequence[Sign]) -> Heard:
    """A device that is heard for the first time."""
    first = heard[0]
    new = Heard(customer, device, first.arrived, first.day, first.every_days or 0)
    return listen(new, heard[1:])


def listen(known: Heard, heard: Iterable[Sign]) -> Heard:
    """A device after more signs of it, in the order of their arrival."""
    day, every_days, gaps = known.day, known.every_days, list(known.gaps)
    for sign in heard:
        if sign.day > day:
            if max(sign.day, sign.arrived.date()) > day + SILENT * DAY:
                gaps.append(Gap(day, sign.arrived, every_days))
            day = sign.day
            every_days = every_days if sign.every_days is None else sign.every_days
    return replace(known, day=day, every_days=every_days, gaps=tuple(gaps[-GAPS:]))


def missed(
    devices: Iterable[Heard], states: States, places: Mapping[str, int], day: date, at: datetime
) -> list[Heard]:
    """Devices that were not heard, though their owner used something or others of theirs were heard.

    Args:
        devices: all those of their customers, sorted by customer.
        states: of the members, after `day`.
        places: of the owners among them.
        at: the moment of the closing.
    """
    gone: list[Heard] = []
    for customer, theirs in groupby(devices, lambda device: device.customer):
        place = places.get(customer)
        if place is None:
            continue
        known = [device.as_of(at) for device in theirs]
        here = [device for device in known if device is not None and not device.is_lost(day)]
        uses = int(states.used_last[place]) >= (day - LATELY * DAY).toordinal()
        others = any(device.day + SILENT * DAY >= day for device in here)
        gone += [
            device
            for device in here
            if device.day >= day - FORGOTTEN * DAY
            and ((uses and device.is_silent(day)) or (others and device.is_silent(day, STAGGER)))
        ]
    return gone


def is_back(device: Heard, since: date, day: date, at: datetime) -> bool:
    """Whether a device that was missed since a day is heard again, or is no longer the customer's."""
    heard = device.as_of(at)
    return (heard is not None and heard.day > since) or replace(device, day=since).is_lost(day)


def lately(day: date) -> tuple[date, date]:
    """The first and the last day on which a device was heard last that is missed on a day."""
    return day - FORGOTTEN * DAY, day - (SILENT + 1) * DAY
