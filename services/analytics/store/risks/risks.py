"""Reading of risks and findings for the HTTP interface."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    RowMapping,
    Select,
    Text,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.drops.tiers import NAMES
from services.analytics.domain.risks.care import gravity
from services.analytics.domain.risks.wanted import Place, Sort, Wanted
from services.analytics.store.tables import contact, finding, risk, snooze
from shared.db.few import about, few

Read = RowMapping
RARE = {"region", "plan", "model"}  # no index has the risks of one in their order
FEW = 500  # more of a million fill a page within the first tenth

_LAST = (
    select(
        contact.c.at.label("contacted_at"),
        contact.c.who.label("contacted_by"),
        contact.c.outcome.label("outcome"),
    )
    .where(contact.c.customer == risk.c.customer)
    .order_by(contact.c.at.desc(), contact.c.id)
    .limit(1)
    .lateral("last")
)
_GRAVITY = case({name: gravity(name) for name in NAMES}, value=risk.c.tier)


def _asleep(today: date) -> ColumnElement[bool]:
    """As domain/risks/care.py `holds` says it."""
    return and_(snooze.c.until > today, snooze.c.gravity >= _GRAVITY)


def _whole(today: date) -> Select[Any]:
    """Risks with what people did about them."""
    asleep = func.coalesce(_asleep(today), False)
    return select(
        risk, _LAST, asleep.label("asleep"), snooze.c.until, snooze.c.who.label("snoozed_by")
    ).select_from(
        risk.outerjoin(snooze, snooze.c.customer == risk.c.customer).outerjoin(_LAST, true())
    )


def _chosen(query: Select[Any], wanted: Wanted, today: date) -> Select[Any]:
    for name, value in wanted.only.items():
        if value is not None:
            query = query.where(risk.c[name] == value)
    if wanted.customers is not None:
        query = query.where(risk.c.customer.in_(wanted.customers))
    if wanted.snoozed is not None:
        query = query.where(func.coalesce(_asleep(today), False).is_(wanted.snoozed))
    return query


class Risks:
    """Never written here."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, id_: str, today: date = date.max) -> Read | None:
        """A customer's present numbers; None before the first closing with them."""
        query = _whole(today).where(risk.c.customer == id_)
        row: Read | None = (await self._connection.execute(query)).mappings().one_or_none()
        return row

    async def page(
        self, wanted: Wanted, sort: Sort, today: date, after: Place | None, limit: int
    ) -> list[Read]:
        """Customers by risk, or by what is at stake, the highest first."""
        by = risk.c.risk if sort == "risk" else risk.c.at_stake
        query = await self._narrowed(wanted, today)
        order = [by.desc(), risk.c.customer]
        if sort == "value":
            order.insert(1, risk.c.risk.desc())
        if after is not None:
            first, last, id_ = after
            behind = and_(risk.c.risk == last, risk.c.customer > id_)
            later = or_(risk.c.risk < last, behind)
            query = query.where(
                later if sort == "risk" else or_(by < first, and_(by == first, later))
            )
        query = query.order_by(*order).limit(limit)
        return list((await self._connection.execute(query)).mappings())

    async def _narrowed(self, wanted: Wanted, today: date) -> Select[Any]:
        """Those that are wanted; where a region, plan or model has few of them, by their ids."""
        asked = [name for name, value in wanted.only.items() if value is not None]
        if not set(asked) & RARE:
            return _chosen(_whole(today), wanted, today)
        ids = await few(
            self._connection,
            _chosen(select(risk.c.customer), Wanted(wanted.only), today),
            FEW,
            guessed=len(asked) > 1,
        )
        if ids is None:
            return _chosen(_whole(today), wanted, today)
        return _chosen(_whole(today), replace(wanted, only={}), today).where(
            risk.c.customer == any_(literal(list(ids), ARRAY(Text)))
        )

    async def summary(self, wanted: Wanted, today: date) -> list[Read]:
        """Customers per tier."""
        asleep = func.count().filter(_asleep(today))
        query = (
            select(
                risk.c.tier,
                func.count().label("customers"),
                asleep.label("snoozed"),
                func.max(risk.c.day).label("day"),
            )
            .select_from(risk.outerjoin(snooze, snooze.c.customer == risk.c.customer))
            .group_by(risk.c.tier)
            .order_by(risk.c.tier)
        )
        query = _chosen(query, wanted, today)
        return list((await self._connection.execute(query)).mappings())

    async def all(self) -> int:
        """About how many customers are judged."""
        return await about(self._connection, risk)

    async def by_day(self, since: datetime) -> dict[str, dict[date, int]]:
        """How many customers came into each tier on each day of UTC since then."""
        day = cast(func.timezone("UTC", finding.c.at), Date).label("day")
        query = (
            select(finding.c.tier, day, func.count().label("customers"))
            .where(finding.c.at >= since)
            .group_by(finding.c.tier, day)
        )
        by_tier: dict[str, dict[date, int]] = {}
        for row in await self._connection.execute(query):
            by_tier.setdefault(row.tier, {})[row.day] = row.customers
        return by_tier

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
