"""Simulated time per bucket, and which beacons of several buckets may be written as one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from shared.events import Beacon

FIRST_YEAR, LAST_YEAR = 1971, 9_000  # 400 days before and a step after can be counted, too


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
        if tick.now.tzinfo is None or not 0 < tick.step_s <= 7 * 86_400:
            return None
        now = tick.now.astimezone(UTC)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError):
        return None
    return Tick(now, tick.step_s) if FIRST_YEAR <= now.year <= LAST_YEAR else None


@dataclass
class BucketClocks:
    """How far each bucket is."""

    ticks: dict[str, Tick]

    def received_at(self, bucket: str) -> datetime | None:
        """When a message read now was received: the open step's end; None before any beacon."""
        tick = self.ticks.get(bucket)
        return None if tick is None else tick.now + timedelta(seconds=tick.step_s)

    def since(self, bucket: str) -> datetime | None:
        """What is read now may have been sent since then: the open step's begin."""
        tick = self.ticks.get(bucket)
        return None if tick is None else tick.now

    def advance(self, bucket: str, tick: Tick) -> bool:
        """Move a bucket; False for a beacon that comes again."""
        known = self.ticks.get(bucket)
        if known is not None and tick.now <= known.now:
            return False
        self.ticks[bucket] = tick
        return True

    def simulated(self, owned: str) -> datetime | None:
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
        beacons = [
            Beacon(at=tick.now, origins=sorted(buckets), step_s=tick.step_s)
            for tick, buckets in sorted(self._ticks.items(), key=lambda pair: pair[0].now)
        ]
        self._ticks.clear()
        self.buckets.clear()
        return beacons
