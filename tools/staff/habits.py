"""What customers do with mails, and when. Pure: the same mail is always read alike."""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from tools.staff.persona import draw

Habit = Literal["ignore", "open", "click", "leave"]
SHARES: tuple[tuple[Habit, float], ...] = (
    ("ignore", 0.35),
    ("open", 0.3),
    ("click", 0.32),
    ("leave", 0.03),
)
LINK = re.compile(r"https?://\S+/go/[A-Za-z0-9_-]+/[0-9a-f]{16}")
FEWEST_H, MOST_H = 1.0, 30.0  # after it came, somebody looks at a mail


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """Somebody does something with a mail; when a mail is only opened, nobody hears of it.

    Attributes:
        leaves: they want no more of its topic; else they open what it leads to.
    """

    at: datetime
    url: str
    leaves: bool = False


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
    if kind == "leave" and mail["List-Unsubscribe"] is not None:
        return Act(at, str(mail["List-Unsubscribe"]).strip(" <>"), leaves=True)
    body = mail.get_body(("plain",))
    links = LINK.findall(body.get_content()) if kind == "click" and body is not None else []
    return Act(at, links[int(draw(id_, "which") * len(links))]) if links else None
