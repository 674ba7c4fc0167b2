"""A mail: it is over when it is known whether it may be sent."""

from dataclasses import dataclass
from typing import ClassVar

from services.journey.domain.contacts.contact import ROLES
from services.journey.domain.plays.reading import Part
from services.journey.domain.plays.run import SendMessage
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words

SENT, HELD_BACK = "sent", "held back"


@dataclass(frozen=True, slots=True)
class Mail:
    """Sends one message to the customer.

    Attributes:
        to: role of the contact of an account who gets it; None, or nobody has it: the customer.
    """

    kind: ClassVar[str] = "mail"
    message: str
    to: str | None = None

    @property
    def outcomes(self) -> tuple[str, ...]:
        """It goes out, or something speaks against it."""
        return SENT, HELD_BACK

    @property
    def waits(self) -> bool:
        """Nobody waits for it long enough to end a circle."""
        return False

    def look(self, at: Look) -> Waits | Outcome:
        """Ask for it once, then wait for what was decided."""
        if at.told is not None:
            return Outcome(at.told, at.now)
        return Waits(
            acts=(SendMessage(self.message, at.key, at.visit, to=self.to),) if at.first else ()
        )


def _read(step: Part, words: Words) -> Mail:
    named = step.field("mail")
    message = named.word(words.messages, "message")
    if message in words.asking:
        named.bad(f"`{message}` asks something: `ask` or `rate` sends it")
    if message in {*words.booking, *words.telling}:
        named.bad(f"`{message}` speaks of a call: `call` sends it")
    to = step.field("to")
    return Mail(message, ROLES.get(to.word(ROLES, "role of contacts")) if to.is_there else None)


KIND = Kind(
    "mail", ("to",), "Sends a message of `messages/`, of an account to a contact by role.", _read,
    example="{step: first help, mail: set-up-help}",
)  # fmt: skip
