"""Ends the customer's run of another play."""

from dataclasses import dataclass
from typing import ClassVar

from services.journey.domain.plays.reading import Part
from services.journey.domain.plays.run import StopPlay
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words

STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Stop:
    """Stops a play; where there is no run of it, nothing happens."""

    kind: ClassVar[str] = "stop"
    play: str

    @property
    def outcomes(self) -> tuple[str, ...]:
        """There is no run of it afterwards."""
        return (STOPPED,)

    @property
    def waits(self) -> bool:
        """It does not."""
        return False

    def look(self, at: Look) -> Waits | Outcome:
        """At once."""
        return Outcome(STOPPED, at.since, (StopPlay(self.play, at.key, at.visit),))


def _read(step: Part, words: Words) -> Stop:
    named = step.field("stop")
    play = named.word(words.plays, "play")
    if play == words.play:
        named.bad("a play ends its own run with `then: {...: end}`")
    return Stop(play)


KIND = Kind(
    "stop", (), "Ends the customer's run of another play.", _read,
    example="{step: no more offers, stop: upgrade}",
)  # fmt: skip
