"""Inputs per customer, local day and lateness: only ever added to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.inputs import Row, Sum
from services.analytics.store.recordset import document, source
from services.analytics.store.tables import day_input

_KEY = ("customer", "day", "late")
_COUNTS = ("uses", "hours", "covered_s", "faults", "errors", "tickets")
_ADD = text(
    f"INSERT INTO day_input ({', '.join(_KEY + _COUNTS)}) "  # noqa: S608
    f"SELECT * FROM {source(day_input, _KEY + _COUNTS)} ORDER BY v.customer, v.day, v.late "
    "ON CONFLICT (customer, day, late) DO UPDATE SET hours = day_input.hours | EXCLUDED.hours, "
    + ", ".join(
        f"{name} = day_input.{name} + EXCLUDED.{name}" for name in _COUNTS if name != "hours"
    )
)
_OPEN = text(
    "SELECT i.customer, i.day, bit_or(i.hours) AS hours, sum(i.covered_s)::float8 AS covered_s "
    "FROM customer c JOIN day_input i ON i.customer = c.id "
    "WHERE c.region = :region AND i.day BETWEEN :first AND :last "
    "AND i.late <= CAST(:last AS date) - i.day "
    "GROUP BY i.customer, i.day"
)
_LAST = text(
    "SELECT i.day, sum(i.uses)::bigint AS uses, bit_or(i.hours) AS hours, "
    "sum(i.covered_s)::bigint AS covered_s, sum(i.faults)::bigint AS faults, "
    "sum(i.errors)::bigint AS errors, sum(i.tickets)::bigint AS tickets, "
    "coalesce(sum(i.uses) FILTER (WHERE i.late > 0), 0)::bigint AS late_uses "
    "FROM day_input i WHERE i.customer = :customer AND i.day > "
    "(SELECT max(n.day) FROM day_input n WHERE n.customer = :customer) - CAST(:last AS integer) "
    "GROUP BY i.day ORDER BY i.day"
)


@dataclass(frozen=True, slots=True)
class DayInput:
    """What was seen of a customer on a day."""

    uses: int
    hours: int
    covered_s: int
    faults: int
    errors: int
    tickets: int
    late_uses: int


class DayInputs:
    """Locked third."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, sums: Mapping[Row, Sum]) -> None:
        """Add a batch's sums: one statement, in key order; adding needs no reading."""
        if not sums:
            return
        columns: dict[str, list[Any]] = {
            name: [key[place] for key in sums] for place, name in enumerate(_KEY)
        }
        for name in _COUNTS:
            columns[name] = [getattr(one, name) for one in sums.values()]
        await self._connection.execute(_ADD, {"rows": document(columns)})

    async def open_days(
        self, region: str, first: date, last: date
    ) -> dict[tuple[str, date], tuple[int, float]]:
        """(hours, seconds covered) per customer and open day, as known at the closing of `last`.

        What missed that closing is left out, though it may be in the table already: the result
        does not depend on how far the consumer has read on.
        """
        found = await self._connection.execute(
            _OPEN, {"region": region, "first": first, "last": last}
        )
        return {(r.customer, r.day): (r.hours, r.covered_s) for r in found}

    async def last_days(self, customer: str, last: int) -> dict[date, DayInput]:
        """All that came in, late or not, for as many days up to the newest with input."""
        found = await self._connection.execute(_LAST, {"customer": customer, "last": last})
        return {
            row["day"]: DayInput(**{name: row[name] for name in DayInput.__slots__})
            for row in found.mappings()
        }
