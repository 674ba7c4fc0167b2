"""Recent inputs: appended by batches, read by closings, gone once their days are final."""

from collections.abc import Sequence
from datetime import date, datetime
from operator import itemgetter

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.days.inputs import RecentInput
from services.analytics.store.binary import joined

_ADD = text(
    "INSERT INTO recent_input (customer, cause, first_at, arrived, items) "
    "SELECT v.customer, v.cause, v.first_at, v.arrived, decode(v.items, 'base64') "
    "FROM json_to_recordset(CAST(:rows AS json)) AS v(customer text, cause text, "
    "first_at timestamptz, arrived timestamptz, items text)"
)
_READ = """SELECT v.place, r.cause, r.items
    FROM unnest(string_to_array(CAST($1 AS text), CAST($2 AS text))) WITH ORDINALITY AS v(id, place)
    JOIN recent_input r ON r.customer = v.id WHERE r.first_at < CAST($3 AS timestamptz)"""
_OF = text("SELECT items FROM recent_input WHERE customer = :customer")
_DROP = """DELETE FROM recent_input r
    USING unnest(string_to_array(CAST($1 AS text), CAST($2 AS text)),
        string_to_array(CAST($3 AS text), CAST($4 AS text))) AS v(customer, cause)
    WHERE r.customer = v.customer AND r.cause = v.cause"""
_ERASE = text(
    "DELETE FROM recent_input r USING customer c WHERE c.erased_from <= :day AND r.customer = c.id"
)
_FORGET = text("DELETE FROM recent_input WHERE arrived < :before")


class RecentInputs:
    """Locked third."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, rows: Sequence[RecentInput]) -> None:
        """Append a batch's rows: one statement; nothing is read or locked."""
        if rows:
            await self._connection.execute(_ADD, {"rows": msgspec.json.encode(rows).decode()})

    async def of_all(
        self, customers: Sequence[str], until: datetime
    ) -> list[tuple[int, str, bytes]]:
        """(place of the customer, cause, items), by place.

        Args:
            until: what happened later is left out, so far as a row has nothing else.
        """
        driver = (await self._connection.get_raw_connection()).driver_connection
        rows = await driver.fetch(_READ, *joined(customers), until)  # type: ignore[union-attr]
        rows.sort(key=itemgetter(0))
        return [(place - 1, cause, items) for place, cause, items in rows]

    async def of(self, customer: str) -> list[bytes]:
        """A customer's items."""
        return list((await self._connection.execute(_OF, {"customer": customer})).scalars())

    async def drop(self, customers: Sequence[str], causes: Sequence[str]) -> None:
        """Remove rows, by customer and cause."""
        if customers:
            driver = (await self._connection.get_raw_connection()).driver_connection
            await driver.execute(_DROP, *joined(customers), *joined(causes))  # type: ignore[union-attr]

    async def forget(self, day: date, before: datetime) -> None:
        """Remove what nobody will close: of customers erased by `day`, and what arrived `before`."""
        await self._connection.execute(_ERASE, {"day": day})
        await self._connection.execute(_FORGET, {"before": before})
