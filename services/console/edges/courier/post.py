"""What all mails of console have in common."""

from dataclasses import dataclass
from email.message import EmailMessage

from services.console.domain.mails.letters import Letter
from services.console.domain.rules import Rules
from services.console.domain.sealed.seal import Seal
from shared.effects.effect import Effect, Policy
from shared.effects.smtp import Courier

MAIL = Policy(repeats=1)  # two mails of one Message-ID are better than none; three are not
GONE = "no_account"  # why a mail is suppressed: whoever it was for is not there any more


@dataclass(frozen=True, slots=True)
class Post:
    """What mails are made with and handed over by."""

    courier: Courier
    rules: Rules
    seal: Seal

    def message(self, effect: Effect, receiver: str, letter: Letter) -> EmailMessage:
        """The mail of an effect: the same however often it is made."""
        message = EmailMessage()
        message["From"] = self.courier.sender
        message["To"] = receiver
        message["Subject"] = letter.subject
        message["Date"] = effect.planned_at
        message["Message-ID"] = self.courier.message_id(effect.id)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body)
        return message
