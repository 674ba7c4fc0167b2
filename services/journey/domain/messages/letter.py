"""A message as it is sent to one customer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.journey.domain.messages.fill import CODE_WORD, OFFER_WORDS, fill
from services.journey.domain.messages.links import led, word
from services.journey.domain.messages.purpose import OWED
from services.journey.domain.plays.play import Message

ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[^@\s<>,;:\"()\[\]\\]{1,255}")


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes out.

    Attributes:
        leave_url: where one can leave with one click; None: nothing to leave.
        calendar: a file for calendar programs; None: it tells of no agreed time.
        leads_to: addresses of links that lead over ours, by the links' ids.
    """

    to: str
    subject: str
    text: str
    html: str | None
    leave_url: str | None
    calendar: str | None = None
    leads_to: Mapping[str, str] = field(default_factory=dict)


def is_address(address: str | None) -> bool:
    """Whether a mail can be sent there: one address, on one line.

    >>> is_address("ann@example.org"), is_address("ann at example.org")
    (True, False)
    """
    return address is not None and ADDRESS.fullmatch(address) is not None


def says_offer(message: Message) -> bool:
    """Whether it speaks of an offer: without one it makes no sense."""
    said = f"{message.subject}{message.text}{message.html or ''}"
    return any(word in said for word in OFFER_WORDS)


def says_code(message: Message) -> bool:
    """Whether it tells the customer's referral code."""
    return CODE_WORD in f"{message.subject}{message.text}{message.html or ''}"


def write(
    message: Message, to: str, words: Mapping[str, object], leave_url: str, answer_url: str = "",
    *, footer: bool = True, go_url: str = "",
) -> Letter:  # fmt: skip
    """The letter. Raises BadTemplate.

    Args:
        footer: the text ends with how to leave its topic.
        go_url: its links lead there, with the link's id behind it; empty: to where they are written to.
    """
    owed = message.purpose in OWED
    known = {**words, "leave_url": leave_url, "answer_url": answer_url}
    leads_to: Mapping[str, str] = {}
    if go_url:
        message, leads_to = led(message)
        known |= {word(link): f"{go_url}{link}" for link in leads_to}
    text = fill(message.text, known)
    if footer and not owed:
        text += f"\n-- \nNo more mails about {message.topic}: {leave_url}\n"
    return Letter(
        to=to,
        subject=" ".join(fill(message.subject, known).split()),
        text=text,
        html=None if message.html is None else fill(message.html, known, html=True),
        leave_url=None if owed else leave_url,
        leads_to=leads_to,
    )
