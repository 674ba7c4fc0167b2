"""The order of one fault key's reports: what is newer than what we already applied.

The counter decides where both have one. A clock is evidence only: it decides where nothing better
is known, and never where it is ahead of our own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from shared.events import Telemetry

OLDEST = timedelta(days=400)  # as ingest has it: what is older is no time of an event
ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Order:
    """Where a report stands among the reports of its key.

    Attributes:
        at: when it happened, by the source's clock; never after it was received.
        boot: of the counter; empty: the source does not count.
        moment: when it happened by our clock, as far as the source's measures spans rightly: so
            long before the receipt as it was old when it was sent. None: as `at`.
    """

    at: datetime
    boot: str
    seq: int
    moment: datetime | None = None

    @classmethod
    def of(cls, report: Telemetry) -> Self:
        """The order of a report."""
        seq = -1 if report.seq is None else report.seq
        return cls(report.at, report.boot or "", seq, _moment(report))

    def is_after(self, last: Self, received_at: datetime | None) -> bool:
        """Whether this one, read later, is newer than the last applied.

        Args:
            received_at: when this one was received; a last one dated after that lies.

        >>> from datetime import UTC, datetime
        >>> noon, one = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 1, 13, tzinfo=UTC)
        >>> Order(noon, "aa", 10).is_after(Order(one, "aa", 9), None)
        True
        >>> Order(noon, "", -1).is_after(Order(noon, "", -1), None)
        True
        """
        if self.counts_with(last):
            return self.seq > last.seq
        if received_at is not None and last.at > received_at:
            return True
        if self.moment is not None and last.moment is not None:
            return self.moment >= last.moment
        return self.at >= last.at

    def counts_with(self, last: Self) -> bool:
        """Whether one counter numbered both."""
        return bool(self.boot) and self.boot == last.boot and self.seq >= 0 and last.seq >= 0


def _moment(report: Telemetry) -> datetime | None:
    received_at, sent = report.received_at, report.sent
    if received_at is None or sent is None:
        return None
    age = sent - report.sent_at
    # of two clocks, or of none that can be: it measures nothing (and may lie before the year 1)
    return None if age > OLDEST else received_at - max(age, ZERO)
