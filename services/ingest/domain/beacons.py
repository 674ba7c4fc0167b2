"""Simulated time per bucket, and which beacons of several buckets may be written as one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from shared.events import Beacon


class Tick(msgspec.Struct, frozen=True):
    """A beacon as the fleet sends it.

    Attributes:
        now: end of the step that has been published completely.
        step_s: length of a step, seconds.
    """

    now: datetime
    step_s: float


_tick = msgspec.json.Decoder(Tick)


def read(payload: bytes) -> Tick | None:
    """The tick of a payload; None: it is none."""
    try:
        tick = _tick.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if tick.now.tzinfo is None or not 0 < tick.step_s <= 7 * 86_400:
        return None
    return Tick(tick.now.astimezone(UTC), tick.step_s)


@dataclass
class BucketClocks:
    """How far each bucket is."""

    ticks: dict[str, Tick]

    def received_at(self, bucket: str) -> datetime | None:
        """When a message read now was received: the open step's end; None before any beacon."""
        tick = self.ticks.get(bucket)
        return None if tick is None else tick.now + timedelta(seconds=tick.step_s)

    def advance(self, bucket: str, tick: Tick) -> bool:
        """Move a bucket; False for a beacon that comes again."""
        known = self.ticks.get(bucket)
        if known is not None and tick.now <= known.now:
            return False
        self.ticks[bucket] = tick
        return True

    def reached(self, owned: str) -> datetime | None:
        """The time that all of our buckets have reached; None until each has one."""
        if any(bucket not in self.ticks for bucket in owned):
            return None
        return min(self.ticks[bucket].now for bucket in owned)


class Waiting:
    """Beacons not written yet: a bucket's may wait until that bucket's next event.

    Attributes:
        buckets: those that have one waiting.
    """

    def __init__(self) -> None:
        self._ticks: dict[Tick, list[str]] = {}
        self.buckets: set[str] = set()

    def add(self, bucket: str, tick: Tick) -> None:
        """Let the beacon of a bucket wait for those of others."""
        self._ticks.setdefault(tick, []).append(bucket)
        self.buckets.add(bucket)

    def take(self) -> list[Beacon]:
        """All that wait, earliest first; one beacon per moment."""
        made = [
            Beacon(at=tick.now, origins=sorted(buckets), step_s=tick.step_s)
            for tick, buckets in sorted(self._ticks.items(), key=lambda pair: pair[0].now)
        ]
        self._ticks.clear()
        self.buckets.clear()
        return made
