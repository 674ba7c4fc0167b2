"""A source says which of its events its ring had to drop: a gap explained, nothing else."""

from collections.abc import Sequence
from typing import ClassVar

from shared.events.event import Seq, Stream, Telemetry

MAX_RANGES = 500
MAX_NUMBERS = 2**20  # in one event: no ring is larger, and each number costs every reader's ledger


class Dropped(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="dropped"):
    """Ranges of `seq` that overflow took from a source's ring before they could be sent.

    Carries `boot` but no `seq` of its own and travels the stream it speaks of (TOPIC is only the
    default). The runtime stores it in the ledger, so that the gap report can tell lost from
    explained; no handler sees it.

    Attributes:
        stream: the stream whose events were dropped.
        ranges: inclusive `[first, last]` pairs, as `are_sound` wants them.
    """

    TOPIC: ClassVar[str] = "device.usage"
    STREAM: ClassVar[Stream] = "usage"

    stream: Stream
    ranges: list[tuple[Seq, Seq]]


def are_sound(ranges: Sequence[tuple[int, int]]) -> bool:
    """Whether ranges are few, each goes forward, and together they name few numbers.

    >>> are_sound([(0, 2**20 - 1)]), are_sound([(0, 2**20)]), are_sound([(5, 3)])
    (True, False, False)
    """
    if len(ranges) > MAX_RANGES or any(first > last for first, last in ranges):
        return False
    return sum(last - first + 1 for first, last in ranges) <= MAX_NUMBERS
