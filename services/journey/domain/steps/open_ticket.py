"""Opens a ticket at support: something of the customer's needs people there."""

from dataclasses import dataclass
from typing import ClassVar, Final

from services.journey.domain.plays.reading import Part
from services.journey.domain.plays.run import OpenTicket
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words

OPENED = "opened"
MOST_SUBJECT = 200  # characters: what support takes
PRIORITIES: Final = ("low", "normal", "high", "urgent")  # support's words


@dataclass(frozen=True, slots=True)
class Ticket:
    """Asks support for a ticket; the run does not wait for it.

    Attributes:
        subject: in a few words. says: what support has to know; it begins the history.
    """

    kind: ClassVar[str] = "open_ticket"
    subject: str
    says: str
    priority: str

    @property
    def outcomes(self) -> tuple[str, ...]:
        """It is asked for until support has taken it; the run goes on meanwhile."""
        return (OPENED,)

    @property
    def waits(self) -> bool:
        """It does not."""
        return False

    def look(self, at: Look) -> Waits | Outcome:
        """At once."""
        asked = OpenTicket(self.subject, self.says, self.priority, at.key, at.visit)
        return Outcome(OPENED, at.since, (asked,))


def _read(step: Part, words: Words) -> Ticket:
    del words
    subject, priority = step.field("open_ticket"), step.field("priority")
    said = subject.text()
    if len(said) > MOST_SUBJECT:
        subject.bad(f"expected {MOST_SUBJECT} characters at most")
    return Ticket(
        said, step.field("do").text(),
        priority.word(PRIORITIES, "priority") if priority.is_there else "normal",
    )  # fmt: skip


KIND = Kind(
    "open_ticket", ("do", "priority"), "Opens a ticket at support.", _read, needed=("do",),
    example="{step: to support, open_ticket: The set-up fails, do: Two calls did not help., priority: high}",
)  # fmt: skip
