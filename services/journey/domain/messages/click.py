"""Whether a link of a mail was opened by a person: scanners open links too, and look like one.

What is told apart is what can be: who only asks for the head, who opens a link at once when the mail has come, who
opens several within a second. A scanner that takes its time and opens one link is taken for a person.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

TOO_SOON = timedelta(seconds=5)  # a mail has to come, be seen and be read
TOGETHER = timedelta(seconds=1)  # nobody presses two links within it
KNOWN_AFTER = timedelta(seconds=2)  # by then it is known what else was opened with it
MOST = 20  # openings of one message that are kept: what comes after tells nothing new


class Opened(NamedTuple):
    """A link was opened."""

    link: str
    at: datetime


def is_person(opened: Opened, sent_at: datetime, all_: Iterable[Opened]) -> bool:
    """Whether a person opened it.

    Args:
        all_: openings of the same message, this one among them.
    """
    if opened.at - sent_at < TOO_SOON:
        return False
    return not any(
        other.link != opened.link and abs(other.at - opened.at) <= TOGETHER for other in all_
    )
