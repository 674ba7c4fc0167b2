"""Inputs per customer, local day and lateness: only ever added to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.inputs import Row, Sum

_ADD = text(
    "INSERT INTO day_input (customer, day, late, uses, hours, covered_s, faults, errors, tickets) "
    "SELECT * FROM unnest(CAST(:customer AS text[]), CAST(:day AS date[]), "
    "CAST(:late AS smallint[]), CAST(:uses AS bigint[]), CAST(:hours AS integer[]), "
    "CAST(:covered_s AS bigint[]), CAST(:faults AS integer[]), CAST(:errors AS integer[]), "
    "CAST(:tickets AS integer[])) "
    "AS v(customer, day, late, uses, hours, covered_s, faults, errors, tickets) "
    "ORDER BY v.customer, v.day, v.late "
    "ON CONFLICT (customer, day, late) DO UPDATE SET "
    "uses = day_input.uses + EXCLUDED.uses, "
    "hours = day_input.hours | EXCLUDED.hours, "
    "covered_s = day_input.covered_s + EXCLUDED.covered_s, "
    "faults = day_input.faults + EXCLUDED.faults, "
    "errors = day_input.errors + EXCLUDED.errors, "
    "tickets = day_input.tickets + EXCLUDED.tickets"
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
        values = list(sums.values())
        arrays: dict[str, list[Any]] = {
            "customer": [key[0] for key in sums],
            "day": [key[1] for key in sums],
            "late": [key[2] for key in sums],
        }
        for name in ("uses", "hours", "covered_s", "faults", "errors", "tickets"):
            arrays[name] = [getattr(one, name) for one in values]
        await self._connection.execute(_ADD, arrays)

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
