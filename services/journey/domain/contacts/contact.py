"""A person of a business account: what they decide there, how they are reached, what they want to get."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["decision_maker", "user", "billing", "technical", "other"]
Channel = Literal["email", "phone"]
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
