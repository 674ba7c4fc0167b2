"""Single devices that are not heard any more, though their owner is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.analytics.domain.days.local_day import DAY, DAY_S
from services.analytics.domain.drops.state import States
from shared.events import Heartbeat, Telemetry

SILENT: Final = 7  # days a device is not heard, beside those between two of its heartbeats
LATELY: Final = 2  # days in which somebody who is still there uses something, or is heard
FORGOTTEN: Final = 60  # days after which a device that was not missed will not be


@dataclass(frozen=True, slots=True)
class Heard:
    """A device was heard.

    Attributes:
        day: of UTC.
        every_days: whole days between two of its heartbeats; 0: more often.
        others: other devices of the customer were heard lately.
    """

    customer: str
    device: str
    day: date
    every_days: int = 0
    others: bool = False


def heard(events: Iterable[Telemetry]) -> list[Heard]:
    """The last day on which a batch hears each device, sorted; of nobody's devices none."""
    last: dict[tuple[str, str], Heard] = {}
    for event in events:
        if event.customer is not None:
            key = (event.customer, event.source)
            before, day = last.get(key), event.at.date()
            if before is None or day >= before.day:
                rare = event.every_s // DAY_S if type(event) is Heartbeat else 0
                every = max(rare, 0 if before is None else before.every_days)
                last[key] = Heard(*key, day, every)
    return [last[key] for key in sorted(last)]


def missed(
    silent: Sequence[Heard], states: States, places: Mapping[str, int], day: date
) -> list[Heard]:
    """Of devices that were not heard lately those whose owner was.

    Args:
        silent: last heard more than a week before `day`.
        states: of the members, after it.
        places: of the owners among them.
    """
    gone = []
    for device in silent:
        place = places.get(device.customer)
        if place is not None and device.day + (SILENT + device.every_days) * DAY < day:
            uses = int(states.used_last[place]) >= (day - LATELY * DAY).toordinal()
            if uses or device.others:
                gone.append(device)
    return gone
