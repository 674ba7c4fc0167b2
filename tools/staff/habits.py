"""What customers do with mails, and when. Pure: the same mail is always read alike."""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Literal

from tools.staff.persona import draw

Habit = Literal["ignore", "open", "reply", "click", "leave"]
Does = Literal["opens", "leaves", "replies", "books", "moves", "cancels"]
SHARES: tuple[tuple[Habit, float], ...] = (
    ("ignore", 0.35),
    ("open", 0.26),
    ("reply", 0.04),
    ("click", 0.32),
    ("leave", 0.03),
)
LINK = re.compile(r"https?://\S+/go/[A-Za-z0-9_-]+/[0-9a-f]{16}")
BOOK = re.compile(r"https?://\S+/book/[A-Za-z0-9_-]+")
REPLIES = 0.3  # of the mails that those who reply at all get
BOOKS, MOVES, CANCELS = 0.7, 0.1, 0.1  # of those who look into mails at all
SOON_H = 8.0  # who wants to be called says so on the same day
FEWEST_H, MOST_H = 1.0, 30.0  # after it came, somebody looks at a mail


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """Somebody does something with a mail; when a mail is only opened, nobody hears of it.

    Attributes:
        does: opens what it leads to; leaves its topic; replies to it; chooses a time for a call,
            another one, or none.
        url: where; of a reply the mail's Message-ID.
        taste: from 0 to just below 1: which of the times.
    """

    at: datetime
    url: str
    does: Does = "opens"
    taste: float = 0.0


def habit(address: str) -> Habit:
    """What somebody does with mails like these."""
    rest = draw(address, "habit")
    for kind, share in SHARES:
        if rest < share:
            return kind
        rest -= share
    return "ignore"


def act_on(content: bytes) -> Act | None:
    """What whoever gets this mail does that we hear of; None: nothing."""
    mail = email.message_from_bytes(content, policy=email.policy.default)
    if mail["Date"] is None:
        return None
    to, id_ = str(mail["To"]), str(mail["Message-ID"])
    hours = FEWEST_H + (MOST_H - FEWEST_H) * draw(id_, "after")
    at = parsedate_to_datetime(str(mail["Date"])) + timedelta(hours=hours)
    kind = habit(to)
    if kind == "reply" and draw(id_, "replies") < REPLIES:
        return Act(at, id_, "replies")
    if kind == "leave" and mail["List-Unsubscribe"] is not None:
        return Act(at, str(mail["List-Unsubscribe"]).strip(" <>"), "leaves")
    body = mail.get_body(("plain",))
    said = "" if body is None or kind == "ignore" else body.get_content()
    if (booking := BOOK.search(said)) is not None and (call := _about_call(mail, booking[0])):
        return call
    links = LINK.findall(said) if kind == "click" else []
    return Act(at, links[int(draw(id_, "which") * len(links))]) if links else None


def _about_call(mail: EmailMessage, url: str) -> Act | None:
    """An invitation to a call is followed by many, what was agreed is changed by few."""
    id_ = str(mail["Message-ID"])
    hours = FEWEST_H + (SOON_H - FEWEST_H) * draw(id_, "soon")
    at = parsedate_to_datetime(str(mail["Date"])) + timedelta(hours=hours)
    taste, chance = draw(id_, "time"), draw(id_, "call")
    if mail["List-Unsubscribe"] is not None:  # an invitation can be left, what was agreed cannot
        return Act(at, url, "books", taste) if chance < BOOKS else None
    if chance < MOVES:
        return Act(at, url, "moves", taste)
    return Act(at, url, "cancels") if chance < MOVES + CANCELS else None
