"""Waits until something has happened or is so, but only so long."""

from dataclasses import dataclass, field
from typing import ClassVar

from services.journey.domain.facts import fact_of
from services.journey.domain.plays.condition import Condition
from services.journey.domain.plays.reading import Part
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words

HAPPENED, TIMED_OUT = "happened", "timed out"


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Waits for an event or a condition.

    Attributes:
        happens: a fact: an event that belongs to it, after the step began.
        until: in its place, a condition.
        at_most_s: after this it is over in any case.
    """

    kind: ClassVar[str] = "wait_for"
    at_most_s: int
    happens: str | None = None
    until: Condition = field(default_factory=Condition)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """It has, or it has not."""
        return HAPPENED, TIMED_OUT

    @property
    def waits(self) -> bool:
        """If need be."""
        return True

    def look(self, at: Look) -> Waits | Outcome:
        """What happened before its time is over counts, whenever it becomes known before that."""
        state, end = at.known.state, at.since + self.at_most_s + at.paused_s
        if self.happens is not None:
            marks = fact_of(self.happens).events(state, at.since, end)
            if marks:
                return Outcome(HAPPENED, min(mark.at for mark in marks))
            return Outcome(TIMED_OUT, end) if at.now >= end else Waits(end)
        moment = min(at.now, end)
        if self.until.holds(state, moment):
            return Outcome(HAPPENED, max(moment, at.since))
        if at.now >= end:
            return Outcome(TIMED_OUT, end)
        flip = self.until.changes_after(state, moment)
        return Waits(end if flip is None else min(flip, end))


def _read(step: Part, words: Words) -> WaitFor:
    asked = step.field("wait_for").fields(("happens", "until", "at_most"), ("at_most",))
    at_most = asked.field("at_most").span()
    happens, until = asked.field("happens"), asked.field("until")
    if happens.is_there == until.is_there:
        asked.bad("one of `happens` and `until` is needed")
        return WaitFor(at_most)
    if happens.is_there:
        return WaitFor(at_most, happens.word(words.facts, "fact"))
    return WaitFor(at_most, None, until.condition())


KIND = Kind(
    "wait_for", (), "Waits until something happens or is so, `at_most` so long.", _read,
    example="{step: comes back, wait_for: {happens: app_errors, at_most: 3d}}",
)  # fmt: skip
