"""Who asks: a person, a program or a service of ours, as its token says."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

Role = Literal[
    "csm",
    "agent",
    "lead",
    "product",
    "marketing",
    "oncall",
    "admin",
    "partner",
    "vendor",
    "service",
]
Kind = Literal["person", "key", "service", "system"]
"""`system`: a service on its own, for records, timers and commands; no token says so."""
ROLES: tuple[Role, ...] = get_args(Role)
STEP_UP = timedelta(minutes=10)  # how long a second factor counts for sensitive acts


@dataclass(frozen=True, slots=True)
class Who:
    """The one who asks.

    Attributes:
        subject: account, key or service, e.g. `account:7f3a`, `key:1b2c3d4e`, `service:support`.
        roles: what it may do; see the rights table in docs/security.md.
        organisation: of a partner's people and keys; None for everybody else.
        scopes: what a key is confined to (`METHOD /route` or a service's name); None: its roles.
        token_id: of the token shown, for the audit.
        address: where the request came from.
        request: its id, as answered in `X-Request-Id`.
        second_factor_at: when a person last gave a code; None: never in this session.
    """

    subject: str
    kind: Kind
    roles: frozenset[Role]
    organisation: str | None = None
    scopes: frozenset[str] | None = None
    token_id: str = ""
    address: str = ""
    request: str = ""
    second_factor_at: datetime | None = None

    @property
    def is_partner(self) -> bool:
        """Whether only what is shared with its organisation may be shown."""
        return "partner" in self.roles
