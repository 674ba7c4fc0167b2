"""API keys of programs: how they look, how long they live, what they may be confined to."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from services.console.errors import BadKey
from shared.web.who import Role

LONGEST_LIFE = timedelta(days=180)
ACTIVE_PER_NAME = 2
SECRET_AT = len("pk_01234567_")
_LOOKS = re.compile(r"pk_([0-9a-f]{8})_([A-Za-z0-9_-]{43})", re.ASCII)
_SCOPE = re.compile(r"((GET|POST|PUT|PATCH|DELETE) )?/[A-Za-z0-9/_.{}-]{1,100}", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)

KeyKind = Literal["key", "service"]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key; its secret is known to its holder only.

    Attributes:
        kind: `service` for our own services' client keys.
        scopes: what it is confined to; None: all that its roles permit.
        last_used_on: a day, UTC.
    """

    id: str
    digest: str = field(repr=False)
    kind: KeyKind
    name: str
    roles: frozenset[Role]
    organisation: str | None
    scopes: tuple[str, ...] | None
    created_at: datetime
    created_by: str
    expires_at: datetime
    last_used_on: date | None = None
    revoked_at: datetime | None = None

    def is_active(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and now < self.expires_at

    @property
    def subject(self) -> str:
        """Who its tokens say is asking."""
        return f"service:{self.name}" if self.kind == "service" else f"key:{self.id}"


def written(id_: str, secret: str) -> str:
    """The key as its holder gets it, once."""
    return f"pk_{id_}_{secret}"


def id_of(key: str) -> str | None:
    """The visible part of a key; None: it is none."""
    match = _LOOKS.fullmatch(key)
    return None if match is None else match[1]


def check(
    name: str,
    kind: KeyKind,
    roles: Collection[Role],
    organisation: str | None,
    scopes: Collection[str] | None,
    life: timedelta,
) -> None:
    """Raises BadKey: not what a key may be."""
    wanted = set(roles)
    if not _NAME.fullmatch(name):
        raise BadKey("name: small letters, digits and hyphens, 63 at the most")
    if not wanted or "admin" in wanted:
        raise BadKey("roles: one or more; `admin` is for people with a second factor")
    if (kind == "service") != ("service" in wanted):
        raise BadKey("roles: `service` is for the keys of Playcaller's own services")
    if ("partner" in wanted) != (organisation is not None) or (
        "partner" in wanted and len(wanted) > 1
    ):
        raise BadKey("a partner's key names its organisation and has no other role")
    if not timedelta(0) < life <= LONGEST_LIFE:
        raise BadKey(f"expires_in_days: 1 to {LONGEST_LIFE.days}")
    for scope in scopes or ():
        if not _SCOPE.fullmatch(scope):
            raise BadKey("scopes: like `GET /v1/tickets/{ticket_id}` or `/v1/tickets`")
