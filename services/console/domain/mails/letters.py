"""The mails we send: plain text, with a link and what to do if it was not you."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says."""

    subject: str
    body: str


def letter(kind: str, address: str, good_for: timedelta) -> Letter:
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


_NEWS: Mapping[str, str] = {
    "password_changed": "Your password was changed.",
    "password_reset": "Your password was chosen anew by a link that was mailed to you.",
    "second_factor_set_up": "A second factor was set up; codes of an older one are good no more.",
    "second_factor_removed": "Your second factor was taken away.",
    "recovery_code_used": "One of your recovery codes was used in place of the telephone.",
    "recovery_codes_renewed": "New recovery codes were made; the old ones are good no more.",
    "roles_changed": "Your roles were changed. All your sessions have ended.",
    "key_made": "An API key was made by you.",
}


def notice(kind: str, at: datetime, url: str) -> Letter:
    """What became of somebody's credentials; no secret, no link that opens anything, no name."""
    return Letter(
        "Playcaller: your account was changed",
        f"{_NEWS[kind]} It was on {at.astimezone(UTC):%d %B %Y at %H:%M} UTC.\n\n"
        "If it was you, or your admin told you so, do nothing.\n\n"
        f"If not: open {url} yourself, choose a new password, end all sessions, and tell your "
        "admin now.\n",
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
