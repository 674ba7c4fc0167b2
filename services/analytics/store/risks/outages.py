"""Who is not judged because collection failed, and since when."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.days.close import REGION
from services.analytics.domain.days.extent import Group

_TRUE_OF = text(
    "SELECT region, model, plan, count(*) AS n FROM risk WHERE outage GROUP BY region, model, plan"
)
_ALL_OF = text(
    "SELECT region, model, plan, count(*) AS n FROM risk "
    "WHERE region = ANY(CAST(:regions AS text[])) GROUP BY region, model, plan"
)
# days on which a cohort was not heard; no outage is longer than 28 of them
_DAYS = text(
    "SELECT c.region, e.key AS cohort, c.day FROM day_close c, jsonb_each(c.provisional) e "
    "WHERE c.region = ANY(CAST(:regions AS text[])) AND (e.value->>'outage')::boolean "
    "AND c.day > (SELECT max(n.day) FROM day_close n WHERE n.region = c.region) - 28 "
    "ORDER BY c.region, e.key, c.day DESC"
)

_DAYS_OF = text(
    "SELECT c.day FROM day_close c, jsonb_each(c.provisional) e WHERE c.region = :region AND "
    "c.day >= :first AND e.key IN (:own, :whole) AND (e.value->>'outage')::boolean"
)


class Outages:
    """Never written here."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def now(self) -> tuple[Mapping[Group, int], Mapping[Group, int]]:
        """Customers whose newest closed day was not judged; all of their regions."""
        unjudged = await self._connection.execute(_TRUE_OF)
        true_of = {Group(row.region, row.model, row.plan): row.n for row in unjudged}
        if not true_of:
            return {}, {}
        regions = sorted({group.region for group in true_of})
        rows = await self._connection.execute(_ALL_OF, {"regions": regions})
        return true_of, {Group(row.region, row.model, row.plan): row.n for row in rows}

    async def days(self, regions: list[str]) -> Mapping[tuple[str, str], list[date]]:
        """Days of the last four weeks on which cohorts were not heard, the newest first."""
        days: dict[tuple[str, str], list[date]] = {}
        for row in await self._connection.execute(_DAYS, {"regions": regions}):
            days.setdefault((row.region, row.cohort), []).append(row.day)
        return days

    async def days_of(self, group: Group, first: date) -> set[date]:
        """Days from `first` on on which a cohort was not heard, or its whole region."""
        own = f"{group.model}/{group.plan}"
        wanted = {"region": group.region, "own": own, "whole": REGION, "first": first}
        return set((await self._connection.execute(_DAYS_OF, wanted)).scalars())
