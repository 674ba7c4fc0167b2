"""Offers the customer a product, or their referral code; what may not be offered leads along a way of its own."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, get_args

from typing_extensions import override

from services.journey.domain.plays.reading import Part
from services.journey.domain.plays.run import HandOutCode, MakeOffer
from services.journey.domain.products import making
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words

MADE, REFUSED = "made", "refused"
REFERRAL = "referral"  # no product: what friends buy with it brings both a reward
FIELDS = ("product", "discount", "price", "valid")
NEEDED = ("product", "valid")
BECAUSE = ": "  # between `refused` and why
MOST_DISCOUNT = 90  # percent
MOST_PRICE = 1_000_000
LONGEST_S = 365 * 86_400


class _Asked(ABC):
    """What is asked for once; whether it may be made is decided in the same transaction."""

    __slots__ = ()
    kind: ClassVar[str] = "offer"

    @property
    def outcomes(self) -> tuple[str, ...]:
        """It is made, or something speaks against it; `wait_for` waits for what they say to it."""
        return MADE, REFUSED

    @property
    def waits(self) -> bool:
        """It is known at once."""
        return False

    def look(self, at: Look) -> Waits | Outcome:
        """Ask once, and go on as it is told."""
        if at.told is not None:
            word, _, why = at.told.partition(BECAUSE)
            return Outcome(word, at.now, why=why)
        return Waits(acts=(self._act(at),) if at.first else ())

    @abstractmethod
    def _act(self, at: Look) -> MakeOffer | HandOutCode:
        """What is asked for."""


@dataclass(frozen=True, slots=True)
class Offer(_Asked):
    """Makes one offer.

    Attributes:
        discount: percent off the list's price; price: in its place.
        valid_s: so long it can be accepted.
    """

    of: str
    product: str
    valid_s: int
    discount: int = 0
    price: int | None = None

    @override
    def _act(self, at: Look) -> MakeOffer:
        return MakeOffer(
            self.of, self.product, self.discount, self.price, self.valid_s, at.key, at.visit
        )


@dataclass(frozen=True, slots=True)
class Referral(_Asked):
    """Hands out the customer's referral code, the same each time."""

    @override
    def _act(self, at: Look) -> HandOutCode:
        return HandOutCode(at.key, at.visit)


def refused(why: str) -> str:
    """What a run is told of an offer that was not made."""
    return f"{REFUSED}{BECAUSE}{why.replace('_', ' ')}"


def _read(step: Part, words: Words) -> Offer | Referral:
    del words  # what is sold is no part of the playbook: a product that is gone is refused
    kind = step.field("offer").word((*get_args(making.Kind), REFERRAL), "kind of offers")
    if kind == REFERRAL:
        for name in FIELDS:
            if step.field(name).is_there:
                step.field(name).bad("a referral has none: its code is the customer's")
        return Referral()
    if kind:
        for name in NEEDED:
            if not step.field(name).is_there:
                step.bad(f"field `{name}` is missing")
                return Referral()
    discount, price, valid = step.field("discount"), step.field("price"), step.field("valid")
    if discount.is_there and price.is_there:
        price.bad("one of `discount` and `price`")
    valid_s = valid.span()
    if valid_s > LONGEST_S:
        valid.bad("expected 365d at most")
    return Offer(
        kind,
        step.field("product").text(),
        valid_s,
        discount.whole(1, MOST_DISCOUNT) if discount.is_there else 0,
        price.whole(0, MOST_PRICE) if price.is_there else None,
    )


KIND = Kind(
    "offer", FIELDS, "Offers a product of the catalogue, or the customer's referral code.", _read,
    example="{step: a second one, offer: promotion, product: cam-outdoor, discount: 15, valid: 14d}",
)  # fmt: skip
