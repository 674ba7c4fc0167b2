"""Has the customer enter another play."""

from dataclasses import dataclass
from typing import ClassVar

from services.journey.domain.plays.reading import Part
from services.journey.domain.plays.run import StartPlay
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words

STARTED = "started"


@dataclass(frozen=True, slots=True)
class Start:
    """Starts a play: by that play's own rules of who may be in it, and how soon again."""

    kind: ClassVar[str] = "start"
    play: str

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What becomes of it is the other run's."""
        return (STARTED,)

    @property
    def waits(self) -> bool:
        """It does not."""
        return False

    def look(self, at: Look) -> Waits | Outcome:
        """At once."""
        return Outcome(STARTED, at.since, (StartPlay(self.play, at.since, at.key, at.visit),))


def _read(step: Part, words: Words) -> Start:
    return Start(step.field("start").word(words.plays, "play"))


KIND = Kind(
    "start", (), "Has the customer enter another play.", _read,
    example="{step: hand on, start: renewal}",
)  # fmt: skip
