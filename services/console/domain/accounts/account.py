"""Accounts of people: what they may be, and what of it counts now."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, get_args

from services.console.domain.pages.accounts.wishes import Wishes
from services.console.errors import BadRoles
from shared.web.who import Role

State = Literal["invited", "active", "deactivated"]
PersonRole = Literal["csm", "agent", "lead", "product", "marketing", "oncall", "admin", "partner"]
PEOPLE: frozenset[Role] = frozenset(get_args(PersonRole))


@dataclass(frozen=True, slots=True)
class Account:
    """One person.

    Attributes:
        organisation: of a partner's people; None for everybody else.
        password_hash: argon2id; None before the first sign-in, or where OpenID Connect signs in.
        totp_secret: confirmed second factor, sealed. totp_pending: shown, not confirmed yet.
        totp_step: the last time step whose code was used.
        wishes: how they want to work.
        subject: `issuer subject` at the OpenID provider, bound at the first sign-in there.
    """

    id: str
    email: str = field(repr=False)
    name: str = field(repr=False)
    roles: frozenset[Role]
    organisation: str | None
    state: State
    created_at: datetime
    version: int = 1
    password_hash: str | None = field(default=None, repr=False)
    totp_secret: str | None = field(default=None, repr=False)
    totp_pending: str | None = field(default=None, repr=False)
    totp_step: int = 0
    subject: str | None = field(default=None, repr=False)
    wishes: Wishes = field(default=Wishes(), repr=False)

    @property
    def may_sign_in(self) -> bool:
        """Whether it is in use."""
        return self.state == "active"

    @property
    def has_second_factor(self) -> bool:
        """Whether a code is asked for at sign-in."""
        return self.totp_secret is not None

    def lacks_second_factor(self, required_for: Collection[Role]) -> bool:
        """Whether its roles want a second factor that it does not have."""
        return not self.has_second_factor and bool(self.roles & set(required_for))

    def without_second_factor(self) -> "Account":
        """The same after the telephone was lost."""
        return replace(self, totp_secret=None, totp_pending=None)


def check_roles(roles: Collection[Role], organisation: str | None) -> frozenset[Role]:
    """Roles that a person may have together.

    Raises: BadRoles: none, one of programs, or a partner without organisation or the reverse.
    """
    wanted = frozenset(roles)
    if not wanted:
        raise BadRoles("an account has at least one role")
    if wanted - PEOPLE:
        raise BadRoles(f"{', '.join(sorted(wanted - PEOPLE))}: for programs, not for people")
    if ("partner" in wanted) != (organisation is not None):
        raise BadRoles("a partner names its organisation, and nobody else does")
    if "partner" in wanted and len(wanted) > 1:
        raise BadRoles("a partner has no other role")
    return wanted
