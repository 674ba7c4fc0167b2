"""What closings froze, and the members, states and risks they read and write."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import delete, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.customers.members import Marks, Members
from services.analytics.domain.days.close import Frozen
from services.analytics.domain.drops.cohort import CohortDay
from services.analytics.domain.drops.state import COLUMNS, States
from services.analytics.store.binary import Columns, copy
from services.analytics.store.days.member_rows import read_members
from services.analytics.store.tables import (
    day_close,
    finding,
    risk,
    risk_closed,
    state,
    state_closed,
)
from shared.db import rows

_LONG = text("SET LOCAL statement_timeout = '15min'")
_FINAL = text("SELECT final FROM day_close WHERE region = :region AND day = :day")


class Closings:
    """Locked last, under the region's clock."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def members(self, region: str, day: date) -> tuple[Members, States]:
        """Every customer the region closes `day` of, sorted by id, and their states before it."""
        return await read_members(self._connection, region, day)

    async def final(self, region: str, day: date) -> Frozen:
        """The cohorts of a day that is final; none before the region's first day."""
        result = await self._connection.execute(_FINAL, {"region": region, "day": day})
        frozen = result.scalar_one_or_none()
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

    async def copy_states(self, ids: Sequence[str], final: Marks, states: States) -> None:
        """The states of a slice of members after their last final day, until `overwrite`."""
        numbers = {name: getattr(states, name) for name in COLUMNS}
        marks = {"day": final.day, "heard_until": final.heard}
        await copy(self._connection, state_closed, {"customer": ids, **marks, **numbers})

    async def copy_risks(self, columns: Columns) -> None:
        """The present numbers of a slice of members, until `overwrite`."""
        await copy(self._connection, risk_closed, columns)

    async def overwrite(self) -> None:
        """Overwrite states and risks that have changed, and add those that are new.

        Once for all slices: what a transaction deletes is read again by each of its statements. So the
        statements are long, and a region whose closing is ended at every try would never go on.
        """
        await self._connection.execute(_LONG)
        for through, table in ((state_closed, state), (risk_closed, risk)):
            names = [column.name for column in table.columns if column.name != "customer"]
            await self._connection.execute(text(_merge(through.name, table.name, names)))
            await self._connection.execute(delete(through))

    async def add_findings(self, findings: Sequence[Mapping[str, Any]]) -> None:
        """Changes of tier."""
        await rows.insert_new(self._connection, finding, findings)


def _merge(through: str, table: str, names: Sequence[str]) -> str:
    old, new = (", ".join(f"{t}.{name}" for name in names) for t in ("t", "v"))
    change = ", ".join(f"{name} = v.{name}" for name in names)
    return (
        f"MERGE INTO {table} t USING {through} v ON t.customer = v.customer "  # noqa: S608 - names of ours
        f"WHEN MATCHED AND ({old}) IS DISTINCT FROM ({new}) THEN UPDATE SET {change} "
        f"WHEN NOT MATCHED THEN INSERT (customer, {', '.join(names)}) VALUES (v.customer, {new})"
    )


def _plain(frozen: Frozen) -> Any:
    """JSON keeps a float64 exactly: shortest text that reads back the same."""
    return msgspec.to_builtins(frozen)
