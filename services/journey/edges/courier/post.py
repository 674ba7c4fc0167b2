"""What effects of plays are done with, and what mails to customers have in common."""

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from services.journey.domain.messages.letter import Letter
from services.journey.handlers.messages.decide import Links
from services.journey.store.store import Store
from shared.effects.smtp import Courier
from shared.stream.units import Units
from shared.web.client.client import Peer
from shared.web.client.outgoing import Outgoing

# where customers leave a topic, answer, choose a time, go on; a token follows
LEAVE, ANSWER, BOOK, GO = "/leave/", "/answer/", "/book/", "/go/"


@dataclass(frozen=True, slots=True)
class Post:
    """What mails, webhooks and tickets are made with, and whom they are handed to.

    Attributes:
        public_url: where customers reach our public pages.
        webhook_key: that webhooks are signed with; None: nobody said, and they wait.
        outgoing: the way to addresses of others.
        support: who opens tickets; None: nobody said where it is, and they wait.
        ingest: who reaches apps; the same.
        console: who knows where colleagues have their mail; None: tests wait.
    """

    courier: Courier
    units: Units[Store, Any]
    public_url: str
    webhook_key: bytes | None = None
    outgoing: Outgoing = field(default_factory=Outgoing)
    support: Peer | None = None
    ingest: Peer | None = None
    console: Peer | None = None

    @property
    def links(self) -> Links:
        """The addresses a token is put behind."""
        return Links(*(f"{self.public_url}{path}" for path in (LEAVE, ANSWER, BOOK, GO)))

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
        if letter.calendar is not None:
            mail.add_attachment(letter.calendar, subtype="calendar", filename="call.ics")
        return mail
