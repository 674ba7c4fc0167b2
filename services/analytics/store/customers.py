"""Customers: what is known of them beside their usage."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.customer import Customer
from services.analytics.domain.inputs import Place
from services.analytics.store.tables import customer
from shared.db import rows

FIELDS = (
    "zone",
    "region",
    "version",
    "plan",
    "plan_before",
    "plan_from",
    "model",
    "model_key",
    "devices",
    "released_on",
    "erased",
    "first_day",
)

_BEGAN = text(
    "INSERT INTO customer (id, first_day) "
    "SELECT v.id, v.first_day FROM unnest(CAST(:id AS text[]), CAST(:first_day AS date[])) "
    "AS v(id, first_day) ORDER BY v.id "
    "ON CONFLICT (id) DO UPDATE SET first_day = EXCLUDED.first_day "
    "WHERE customer.first_day IS NULL OR customer.first_day > EXCLUDED.first_day"
)


@dataclass(frozen=True, slots=True)
class Known:
    """A customer as a batch of telemetry needs it."""

    place: Place
    first_day: date | None
    erased: bool


class Customers:
    """Locked first."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, ids: Iterable[str]) -> dict[str, Customer]:
        """The customers, locked; one never heard of gets a row of defaults."""
        held = await rows.lock(self._connection, customer, ids, seed={})
        return {id_: Customer(**{name: row[name] for name in FIELDS}) for id_, row in held.items()}

    async def write(self, changed: Mapping[str, Customer]) -> None:
        """Overwrite what `hold` returned."""
        await rows.update(
            self._connection,
            customer,
            [
                {"id": id_, **{name: getattr(one, name) for name in FIELDS}}
                for id_, one in sorted(changed.items())
            ],
        )

    async def known(self, ids: Iterable[str]) -> dict[str, Known]:
        """Where the customers' days begin; those without a row are missing."""
        query = select(
            customer.c.id,
            customer.c.zone,
            customer.c.region,
            customer.c.first_day,
            customer.c.erased,
        ).where(customer.c.id == text("ANY(CAST(:ids AS text[]))"))
        found = await self._connection.execute(query, {"ids": sorted(ids)})
        return {r.id: Known(Place(r.zone, r.region), r.first_day, r.erased) for r in found}

    async def began(self, days: Mapping[str, date]) -> None:
        """Remember the first day of these customers, unless an earlier one is known."""
        if days:
            ids = sorted(days)
            await self._connection.execute(
                _BEGAN, {"id": ids, "first_day": [days[id_] for id_ in ids]}
            )
