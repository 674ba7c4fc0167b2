"""Reading of risks and findings for the HTTP interface."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Date, RowMapping, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.store.tables import finding, risk

Read = RowMapping


class Risks:
    """Never written here."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, id_: str) -> Read | None:
        """A customer's present numbers; None before the first closing with them."""
        query = select(risk).where(risk.c.customer == id_)
        return (await self._connection.execute(query)).mappings().one_or_none()

    async def page(
        self, only: Mapping[str, str | None], after: tuple[float, str] | None, limit: int
    ) -> list[Read]:
        """Customers by risk, the highest first.

        Args:
            only: values that columns of the table must have; None: any.
        """
        query = select(risk).order_by(risk.c.risk.desc(), risk.c.customer).limit(limit)
        for name, value in only.items():
            if value is not None:
                query = query.where(risk.c[name] == value)
        if after is not None:
            last, id_ = after
            query = query.where(
                or_(risk.c.risk < last, and_(risk.c.risk == last, risk.c.customer > id_))
            )
        return list((await self._connection.execute(query)).mappings())

    async def summary(self) -> list[Read]:
        """Customers per tier."""
        query = (
            select(risk.c.tier, func.count().label("customers"), func.max(risk.c.day).label("day"))
            .group_by(risk.c.tier)
            .order_by(risk.c.tier)
        )
        return list((await self._connection.execute(query)).mappings())

    async def by_day(self, since: datetime) -> dict[str, dict[date, int]]:
        """How many customers came into each tier on each day of UTC since then."""
        day = cast(func.timezone("UTC", finding.c.at), Date).label("day")
        query = (
            select(finding.c.tier, day, func.count().label("customers"))
            .where(finding.c.at >= since)
            .group_by(finding.c.tier, day)
        )
        found: dict[str, dict[date, int]] = {}
        for row in await self._connection.execute(query):
            found.setdefault(row.tier, {})[row.day] = row.customers
        return found

    async def findings(
        self,
        since: datetime | None,
        customer_id: str | None,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Read]:
        """Changes of tier, the oldest first."""
        query = select(finding).order_by(finding.c.at, finding.c.id).limit(limit)
        if since is not None:
            query = query.where(finding.c.at >= since)
        if customer_id is not None:
            query = query.where(finding.c.customer == customer_id)
        if after is not None:
            at, id_ = after
            query = query.where(
                or_(finding.c.at > at, and_(finding.c.at == at, finding.c.id > id_))
            )
        return list((await self._connection.execute(query)).mappings())
