"""Mails to the people who sign in, as effects that are planned; what they say is in `letters`."""

from datetime import datetime, timedelta
from typing import Literal, get_args

from services.console.domain.accounts import link
from shared.effects.effect import Planned

Notice = Literal[
    "password_changed",
    "password_reset",
    "second_factor_set_up",
    "second_factor_removed",
    "recovery_code_used",
    "recovery_codes_renewed",
    "roles_changed",
    "key_made",
]
NOTICES: frozenset[str] = frozenset(get_args(Notice))
LINK_MAIL = "link_mail"
NOTICE_MAIL = "notice_mail"

TELL_FOR = timedelta(days=3)  # news older than this is none


def link_mail(
    id_: str, account: str, kind: link.Kind, secret: str, now: datetime, good_for: timedelta
) -> Planned:
    """A mail that carries a link.

    Args:
        secret: of the link, sealed.
    """
    return Planned(id_, LINK_MAIL, account, now, now + good_for, {"says": kind}, secret)


def notice_mail(id_: str, account: str, notice: Notice, now: datetime) -> Planned:
    """A mail that tells what has changed; it carries no secret."""
    return Planned(id_, NOTICE_MAIL, account, now, now + TELL_FOR, {"says": notice})
