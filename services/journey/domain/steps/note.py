"""Notes a fact of the customer, for conditions of this play and of others."""

from dataclasses import dataclass
from typing import ClassVar

from services.journey.domain.facts.fact import Value
from services.journey.domain.plays.reading import Part
from services.journey.domain.plays.run import NoteFact
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words

NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Note:
    """Gives a declared fact a value."""

    kind: ClassVar[str] = "note"
    fact: str
    value: Value

    @property
    def outcomes(self) -> tuple[str, ...]:
        """It only ever does it."""
        return (NOTED,)

    @property
    def waits(self) -> bool:
        """It does not."""
        return False

    def look(self, at: Look) -> Waits | Outcome:
        """From the moment the step began."""
        return Outcome(
            NOTED, at.since, (NoteFact(self.fact, self.value, at.since, at.key, at.visit),)
        )


def _read(step: Part, words: Words) -> Note:
    name = step.field("set").word(words.declared, "fact of `facts.yaml`")
    to = step.field("to")
    fact = words.facts.get(name)
    if fact is None or name not in words.declared:
        return Note(name, "")
    return Note(name, to.word(fact.words, "value") if fact.words else to.whole(0, fact.most or 0))


KIND = Kind(
    "set", ("to",), "Notes a fact that `facts.yaml` declares.", _read, needed=("to",),
    example="{step: remember, set: set-up, to: by phone}",
)  # fmt: skip
