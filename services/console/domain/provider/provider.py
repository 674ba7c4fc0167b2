"""What an OpenID provider says of somebody, and what it makes them here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.console.domain.accounts.account import PEOPLE
from services.console.errors import GroupsIncomplete
from shared.web.who import Role

_OVERAGE = (
    "hasgroups"  # how a provider says it of `groups`, besides OpenID Connect Core section 5.6.2
)


@dataclass(frozen=True, slots=True)
class Proven:
    """What a verified ID token says.

    Attributes:
        subject: issuer and subject together: what an account is bound to.
        email: only where the provider has verified it.
        values: of the claim that roles are mapped from: all of them, or nobody gets in.
    """

    subject: str = field(repr=False)
    email: str | None = field(repr=False)
    values: frozenset[str]


def proven(issuer: str, claims: Mapping[str, Any], roles_claim: str) -> Proven | None:
    """The claims as we use them; None: there is no subject.

    How long the list of values is, is bounded by the size of the token: it is never cut.

    Raises: GroupsIncomplete: the values stand elsewhere, or not all of them are here.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        return None
    if roles_claim and _stands_elsewhere(claims, roles_claim):
        raise GroupsIncomplete(roles_claim)
    given = claims.get("email")
    is_ours = isinstance(given, str) and claims.get("email_verified") is True
    claimed = claims.get(roles_claim, []) if roles_claim else []
    words = [claimed] if isinstance(claimed, str) else claimed if isinstance(claimed, list) else []
    return Proven(
        f"{issuer} {subject}",
        given if is_ours else None,
        frozenset(word for word in words if isinstance(word, str)),
    )


def _stands_elsewhere(claims: Mapping[str, Any], roles_claim: str) -> bool:
    """Whether the provider sends us elsewhere for a claim, as it does when a list is too long."""
    names = claims.get("_claim_names")
    elsewhere = isinstance(names, dict) and roles_claim in names
    return elsewhere or (
        roles_claim == "groups" and claims.get(_OVERAGE) in (True, "true", "True", 1)
    )


def mapped(values: frozenset[str], table: Mapping[str, Role]) -> frozenset[Role]:
    """The roles our table gives for these values; a value that is not in it gives none."""
    return frozenset(table[value] for value in values if table.get(value) in PEOPLE)
