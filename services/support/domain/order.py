"""The order of one fault key's reports: what is newer than what we already applied."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from shared.events import Telemetry


@dataclass(frozen=True, slots=True, order=True)
class Order:
    """Where a report stands among the reports of its key.

    `boot` is random, so it decides only between reports of the same instant.

    >>> from datetime import UTC, datetime
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> Order(noon, "aa", 9) < Order(noon, "aa", 10)
    True
    """

    at: datetime
    boot: str
    seq: int

    @classmethod
    def of(cls, event: Telemetry) -> Self:
        """The order of an event; without sequence it sorts before sequenced ones of its instant."""
        return cls(event.at, event.boot or "", -1 if event.seq is None else event.seq)
