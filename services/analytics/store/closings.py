"""What closings froze, and the members, states and risks they read and write."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Table, TextClause, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.close import Frozen
from services.analytics.domain.cohort import CohortDay
from services.analytics.domain.customer import Customer
from services.analytics.domain.members import Member, Members
from services.analytics.domain.state import COLUMNS, WHOLE, States
from services.analytics.store.tables import day_close, finding, risk, state
from shared.db import rows

_STATE = ", ".join(f"s.{name}" for name in COLUMNS)
_MEMBERS = text(
    "SELECT c.id, c.first_day, c.plan, c.plan_before, c.plan_from, c.model, c.devices, "  # noqa: S608
    f"c.released_on, r.tier, r.why, r.since, s.day AS base_day, {_STATE} "
    "FROM customer c LEFT JOIN state s ON s.customer = c.id LEFT JOIN risk r ON r.customer = c.id "
    'WHERE c.region = :region AND c.first_day <= :day AND NOT c.erased ORDER BY c.id COLLATE "C"'
)
_FINAL = text("SELECT final FROM day_close WHERE region = :region AND day = :day")


_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]


class Closings:
    """Locked last, under the region's clock."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def members(self, region: str, day: date) -> Members:
        """Every customer of the region known by `day`, sorted by id in code point order."""
        found = (await self._connection.execute(_MEMBERS, {"region": region, "day": day})).all()
        fresh = [r.base_day is None for r in found]
        first = len(_LEAD)
        columns = list(zip(*found, strict=True))[first:] if found else [()] * len(COLUMNS)
        arrays: dict[str, Any] = {
            name: np.array(
                [0 if new else value for value, new in zip(values, fresh, strict=True)],
                dtype=np.int64 if name in WHOLE else np.float64,
            )
            for name, values in zip(COLUMNS, columns, strict=True)
        }
        return Members([_member(r) for r in found], States(**arrays))

    async def final(self, region: str, day: date) -> Frozen:
        """The cohorts of a day that is final; none before the region's first day."""
        found = await self._connection.execute(_FINAL, {"region": region, "day": day})
        frozen = found.scalar_one_or_none()
        return {} if frozen is None else msgspec.convert(frozen, dict[str, CohortDay])

    async def freeze(self, row: Mapping[str, Any], final_day: date, final: Frozen) -> None:
        """Write a closing: a region's day is closed once (primary key)."""
        await self._connection.execute(
            day_close.insert(), {**row, "provisional": _plain(row["provisional"])}
        )
        await self._connection.execute(
            update(day_close)
            .where(day_close.c.region == row["region"], day_close.c.day == final_day)
            .values(final=_plain(final))
        )

    async def write_states(self, ids: Sequence[str], day: date, states: States) -> None:
        """The members' states after `day`."""
        columns: dict[str, list[Any]] = {"customer": list(ids), "day": [day] * len(ids)}
        for name in COLUMNS:
            columns[name] = getattr(states, name).tolist()
        await self._overwrite(state, columns)

    async def write_risks(self, columns: Mapping[str, list[Any]]) -> None:
        """The members' present numbers."""
        await self._overwrite(risk, columns)

    async def _overwrite(self, table: Table, columns: Mapping[str, list[Any]]) -> None:
        """Write whole columns: the numbers come as arrays, rows would only be made to be undone."""
        if columns["customer"]:
            await self._connection.execute(_overwrite_sql(table, tuple(columns)), dict(columns))

    async def add_findings(self, findings: Sequence[Mapping[str, Any]]) -> None:
        """Changes of tier."""
        await rows.insert_new(self._connection, finding, findings)


@lru_cache(maxsize=8)
def _overwrite_sql(table: Table, names: tuple[str, ...]) -> TextClause:
    """Insert or overwrite rows by customer; the arrays are sorted by customer."""
    arrays = ", ".join(f"CAST(:{n} AS {table.c[n].type.compile(_POSTGRES)}[])" for n in names)
    change = ", ".join(f"{n} = EXCLUDED.{n}" for n in names if n != "customer")
    listed = ", ".join(names)
    return text(
        f"INSERT INTO {table.name} ({listed}) SELECT * FROM unnest({arrays}) "  # noqa: S608
        f"ON CONFLICT (customer) DO UPDATE SET {change}"
    )


_LEAD = (
    "id",
    "first_day",
    "plan",
    "plan_before",
    "plan_from",
    "model",
    "devices",
    "released_on",
    "tier",
    "why",
    "since",
    "base_day",
)


def _member(r: Any) -> Member:
    known = Customer(
        plan=r.plan,
        plan_before=r.plan_before,
        plan_from=r.plan_from,
        model=r.model,
        devices=r.devices,
        released_on=r.released_on,
    )
    return Member(r.id, known, r.first_day, r.base_day, r.tier, r.why, r.since)


def _plain(frozen: Frozen) -> Any:
    """JSON keeps a float64 exactly: shortest text that reads back the same."""
    return msgspec.to_builtins(frozen)
