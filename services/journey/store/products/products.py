"""The catalogue of products."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.products.product import Kind, Product
from services.journey.store.tables import among, product, purchase, subscription
from shared.db import rows

_COLUMNS = [product.c[field.name] for field in fields(Product)]
_RUNNING = ("trial", "active")


class Products:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> list[Product]:
        """The catalogue, by id: as many as people can describe."""
        return await self._read(select(*_COLUMNS).order_by(product.c.id))

    async def listed(
        self, kind: Kind | None, described: bool | None, after: str | None, limit: int
    ) -> list[Product]:
        """Some of them, by id."""
        query = select(*_COLUMNS).order_by(product.c.id).limit(limit)
        if kind is not None:
            query = query.where(product.c.kind == kind)
        if described is not None:
            query = query.where(product.c.kind.is_not(None) == described)
        if after is not None:
            query = query.where(product.c.id > after)
        return await self._read(query)

    async def read(self, ids: Collection[str]) -> dict[str, Product]:
        """Those that there are."""
        query = select(*_COLUMNS).where(product.c.id == among(ids))
        return {read_product.id: read_product for read_product in await self._read(query)}

    async def hold(self, ids: Iterable[str]) -> dict[str, Product]:
        """Lock those that there are, in order."""
        held = await rows.lock(self._connection, product, ids)
        return {str(id_): _product(row) for id_, row in held.items()}

    async def save(self, products: Sequence[Product]) -> None:
        """Write them as they are now."""
        await rows.upsert(
            self._connection,
            product,
            [
                asdict(read_product) | {"works_with": list(read_product.works_with)}
                for read_product in products
            ],
        )

    async def note(self, ids: Iterable[str]) -> None:
        """Put into the catalogue what a purchase or plan names: to be described."""
        named = sorted(set(ids))
        await rows.insert_missing(
            self._connection, product, [{"id": id_, "name": id_} for id_ in named]
        )

    async def owned(self, customers: Iterable[str], now: datetime) -> dict[str, set[str]]:
        """What each of these has: bought by now, or subscribed to and running."""
        theirs: dict[str, set[str]] = {id_: set() for id_ in customers}
        bought = select(purchase.c.customer, purchase.c.product).where(
            purchase.c.customer == among(theirs), purchase.c.at <= now
        )
        runs = select(subscription.c.customer, subscription.c.plan).where(
            subscription.c.customer == among(theirs),
            subscription.c.status.in_(_RUNNING),
            subscription.c.started_at <= now,
            or_(subscription.c.renews_at.is_(None), subscription.c.renews_at > now),
        )
        for id_, what in await self._connection.execute(bought.union(runs)):
            theirs[id_].add(what)
        return theirs

    async def _read(self, query: Any) -> list[Product]:
        result = await self._connection.execute(query)
        return [_product(row) for row in result.mappings()]


def _product(row: Any) -> Product:
    return Product(**{**row, "works_with": tuple(row["works_with"])})
