"""Customers: what is known of them beside their usage."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.customers.customer import Customer, Description, Gain
from services.analytics.domain.customers.fitted import DeviceNews, Fitted
from services.analytics.store.tables import customer
from shared.db import rows

FIELDS = (
    "version",
    "history",
    "owned",
    "devices_told",
    "fitted",
    "began",
    "erased_from",
)


class Known(NamedTuple):
    """A customer as a batch of telemetry needs it."""

    began: datetime | None
    erased_from: date | None


class Customers:
    """Locked first."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, ids: Iterable[str]) -> dict[str, Customer]:
        """The customers, locked; one never heard of gets a row of defaults."""
        held = await rows.lock(self._connection, customer, ids, seed={})
        return {id_: _customer(row) for id_, row in held.items()}

    async def write(self, changed: Mapping[str, Customer]) -> None:
        """Overwrite what `hold` returned."""
        await rows.update(
            self._connection,
            customer,
            [
                {
                    "id": id_,
                    **{name: getattr(changed_customer, name) for name in FIELDS},
                    "regions": sorted(changed_customer.starts),
                }
                for id_, changed_customer in sorted(changed.items())
            ],
        )

    async def known(self, ids: Iterable[str]) -> dict[str, Known]:
        """When the customers began and ended; those without a row are missing."""
        query = select(customer.c.id, customer.c.began, customer.c.erased_from).where(
            customer.c.id == text("ANY(CAST(:ids AS text[]))")
        )
        result = await self._connection.execute(query, {"ids": sorted(ids)})
        return {id_: Known(began, erased_from) for id_, began, erased_from in result}

    async def history(self, id_: str) -> tuple[Description, ...] | None:
        """What a customer was and is; None when nobody has heard of it, or it is erased."""
        query = select(customer.c.history).where(
            customer.c.id == id_, customer.c.erased_from.is_(None)
        )
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else msgspec.convert(row.history, tuple[Description, ...])


def _customer(row: Mapping[str, Any]) -> Customer:
    fields = {name: row[name] for name in FIELDS}
    fields["history"] = msgspec.convert(row["history"], tuple[Description, ...])
    fields["owned"] = msgspec.convert(row["owned"], tuple[Gain, ...])
    fields["devices_told"] = msgspec.convert(row["devices_told"], tuple[DeviceNews, ...])
    fields["fitted"] = msgspec.convert(row["fitted"], tuple[Fitted, ...])
    return Customer(**fields)
