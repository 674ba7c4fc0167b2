"""What may be offered to a customer, and why the rest may not. Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.journey.domain.products.product import Product


class Refusal(StrEnum):
    """Why a product is not offered to a customer."""

    #: nobody has said what it is and what it costs
    NOT_DESCRIBED = "not_described"
    #: its sale begins later
    NOT_YET_SOLD = "not_yet_sold"
    #: its sale has ended
    NO_LONGER_SOLD = "no_longer_sold"
    #: the customer has it
    OWNED = "owned"
    #: the customer has what took its place
    OUTDATED = "outdated"
    #: the customer has nothing that it works with
    INCOMPATIBLE = "incompatible"


@dataclass(frozen=True, slots=True)
class Offer:
    """A product, as far as one customer goes.

    Attributes:
        refusal: None: it may be offered.
        instead: products that say more: what replaces it, what it would work with.
    """

    product: Product
    refusal: Refusal | None = None
    instead: Sequence[str] = ()


def offers(catalogue: Sequence[Product], owned: Collection[str], now: datetime) -> list[Offer]:
    """Every product with its answer, in the order of the catalogue.

    Args:
        owned: ids of what the customer has: bought, or subscribed to and running.
    """
    newer: dict[str, list[str]] = {}
    for product in catalogue:
        if product.replaces is not None and product.replaces != product.id:
            newer.setdefault(product.replaces, []).append(product.id)
    return [_offer(product, newer, owned, now) for product in catalogue]


def _offer(
    product: Product, newer: dict[str, list[str]], owned: Collection[str], now: datetime
) -> Offer:
    if product.id in owned:
        return Offer(product, Refusal.OWNED)
    if product.kind is None or product.price is None:
        return Offer(product, Refusal.NOT_DESCRIBED)
    if product.is_ahead(now):
        return Offer(product, Refusal.NOT_YET_SOLD)
    if product.is_over(now):
        return Offer(product, Refusal.NO_LONGER_SOLD, newer.get(product.id, ()))
    better = [other for other in _after(product.id, newer) if other in owned]
    if better:
        return Offer(product, Refusal.OUTDATED, better)
    if product.works_with and not set(product.works_with) & set(owned):
        return Offer(product, Refusal.INCOMPATIBLE, product.works_with)
    return Offer(product)


def _after(id_: str, newer: dict[str, list[str]]) -> Iterator[str]:
    """Everything that took its place since, also where products replace each other in a circle."""
    seen, waiting = {id_}, [id_]
    while waiting:
        for other in newer.get(waiting.pop(), ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
                yield other
