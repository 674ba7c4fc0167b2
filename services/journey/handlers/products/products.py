"""The catalogue changes: one product, or a whole file of them at once."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.journey.domain.products import product_lines
from services.journey.domain.products.offers import Offer, offers
from services.journey.domain.products.product import Product
from services.journey.errors import UnknownProducts
from services.journey.handlers.ports import Store, Unit
from shared.audited import difference
from shared.errors import NotFound

Unchanged = Callable[[Product | None], None]
"""Raises when a product, None where there is none, is not as the caller has read it."""


@dataclass(frozen=True, slots=True)
class Stocked:
    """What a file came to: products that are new, other than before, and as they were."""

    added: int
    changed: int
    unchanged: int


async def put_product(unit: Unit, product: Product, unchanged: Unchanged) -> bool:
    """A product is this; returns whether it is new.

    Raises: UnknownProducts: it names one that is not in the catalogue; what `unchanged` raises.
    """
    before = (await unit.store.products.hold([product.id])).get(product.id)
    unchanged(before)
    await _save(unit, [product], {} if before is None else {before.id: before})
    return before is None


async def import_products(unit: Unit, products: Sequence[Product]) -> Stocked:
    """All of them are these, or, where one names a product that is nowhere, none is."""
    before = await unit.store.products.hold(product.id for product in products)
    await _save(unit, products, before)
    added = sum(product.id not in before for product in products)
    same = sum(before.get(product.id) == product for product in products)
    return Stocked(added, len(products) - added - same, same)


async def _save(unit: Unit, products: Sequence[Product], before: dict[str, Product]) -> None:
    named = {other for product in products for _, other in product.names()}
    known = await unit.store.products.read(named)
    wrong = list(product_lines.unknown(products, known))
    if wrong:
        raise UnknownProducts(wrong)
    new = [product for product in products if before.get(product.id) != product]
    await unit.store.products.save(new)
    for product in new:
        was, became = difference(_told(before.get(product.id)), _told(product))
        unit.audit("product.change", "product", product.id, before=was, after=became)


def _told(product: Product | None) -> dict[str, Any]:
    return {} if product is None else asdict(product)


async def read_product(store: Store, id_: str) -> Product:
    """One of the catalogue. Raises: NotFound."""
    product = (await store.products.read([id_])).get(id_)
    if product is None:
        raise NotFound("product", id_)
    return product


async def read_offers(unit: Unit, customer: str) -> list[Offer]:
    """Every product, with what speaks against offering it to this customer. Raises: NotFound."""
    if await unit.store.reader.find(customer) is None:
        raise NotFound("customer", customer)
    owned = await unit.store.products.owned([customer], unit.now)
    return offers(await unit.store.products.all(), owned[customer], unit.now)
