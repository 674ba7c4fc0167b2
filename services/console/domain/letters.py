"""The mails we send: plain text, with a link and what to do if it was not you."""

from dataclasses import dataclass
from datetime import timedelta

from services.console.domain.link import Kind


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says."""

    subject: str
    body: str


def letter(kind: Kind, address: str, good_for: timedelta) -> Letter:
    """An invitation or a reset. No name of a person stands in a header."""
    span = _spoken(good_for)
    if kind == "reset":
        return Letter(
            "Playcaller: choose a new password",
            "Somebody, probably you, asked for a new password.\n\n"
            f"Choose it here, within {span}; the link works once:\n\n  {address}\n\n"
            "If it was not you, do nothing: your password stays as it is.\n",
        )
    return Letter(
        "Playcaller: your account",
        "An account was made for you.\n\n"
        f"Choose your password here, within {span}; the link works once:\n\n  {address}\n",
    )


def _spoken(span: timedelta) -> str:
    """A span in words.

    >>> _spoken(timedelta(minutes=30)), _spoken(timedelta(days=3))
    ('30 minutes', '3 days')
    """
    minutes = round(span.total_seconds() / 60)
    for size, word in ((1440, "days"), (60, "hours")):
        if minutes >= 2 * size and minutes % size == 0:
            return f"{minutes // size} {word}"
    return f"{minutes} minutes"
