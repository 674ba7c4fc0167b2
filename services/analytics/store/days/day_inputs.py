"""Totals per customer, local day and lateness, of days that are final: only ever added to."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.days.item import COUNTS
from services.analytics.domain.days.totals import DaySum, Totals
from services.analytics.store.binary import copy
from services.analytics.store.recordset import document, source
from services.analytics.store.tables import day_input

_KEY = ("customer", "day", "late")
_COUNTS = ("hours", *COUNTS)
_ADD = text(
    f"INSERT INTO day_input ({', '.join(_KEY + _COUNTS)}) "  # noqa: S608
    f"SELECT * FROM {source(day_input, _KEY + _COUNTS)} ORDER BY v.customer, v.day, v.late "
    "ON CONFLICT (customer, day, late) DO UPDATE SET hours = day_input.hours | EXCLUDED.hours, "
    + ", ".join(
        f"{name} = day_input.{name} + EXCLUDED.{name}" for name in _COUNTS if name != "hours"
    )
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
_HOURS = text(
    "SELECT r.customer, r.day - 2 AS newest, i.day, bit_or(i.hours) AS hours "
    "FROM risk r LEFT JOIN day_input i ON i.customer = r.customer "
    "AND i.day BETWEEN r.day - 1 - CAST(:last AS integer) AND r.day - 2 "
    "WHERE r.customer = ANY(CAST(:customers AS text[])) GROUP BY r.customer, r.day, i.day"
)


def _columns(ids: Sequence[str], final: Totals) -> dict[str, Any]:
    return {
        "customer": [ids[place] for place in final.who.tolist()],
        "day": final.day,
        "late": final.late,
        "hours": final.hours,
        **final.counts,
    }


class DayInputs:
    """Locked fourth."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_days(self, ids: Sequence[str], final: Totals) -> None:
        """Add days that nothing was kept of before.

        Args:
            ids: the customers `final.who` points to.
        """
        if len(final.who):
            await copy(self._connection, day_input, _columns(ids, final))

    async def add(self, ids: Sequence[str], final: Totals) -> None:
        """Add to days of which something may have been kept: what comes later still."""
        if len(final.who):
            columns: dict[str, Sequence[Any]] = {
                name: values.tolist() if isinstance(values, np.ndarray) else values
                for name, values in _columns(ids, final).items()
            }
            columns["day"] = [date.fromordinal(n) for n in columns["day"]]
            await self._connection.execute(_ADD, {"rows": document(columns)})

    async def last_days(self, customer: str, last: int) -> dict[date, DaySum]:
        """The last days with totals, late inputs included."""
        result = await self._connection.execute(_LAST, {"customer": customer, "last": last})
        return {
            row["day"]: DaySum(**{name: row[name] for name in DaySum._fields})
            for row in result.mappings()
        }

    async def hours(
        self, customers: Sequence[str], last: int
    ) -> dict[str, tuple[date, Sequence[int]]]:
        """The last final day, and hours with use on each of the days up to it, the oldest first."""
        asked = {"customers": list(customers), "last": last}
        days: dict[str, tuple[date, list[int]]] = {}
        for row in await self._connection.execute(_HOURS, asked):
            _, hours = days.setdefault(row.customer, (row.newest, [0] * last))
            if row.day is not None:
                hours[last - 1 - (row.newest - row.day).days] = row.hours.bit_count()
        return dict(sorted(days.items()))
