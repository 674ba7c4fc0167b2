"""An offer to one customer: what it is, what speaks against making it, what becomes of it. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from services.journey.domain.products.offers import Refusal, offers
from services.journey.domain.products.product import Product

Kind = Literal[
    "promotion",  #: something more, at a price that is not the list's
    "upgrade",  #: takes the place of something they have
]
State = Literal["open", "accepted", "declined", "expired"]
Answer = Literal["accepted", "declined"]


class Against(StrEnum):
    """Why an offer is not made, beside what any product can meet."""

    #: the catalogue has no such product
    UNKNOWN = "unknown_product"
    #: it was offered, and that offer is open
    OFFERED = "offered_already"
    #: they have nothing whose place it would take
    NO_UPGRADE = "nothing_to_upgrade"
    #: a fault or ticket is open: nobody is sold anything then
    TROUBLE = "trouble_open"


SAYS: Mapping[Refusal | Against, str] = {
    Against.UNKNOWN: "the catalogue has no such product",
    Refusal.NOT_DESCRIBED: "nobody has said what the product is and what it costs",
    Refusal.NOT_YET_SOLD: "its sale begins later",
    Refusal.NO_LONGER_SOLD: "its sale has ended",
    Refusal.OWNED: "they have it",
    Refusal.OUTDATED: "they have what took its place",
    Refusal.INCOMPATIBLE: "they have nothing that it works with",
    Against.OFFERED: "it was offered to them, and that offer is open",
    Against.NO_UPGRADE: "they have nothing whose place it would take",
    Against.TROUBLE: "a ticket of theirs is open",
}
"""What speaks against an offer, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be offered.

    Attributes:
        discount: percent off the list's price; price: in its place.
        until: it can be accepted up to this moment.
    """

    kind: Kind
    product: str
    until: datetime
    discount: int = 0
    price: float | None = None


@dataclass(frozen=True, slots=True)
class Shop:
    """What is known as an offer is about to be made.

    Attributes:
        owned: what the customer has; offered: products of open offers.
        trouble: since when a ticket is open; None: none is.
    """

    catalogue: Sequence[Product]
    owned: Collection[str]
    offered: Collection[str] = ()
    trouble: datetime | None = None


def against(wanted: Wanted, shop: Shop, now: datetime) -> Refusal | Against | None:
    """What speaks against making it; None: nothing."""
    products = {product.id: product for product in shop.catalogue}
    product = products.get(wanted.product)
    if product is None:
        return Against.UNKNOWN
    may_be = {of.product.id: of.refusal for of in offers(shop.catalogue, shop.owned, now)}
    if (refusal := may_be[product.id]) is not None:
        return refusal
    if wanted.product in shop.offered:
        return Against.OFFERED
    if wanted.kind == "upgrade" and not _replaces(product, products, shop.owned):
        return Against.NO_UPGRADE
    return None if shop.trouble is None else Against.TROUBLE


def price_of(wanted: Wanted, product: Product) -> float:
    """What it costs them."""
    if wanted.price is not None:
        return wanted.price
    return round((product.price or 0.0) * (100 - wanted.discount) / 100, 2)


def _replaces(product: Product, products: dict[str, Product], owned: Collection[str]) -> bool:
    """Whether they have what it takes the place of: its forerunner, or of plans another one."""
    if product.replaces in owned:
        return True
    plans = (products[id_] for id_ in owned if id_ in products)
    return product.kind == "subscription" and any(plan.kind == "subscription" for plan in plans)
