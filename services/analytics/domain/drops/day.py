"""One closed day of many customers, as the detector reads it."""

from dataclasses import dataclass

import numpy as np

from services.analytics.domain.drops.state import Flags, Floats, States

ENOUGH = 0.5  # share of the usual heartbeats that makes a silent day a day without use (2.2)
FORGOTTEN = 0.05  # usual coverage below which no heartbeats are expected any more
PULL = 0.2  # how fast the usual coverage follows; one flapping day must not raise it much


@dataclass(frozen=True, slots=True)
class Day:
    """Inputs of one local day, shape (n,) each, in the order of the states.

    Attributes:
        date: proleptic ordinal of the local day.
        uses: the measure y: distinct hours with a meaningful use, 0 to 24.
        coverage: seconds covered by heartbeats / 86,400; 2.0 for two devices that never paused.
        member: the customer was known before this day (the first day is partial: not judged).
        expects: heartbeats are to be expected (False after the last device was given away).
        waiting: between two devices: the last one went back, another is on its way; not judged.
        counts: uses are counted: known on this day, the first included.
    """

    date: int
    uses: Floats
    coverage: Floats
    member: Flags
    expects: Flags
    waiting: Flags
    counts: Flags

    def part(self, part: slice) -> "Day":
        """The day of some of the customers."""
        return Day(
            self.date,
            self.uses[part],
            self.coverage[part],
            self.member[part],
            self.expects[part],
            self.waiting[part],
            self.counts[part],
        )


def can_be_judged(states: States, day: Day, expected: Floats) -> Flags:
    """Whether the day says something about use: the mask o of science.md 2.2.

    A customer who never sent a heartbeat (app only) is judged on every day: counting only days
    with events would teach a baseline without zeros, against which every quiet day is a drop.
    With heartbeats missing, uses count only as evidence *for* use: part of them may be stuck
    behind the same router.
    """
    beats = (states.coverage > FORGOTTEN) & day.expects
    covered = (day.coverage > 0.0) & (day.coverage >= ENOUGH * states.coverage)
    plenty = (day.uses > 0.0) & (day.uses >= expected)
    judged: Flags = day.member & ~day.waiting & (~beats | covered | plenty)
    return judged


def next_coverage(states: States, day: Day) -> Floats:
    """The usual coverage after this day.

    A silent day does not lower it; one with uses and no heartbeat does: the device has ceased to
    send them, not to be there.
    """
    seen = np.minimum(day.coverage, 2.0 * states.coverage + 1.0)
    first = states.coverage == 0.0
    moved = np.where(first, seen, states.coverage + PULL * (seen - states.coverage))
    quiet = np.where(day.uses > 0.0, states.coverage * (1.0 - PULL), states.coverage)
    followed: Floats = np.where(day.coverage > 0.0, moved, quiet)
    return followed
