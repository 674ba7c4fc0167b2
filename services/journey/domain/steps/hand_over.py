"""A human task that is offered to another team at once: who accepts it does it, and owns it from then on."""

from dataclasses import dataclass, replace
from typing import ClassVar

from typing_extensions import override

from services.journey.domain.plays.reading import Part
from services.journey.domain.plays.run import OpenTask
from services.journey.domain.steps import task
from services.journey.domain.steps.step import Kind, Look, Words
from services.journey.domain.steps.task import Task


@dataclass(frozen=True, slots=True)
class HandOver(Task):
    """Asks the team that gives, and offers it to the one that takes.

    Attributes:
        linkage: by which it is allowed. taker: the other team.
    """

    kind: ClassVar[str] = "hand_over"
    linkage: str
    taker: str

    @override
    def asks(self, at: Look) -> OpenTask:
        """The task is with the giver until somebody of the taker accepts it."""
        return replace(Task.asks(self, at), linkage=self.linkage, taker=self.taker)


def _read(step: Part, words: Words) -> HandOver:
    name = step.field("linkage").word(words.linkages, "linkage of `linkages.yaml`")
    linkage = words.linkages.get(name)
    return HandOver(
        title=step.field("hand_over").text(),
        team="" if linkage is None else linkage.giver,
        says=step.field("do").text(),
        due_s=step.field("due").span(),
        results=task.results(step),
        skill=None,  # who accepts it does it
        linkage=name,
        taker="" if linkage is None else linkage.taker,
    )


FIELDS = ("linkage", "do", "due", "results")
KIND = Kind(
    "hand_over", FIELDS, "Offers a task to another team, by a linkage.", _read, needed=FIELDS,
    example="{step: call by helpers, hand_over: Call them, linkage: late calls, do: Ask what is wrong., due: 1d, results: [helped, not reached]}",
)  # fmt: skip
