"""What mails to customers have in common."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from services.journey.domain.messages.letter import Letter
from services.journey.store.store import Store
from shared.effects.smtp import Courier
from shared.stream.units import Units

LEAVE = "/leave/"  # where customers leave a topic; a token follows


@dataclass(frozen=True, slots=True)
class Post:
    """What mails are made with and handed over by.

    Attributes:
        public_url: where customers reach our public pages.
    """

    courier: Courier
    units: Units[Store, Any]
    public_url: str

    @property
    def leave(self) -> str:
        """The address a token is put behind."""
        return f"{self.public_url}{LEAVE}"

    def message(self, effect: str, letter: Letter, at: datetime) -> EmailMessage:
        """The mail of an effect: the same however often it is made."""
        mail = EmailMessage()
        mail["From"] = self.courier.sender
        mail["To"] = letter.to
        mail["Subject"] = letter.subject
        mail["Date"] = at
        mail["Message-ID"] = self.courier.message_id(effect)
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834
        if letter.leave_url is not None:  # RFC 8058: a POST leaves, a GET only asks
            mail["List-Unsubscribe"] = f"<{letter.leave_url}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(letter.text)
        if letter.html is not None:
            mail.add_alternative(letter.html, subtype="html")
        return mail
