"""A question by mail: the answer becomes a fact with its date; opening the mail's link answers nothing."""

from dataclasses import dataclass
from typing import ClassVar

from services.journey.domain.customers.state import Dated
from services.journey.domain.plays.reading import Part
from services.journey.domain.steps.asking import TIMED_OUT, ask, read_message
from services.journey.domain.steps.mail import HELD_BACK
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words

ANSWERED = "answered"
FIELDS = ("message", "at_most")


@dataclass(frozen=True, slots=True)
class Ask:
    """Asks for one of the values of a declared fact, and for a few words if they like."""

    kind: ClassVar[str] = "ask"
    fact: str
    message: str
    at_most_s: int

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What they answered is the fact's; `if` asks for it."""
        return ANSWERED, TIMED_OUT, HELD_BACK

    @property
    def waits(self) -> bool:
        """For an answer."""
        return True

    def look(self, at: Look) -> Waits | Outcome:
        """Over with the first answer."""
        waits = ask(at, self.message, self.fact, self.at_most_s)
        return Outcome(ANSWERED, waits.at) if isinstance(waits, Dated) else waits


def _read(step: Part, words: Words) -> Ask:
    choices = [name for name in words.declared if name not in words.scales]
    return Ask(
        step.field("ask").word(choices, "fact with values in `facts.yaml`"),
        read_message(step, words),
        step.field("at_most").span(),
    )


KIND = Kind(
    "ask", FIELDS, "Asks by mail; the answer becomes a fact with its date.", _read, needed=FIELDS,
    example="{step: why bought, ask: why bought, message: three-questions, at_most: 7d}",
)  # fmt: skip
