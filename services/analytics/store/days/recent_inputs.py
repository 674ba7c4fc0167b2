"""Recent inputs: appended by batches, read by closings, gone once their days are final."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.days.inputs import RecentInput

_ADD = text(
    "INSERT INTO recent_input (customer, cause, first_at, arrived, items) "
    "SELECT v.customer, v.cause, v.first_at, v.arrived, decode(v.items, 'base64') "
    "FROM json_to_recordset(CAST(:rows AS json)) AS v(customer text, cause text, "
    "first_at timestamptz, arrived timestamptz, items text)"
)
_READ = text(
    "SELECT r.customer, r.cause, r.items FROM customer c JOIN recent_input r ON r.customer = c.id "
    "WHERE c.regions @> ARRAY[CAST(:region AS text)] AND r.first_at < :until"
)
_OF = text("SELECT items FROM recent_input WHERE customer = :customer")
_DROP = text(
    "DELETE FROM recent_input r USING json_to_recordset(CAST(:rows AS json)) "
    "AS v(customer text, cause text) WHERE r.customer = v.customer AND r.cause = v.cause"
)
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

    async def of_region(self, region: str, until: datetime) -> list[tuple[str, str, bytes]]:
        """(customer, cause, items) of everybody the region has to do with.

        Args:
            until: what happened later is left out, so far as a row has nothing else.
        """
        result = await self._connection.execute(_READ, {"region": region, "until": until})
        return [(r[0], r[1], r[2]) for r in result]

    async def of(self, customer: str) -> list[bytes]:
        """A customer's items."""
        return list((await self._connection.execute(_OF, {"customer": customer})).scalars())

    async def drop(self, keys: Iterable[tuple[str, str]]) -> None:
        """Remove rows, by customer and cause."""
        rows = [{"customer": customer, "cause": cause} for customer, cause in keys]
        if rows:
            await self._connection.execute(_DROP, {"rows": msgspec.json.encode(rows).decode()})

    async def forget(self, day: date, before: datetime) -> None:
        """Remove what nobody will close: of customers erased by `day`, and what arrived `before`."""
        await self._connection.execute(_ERASE, {"day": day})
        await self._connection.execute(_FORGET, {"before": before})
