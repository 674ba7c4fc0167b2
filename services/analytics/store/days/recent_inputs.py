"""Recent inputs: appended by batches, read by closings, gone once their days are final."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import msgspec
import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.days.inputs import RecentInput
from services.analytics.domain.drops.state import Ints
from services.analytics.handlers.ports import Rows
from services.analytics.store.binary import ends, joined, read

_ADD = text(
    "INSERT INTO recent_input (customer, cause, first_at, arrived, items) "
    "SELECT v.customer, v.cause, v.first_at, v.arrived, decode(v.items, 'base64') "
    "FROM json_to_recordset(CAST(:rows AS json)) AS v(customer text, cause text, "
    "first_at timestamptz, arrived timestamptz, items text)"
)
_READ = """SELECT v.place, r.ctid, r.items
    FROM unnest(string_to_array(CAST($1 AS text), CAST($2 AS text))) WITH ORDINALITY AS v(id, place)
    JOIN recent_input r ON r.customer = v.id AND r.customer BETWEEN $3 AND $4
    WHERE r.first_at < CAST($5 AS timestamptz)"""
_FORMS: Final = {"place": ">i8", "row": [("block", ">u4"), ("line", ">u2")]}
_OF = text("SELECT items FROM recent_input WHERE customer = :customer")
_DROP = "DELETE FROM recent_input WHERE ctid = ANY(CAST(CAST($1 AS text) AS tid[]))"
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
    ) -> tuple[Ints, Rows, list[bytes]]:
        """Places of the customers, rising; where their rows are, and their items.

        Args:
            until: what happened later is left out, so far as a row has nothing else.
        """
        asked = (*joined(customers), *await ends(self._connection, customers), until)
        numbers, items = await read(self._connection, _READ, _FORMS, *asked)
        order = np.argsort(numbers["place"], kind="stable")
        places: Ints = numbers["place"][order].astype(np.int64) - 1
        return places, numbers["row"][order], [items[n] for n in order.tolist()]

    async def of(self, customer: str) -> list[bytes]:
        """A customer's items."""
        return list((await self._connection.execute(_OF, {"customer": customer})).scalars())

    async def drop(self, rows: Rows) -> None:
        """Remove what `of_all` has found in this transaction.

        Nobody changes rows; erasures wait for the closing, and a closing of another region forgets none that a
        member of this one still needs: they are where they were.
        """
        if len(rows):
            driver = (await self._connection.get_raw_connection()).driver_connection
            places = zip(rows["block"].tolist(), rows["line"].tolist(), strict=True)
            listed = ",".join([f'"({block},{line})"' for block, line in places])
            await driver.execute(_DROP, f"{{{listed}}}")  # type: ignore[union-attr]

    async def forget(self, day: date, before: datetime) -> None:
        """Remove what nobody will close: of customers erased by `day`, and what arrived `before`."""
        await self._connection.execute(_ERASE, {"day": day})
        await self._connection.execute(_FORGET, {"before": before})
