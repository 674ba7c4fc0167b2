"""Asks for a rating by mail: how satisfied (CSAT, 1 to 5), or whether they would recommend us (NPS)."""

from dataclasses import dataclass
from typing import ClassVar

from services.journey.domain.customers.state import Dated
from services.journey.domain.messages.scale import LEAST, SCALES, bucket
from services.journey.domain.plays.reading import Part
from services.journey.domain.steps.asking import TIMED_OUT, ask, read_message
from services.journey.domain.steps.mail import HELD_BACK
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words

FIELDS = ("message", "at_most")


@dataclass(frozen=True, slots=True)
class Rate:
    """Asks for a number on a scale; what it says is the outcome."""

    kind: ClassVar[str] = "rate"
    fact: str
    scale: str
    message: str
    at_most_s: int

    @property
    def outcomes(self) -> tuple[str, ...]:
        """As the scale is usually cut."""
        return (*(word for word, _ in SCALES[self.scale]), TIMED_OUT, HELD_BACK)

    @property
    def waits(self) -> bool:
        """For a rating."""
        return True

    def look(self, at: Look) -> Waits | Outcome:
        """Over with the first rating."""
        waits = ask(at, self.message, self.fact, self.at_most_s)
        if isinstance(waits, Dated):
            return Outcome(bucket(self.scale, int(waits.value)), waits.at)
        return waits


def _read(step: Part, words: Words) -> Rate:
    fact = step.field("rate").word(words.scales, "fact with a scale in `facts.yaml`")
    scale = words.scales.get(fact, next(iter(LEAST)))
    return Rate(fact, scale, read_message(step, words), step.field("at_most").span())


KIND = Kind(
    "rate", FIELDS, "Asks for a rating by mail: CSAT or NPS.", _read, needed=FIELDS,
    example="{step: how was it, rate: set-up rating, message: how-was-it, at_most: 7d}",
)  # fmt: skip
