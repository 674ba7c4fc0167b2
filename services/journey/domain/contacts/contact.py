"""A person of a business account: what they decide there, how they are reached, what they want to get."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Role = Literal["decision_maker", "user", "billing", "technical", "other"]
Channel = Literal["email", "phone"]
#: the roles as playbooks say them
ROLES: dict[str, Role] = {role.replace("_", " "): role for role in get_args(Role)}
MOST = 100  # contacts of one account that its page can show


@dataclass(frozen=True, slots=True)
class Reach:
    """Who a contact is, as it is told.

    Attributes:
        zone: IANA; None: the customer's.
        channel: how they want to be reached.
        language: as in de or pt-BR; None: the customer's.
    """

    name: str
    role: Role
    email: str | None = None
    phone: str | None = None
    zone: str | None = None
    channel: Channel = "email"
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """What a contact said about what they get.

    Attributes:
        left: topics they want no more of; an empty one: all of them.
        promotion: whether they agreed to promotions.
        at, who: when it was written down, and by which subject; None: nobody asked yet.
    """

    left: tuple[str, ...] = ()
    promotion: bool = False
    at: datetime | None = None
    who: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """One of an account."""

    id: str
    customer: str
    reach: Reach
    consent: Consent = Consent()


def whom(people: Iterable[Contact], role: str, chosen: str | None = None) -> Contact | None:
    """Who gets a mail for this role: the first that was added; None: nobody, so the account itself does.

    Args:
        people: of one account, the first that was added first.
        chosen: who was chosen before, if they are there still.
    """
    known = list(people)
    before = next((person for person in known if person.id == chosen), None)
    if before is not None:
        return before
    return next(
        (
            person
            for person in known
            if person.reach.role == role
            and person.reach.email is not None
            and person.reach.channel == "email"
        ),
        None,
    )
