"""Region clocks: which day of a region is closed next."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.days.day_calendar import DayCalendar
from services.analytics.store.tables import region_clock
from shared.db import rows


class DayCalendars:
    """Locked second, after customers."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def read(self) -> dict[str, DayCalendar]:
        """All of them, unlocked: a handful."""
        result = await self._connection.execute(select(region_clock))
        return {row["region"]: _clock(row) for row in result.mappings()}

    async def hold(self, regions: Iterable[str]) -> dict[str, DayCalendar]:
        """The clocks, locked; a new region gets one that stands still."""
        held = await rows.lock(self._connection, region_clock, regions, seed={"zones": {}})
        return {region: _clock(row) for region, row in held.items()}

    async def hold_due(self, now: datetime) -> tuple[str, DayCalendar] | None:
        """The clock that has been due longest, locked; whoever waited for it looks again."""
        query = (
            select(region_clock)
            .where(region_clock.c.due_at <= now)
            .order_by(region_clock.c.due_at, region_clock.c.region)
            .limit(1)
            .with_for_update()
        )
        row = (await self._connection.execute(query)).mappings().one_or_none()
        return None if row is None else (row["region"], _clock(row))

    async def write(self, clocks: Mapping[str, DayCalendar]) -> None:
        """Overwrite what `hold` returned."""
        await rows.update(
            self._connection,
            region_clock,
            [
                {
                    "region": region,
                    "zones": dict(clock.zones),
                    "next_day": clock.next_day,
                    "closed": clock.closed,
                    "due_at": clock.due_at,
                }
                for region, clock in sorted(clocks.items())
            ],
        )


def _clock(row: Mapping[Any, Any]) -> DayCalendar:
    names = ("zones", "next_day", "closed", "due_at")
    return DayCalendar(**{name: row[name] for name in names})
