"""Which cohorts use less as a whole, as of each region's last closing."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.days.close import Frozen
from services.analytics.domain.days.extent import Group
from services.analytics.domain.drops.cohort import CohortDay

_LAST = text(
    "SELECT d.region, d.provisional FROM region_clock k "
    "JOIN day_close d ON d.region = k.region AND d.day = k.closed ORDER BY d.region"
)
_SIZES = text("SELECT region, model, plan, count(*) AS n FROM risk GROUP BY region, model, plan")


class Declines:
    """Never written here."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def last(self) -> Mapping[str, Frozen]:
        """The cohorts of each region's last closed day."""
        rows = await self._connection.execute(_LAST)
        return {row.region: msgspec.convert(row.provisional, dict[str, CohortDay]) for row in rows}

    async def sizes(self) -> Mapping[Group, int]:
        """How many customers there are of each region, model and plan."""
        rows = await self._connection.execute(_SIZES)
        return {Group(row.region, row.model, row.plan): row.n for row in rows}
