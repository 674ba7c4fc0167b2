"""A friend buys with a customer's code: whether that counts, and what both get. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal

from services.journey.domain.customers.state import State
from shared.errors import Refusal

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no two signs that are taken for each other
LENGTH: Final = 10  # 49 bits: nobody guesses one of a million codes
RewardState = Literal["pending", "final", "reversed"]
Side = Literal["customer", "friend"]


class Against(StrEnum):
    """Why a purchase with a code brings no rewards."""

    #: it is their own
    OWN_CODE = "own_code"
    #: both are reached at the same place
    SAME_ADDRESS = "same_address"
    #: both have had the same device or app
    SAME_DEVICE = "same_device"
    #: they bought with a code before
    REDEEMED = "redeemed_already"
    #: the order was paid back
    PAID_BACK = "paid_back"


SAYS = {
    Against.OWN_CODE: "it is their own code",
    Against.SAME_ADDRESS: "both live at the same address, or have the same mail address or phone number",
    Against.SAME_DEVICE: "both have had the same device or app",
    Against.REDEEMED: "they have bought with a code before",
    Against.PAID_BACK: "the order was paid back",
}


class NotRedeemed(Refusal):
    """The purchase brings no rewards."""

    def __init__(self, why: Against) -> None:
        super().__init__(f"{why}: {SAYS[why]}")


@dataclass(frozen=True, slots=True)
class Rewards:
    """What an installation gives. Money is in the vendor's currency.

    Attributes:
        customer, friend: for whoever recommended, and for whoever bought.
        return_within: so long an order may be sent back; then rewards are final.
    """

    customer: float = 20.0
    friend: float = 10.0
    return_within: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of one of both.

    Attributes:
        reached: address, mail address and phone number, as `reached_at` has them.
    """

    id: str
    reached: frozenset[str] = frozenset()
    state: State = field(default_factory=State)


def against(customer: Person, friend: Person, *, redeemed: bool, paid_back: bool) -> Against | None:
    """What speaks against rewards; None: nothing."""
    if customer.id == friend.id:
        return Against.OWN_CODE
    if redeemed:
        return Against.REDEEMED
    if customer.reached & friend.reached:
        return Against.SAME_ADDRESS
    if _had(customer.state) & _had(friend.state):
        return Against.SAME_DEVICE
    return Against.PAID_BACK if paid_back else None


def reached_at(*where: str | None) -> frozenset[str]:
    """Where somebody is reached, so that spelling makes no difference.

    >>> reached_at("12, Long Lane", None, "") == reached_at("12 long lane")
    True
    """
    spelled = {re.sub(r"[\W_]", "", told).casefold() for told in where if told is not None}
    return frozenset(spelled - {""})


def code_of(drawn: Collection[int]) -> str:
    """The code of random bytes: two halves, easy to say.

    Args:
        drawn: more than LENGTH; those that would make one sign likelier than another are left out.
    """
    even = [number for number in drawn if number < 256 // len(ALPHABET) * len(ALPHABET)]
    signs = "".join(ALPHABET[number % len(ALPHABET)] for number in even[:LENGTH])
    return f"{signs[: LENGTH // 2]}-{signs[LENGTH // 2 :]}"


def read_code(text: str) -> str:
    """A code as somebody has typed it.

    >>> read_code(" abcde 23456")
    'ABCDE-23456'
    """
    signs = "".join(sign for sign in text.upper() if sign.isalnum())
    return f"{signs[: LENGTH // 2]}-{signs[LENGTH // 2 :]}"


def _had(state: State) -> set[str]:
    return set(state.devices) | set(state.apps)
