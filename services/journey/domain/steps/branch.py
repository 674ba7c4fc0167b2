"""A fork: whether something is so now decides where the run goes on."""

from dataclasses import dataclass
from typing import ClassVar

from services.journey.domain.plays.condition import Condition
from services.journey.domain.plays.reading import Part
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Branch:
    """Asks once."""

    kind: ClassVar[str] = "branch"
    condition: Condition

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Yes or no."""
        return YES, NO

    @property
    def waits(self) -> bool:
        """It does not."""
        return False

    def look(self, at: Look) -> Waits | Outcome:
        """As of the moment the step began: the answer is the same whenever it is looked at."""
        moment = max(at.now, at.since)
        return Outcome(YES if self.condition.holds(at.known.state, moment) else NO, at.since)


def _read(step: Part, words: Words) -> Branch:
    del words
    return Branch(step.field("if").condition())


KIND = Kind(
    "if", (), "Goes on by whether a condition holds: `yes` or `no` in `then`.", _read,
    example="{step: works, if: {all: [{fact: setup_completed, op: \"==\", value: true}]}, then: {yes: end}}",
)  # fmt: skip
