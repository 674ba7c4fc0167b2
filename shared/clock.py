"""The two clocks: the wall, and the stream clock for simulated time. Nothing else reads time."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Says what `now` is for decisions."""

    def now(self) -> datetime:
        """The moment decisions are taken at, UTC."""
        ...


class WallClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """The present, UTC."""
        return datetime.now(UTC)


class StreamClock:
    """Simulated time: moved by beacons only, and never back."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start

    def now(self) -> datetime:
        """The time all of the service's input has reached; the wall's before the first beacon."""
        return datetime.now(UTC) if self._now is None else self._now

    @property
    def started(self) -> bool:
        """Whether a beacon has been seen."""
        return self._now is not None

    def advance(self, to: datetime) -> None:
        """Move to `to`; an earlier moment is ignored."""
        if self._now is None or to > self._now:
            self._now = to


def wall_now() -> datetime:
    """The wall's present, UTC, where simulated time has no say: logs, record keeping."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that only rise: for network intervals (acks, back-off, time-outs)."""
    return time.monotonic()
