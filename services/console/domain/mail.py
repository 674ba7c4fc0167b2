"""A mail that waits to be sent, and when it is tried again."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

from services.console.domain import link

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
Kind = link.Kind | Notice

TELL_FOR = timedelta(days=3)  # news older than this is none
ATTEMPTS = 10
LEASE = timedelta(minutes=2)  # longer than a try may take: nobody else takes it meanwhile
_FIRST = timedelta(seconds=5)
_LONGEST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one account.

    Attributes:
        secret: of the link, sealed; deleted with the row once the mail is out. A notice has none.
    """

    id: str
    account: str
    kind: Kind
    secret: str = field(repr=False)
    attempts: int
    created_at: datetime
    due_at: datetime
    expires_at: datetime


def pause(attempts: int) -> timedelta:
    """How long after a failed try the next one is.

    >>> [pause(n).seconds for n in (1, 2, 3, 9)]
    [5, 10, 20, 600]
    """
    return min(_FIRST * float(2 ** (attempts - 1)), _LONGEST)
