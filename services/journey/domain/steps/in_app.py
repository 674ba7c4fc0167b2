"""A message inside the app: it is over when it is known whether it may be sent."""

from dataclasses import dataclass
from typing import ClassVar

from services.journey.domain.messages.purpose import Channel
from services.journey.domain.plays.reading import Part
from services.journey.domain.plays.run import SendMessage
from services.journey.domain.steps.mail import HELD_BACK, SENT
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words


@dataclass(frozen=True, slots=True)
class InApp:
    """Shows one message in the customer's apps.

    Attributes:
        opens: what an app opens on a click: a screen of it, or an address; None: nothing.
    """

    kind: ClassVar[str] = "in_app"
    message: str
    opens: str | None = None

    @property
    def outcomes(self) -> tuple[str, ...]:
        """It goes out, or something speaks against it; `wait_for` waits for what they do with it."""
        return SENT, HELD_BACK

    @property
    def waits(self) -> bool:
        """Nobody waits for it long enough to end a circle."""
        return False

    def look(self, at: Look) -> Waits | Outcome:
        """Ask for it once, then wait for what was decided."""
        if at.told is not None:
            return Outcome(at.told, at.now)
        shown = SendMessage(
            self.message, at.key, at.visit, channel=Channel.APP.value, opens=self.opens
        )
        return Waits(acts=(shown,) if at.first else ())


def _read(step: Part, words: Words) -> InApp:
    named, opens = step.field("in_app"), step.field("opens")
    message = named.word(words.messages, "message")
    if message in words.asking:
        named.bad(f"`{message}` asks something: `ask` or `rate` sends it")
    if message in {*words.booking, *words.telling}:
        named.bad(f"`{message}` speaks of a call: `call` sends it")
    if message in words.leaving:
        named.bad(f"`{message}` says `{{{{ leave_url }}}}`, which only mails have")
    return InApp(message, opens.text() if opens.is_there else None)


KIND = Kind(
    "in_app", ("opens",), "Shows a message of `messages/` in the customer's apps.", _read,
    example="{step: in the app, in_app: set-up-help, opens: help/wifi}",
)  # fmt: skip
