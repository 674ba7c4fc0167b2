"""Parts customers by their ids: whoever is asked again goes the same way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from services.journey.domain.messages.arms import SALT, arm
from services.journey.domain.plays.reading import Part
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words

FEWEST = 2
MOST_WEIGHT = 1_000


@dataclass(frozen=True, slots=True)
class Split:
    """Gives each customer one of its arms.

    Attributes:
        shares: weights by arm; they need not add up to anything.
    """

    kind: ClassVar[str] = "split"
    shares: Mapping[str, float]

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The arms."""
        return tuple(self.shares)

    @property
    def waits(self) -> bool:
        """It does not."""
        return False

    def look(self, at: Look) -> Waits | Outcome:
        """By hash of customer, play and step: neither time nor a second run changes it."""
        return Outcome(arm(SALT, f"{at.play}/{at.key}", at.customer, self.shares), at.since)


def _read(step: Part, words: Words) -> Split:
    del words
    arms = step.field("split")
    if len(arms.names) < FEWEST:
        arms.bad("needs two arms or more, each with its weight, like {short: 50, long: 50}")
    for name in arms.names:
        if not name.strip() or len(name) > 60:
            arms.field(name).bad("expected the name of an arm, up to 60 characters")
    shares = {name: float(arms.field(name).whole(0, MOST_WEIGHT)) for name in arms.names}
    if len(shares) >= FEWEST and not sum(shares.values()):
        arms.bad("one of the weights must be above 0")
    return Split(shares)


KIND = Kind(
    "split", (), "Parts customers by their ids into arms with weights.", _read,
    example="{step: which mail, split: {short: 50, long: 50}, then: {short: end, long: end}}",
)  # fmt: skip
