"""The rows of customers."""

from collections.abc import Iterable

from msgspec.structs import asdict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.domain.customers.customer import Customer
from services.support.store.tables import customer
from shared.db import rows


class Customers:
    """Customers, within the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, ids: Iterable[str]) -> dict[str, Customer]:
        """Lock the customers, a placeholder for each one not known yet."""
        held = await rows.lock(self._connection, customer, ids, seed={})
        return {id_: Customer(**row) for id_, row in held.items()}

    async def write(self, customers: Iterable[Customer]) -> None:
        """Write customers that are held."""
        await rows.update(
            self._connection, customer, [asdict(known_customer) for known_customer in customers]
        )

    async def read(self, id_: str) -> Customer | None:
        """One customer as last committed."""
        query = select(customer).where(customer.c.id == id_)
        row = (await self._connection.execute(query)).mappings().one_or_none()
        return None if row is None else Customer(**row)
