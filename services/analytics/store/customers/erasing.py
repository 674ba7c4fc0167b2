"""What analytics has of customers who are erased, taken away."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.store.personal import HELD
from shared.db import held

_REGIONS = text(
    """SELECT id, regions FROM customer WHERE id = ANY(CAST(:subjects AS text[]))
    ORDER BY id FOR UPDATE"""
)
_CLOCKS = text(
    """SELECT region FROM region_clock WHERE region = ANY(CAST(:regions AS text[]))
    ORDER BY region FOR UPDATE"""
)


class Erasing:
    """Within a transaction that erases: nobody else writes."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, subjects: Sequence[str]) -> None:
        """Lock customers, then the clocks of their regions: no closing is under way with them."""
        rows = (await self._connection.execute(_REGIONS, {"subjects": list(subjects)})).all()
        regions = sorted({region for row in rows for region in row.regions})
        await self._connection.execute(_CLOCKS, {"regions": regions})

    async def take_away(self, subjects: Sequence[str]) -> None:
        """Delete all rows of theirs; what was counted of a whole region stays."""
        await held.erase(self._connection, HELD, {"customers": subjects})
