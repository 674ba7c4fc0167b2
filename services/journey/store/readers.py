"""What the API shows: plain reads, no locks."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Row,
    Select,
    cast,
    exists,
    false,
    func,
    literal_column,
    select,
    union,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.customers.state import State
from services.journey.domain.customers.wanted import Wanted
from services.journey.store.holdings import read_subscription
from services.journey.store.tables import (
    PROFILE_WORDS,
    among,
    customer,
    customer_profile,
    customer_state,
    device,
    portfolio,
    purchase,
    stage_history,
    subscription,
)
from shared.db.few import about, few
from shared.events.customer_changed import Subscription

_decoder = msgspec.json.Decoder(State)


class CustomerReader:
    """Reads on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def listed(self, wanted: Wanted, after: str | None, limit: int) -> Sequence[Row[Any]]:
        """Customers by id, with name and plan.

        Who they are is found before anything is joined: of many the joins would read all up to them.
        """
        asked = await self._asked(wanted)
        if after is not None:
            asked.append(customer.c.id > after)
        ids = select(customer.c.id).select_from(_paying(wanted)).where(*asked)
        first = ids.order_by(customer.c.id).limit(limit).subquery("first")
        query = (
            select(customer, customer_profile.c.name, subscription.c.plan, portfolio.c.csm)
            .join_from(first, customer, customer.c.id == first.c.id)
            .outerjoin(customer_profile, customer_profile.c.customer == customer.c.id)
            .outerjoin(subscription, subscription.c.customer == customer.c.id)
            .outerjoin(portfolio, portfolio.c.customer == customer.c.id)
            .order_by(customer.c.id)
        )
        return (await self._connection.execute(query)).all()

    async def count(self, wanted: Wanted) -> int:
        """How many the filters find."""
        asked = await self._asked(wanted)
        query = select(func.count()).select_from(_paying(wanted)).where(*asked)
        return (await self._connection.execute(query)).scalar_one()

    async def all(self) -> int:
        """About how many customers there are."""
        return await about(self._connection, customer)

    async def _asked(self, wanted: Wanted) -> list[ColumnElement[bool]]:
        """What holds of every customer that the filters find."""
        asked = list(_filters(wanted))
        if wanted.text is not None:
            asked.append(await self._called(wanted.text))
        return asked

    async def _called(self, text: str) -> ColumnElement[bool]:
        """Whether each word of `text` begins one of name or mail address, or it is the id."""
        named = _named(text)
        ids = await few(self._connection, named)
        if ids is not None:
            is_one: ColumnElement[bool] = customer.c.id == among([*ids, text])
            return is_one
        if await self.find(text) is None:
            return customer.c.id.in_(named)
        return customer.c.id.in_(union(named, select(customer.c.id).where(customer.c.id == text)))

    async def find(self, id_: str) -> Row[Any] | None:
        """The row of a customer."""
        query = select(customer).where(customer.c.id == id_)
        return (await self._connection.execute(query)).one_or_none()

    async def profile(self, id_: str) -> Row[Any] | None:
        """Personal data, None for a customer only heard of."""
        query = select(customer_profile).where(customer_profile.c.customer == id_)
        return (await self._connection.execute(query)).one_or_none()

    async def profiles(self, ids: Iterable[str]) -> dict[str, Row[Any]]:
        """The same of several, by id; those only heard of are missing."""
        query = select(customer_profile).where(customer_profile.c.customer == among(ids))
        return {row.customer: row for row in await self._connection.execute(query)}

    async def subscription(self, id_: str) -> Subscription | None:
        """The subscription as it was written last; plan and price of what old terms do not say."""
        query = select(subscription).where(subscription.c.customer == id_)
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else read_subscription(row)

    async def purchases(self, id_: str) -> Sequence[Row[Any]]:
        """All purchases, oldest first."""
        query = (
            select(purchase)
            .where(purchase.c.customer == id_)
            .order_by(purchase.c.at, purchase.c.id)
        )
        return (await self._connection.execute(query)).all()

    async def state(self, row: Row[Any]) -> State:
        """What is known of the customer of a row."""
        query = select(customer_state.c.state).where(customer_state.c.customer == row.id)
        stored = (await self._connection.execute(query)).scalar_one_or_none()
        state = State(zone=row.zone) if stored is None else _decoder.decode(stored)
        state.uses, state.last_use = row.uses, row.last_use
        return state

    async def history(self, id_: str) -> Sequence[Row[Any]]:
        """All stages entered, in time order."""
        query = (
            select(stage_history).where(stage_history.c.customer == id_).order_by(stage_history.c.n)
        )
        return (await self._connection.execute(query)).all()

    async def entered(self, since: datetime) -> dict[str, dict[date, int]]:
        """How many customers entered each stage on each day of UTC since then."""
        day = cast(func.timezone("UTC", stage_history.c.at), Date).label("day")
        query = (
            select(stage_history.c.stage, day, func.count().label("customers"))
            .where(stage_history.c.at >= since)
            .group_by(stage_history.c.stage, day)
        )
        days_by_stage: dict[str, dict[date, int]] = {}
        for row in await self._connection.execute(query):
            days_by_stage.setdefault(row.stage, {})[row.day] = row.customers
        return days_by_stage

    async def flow(self, since: datetime) -> Sequence[Row[Any]]:
        """How many went from which stage to which since then; from None: it was their first."""
        way = (stage_history.c.previous, stage_history.c.stage)
        query = (
            select(*way, func.count().label("customers"))
            .where(stage_history.c.at >= since)
            .group_by(*way)
        )
        return (await self._connection.execute(query)).all()

    async def stayed(self, since: datetime) -> Mapping[str, tuple[float, float]]:
        """Of who left a stage since then: how long they had been in it, median and p90 in seconds."""
        left, came = stage_history.alias("left"), stage_history.alias("came")
        span = func.extract("epoch", left.c.at - came.c.at)
        parts = [func.percentile_cont(part).within_group(span) for part in (0.5, 0.9)]
        before = (came.c.customer == left.c.customer) & (came.c.n == left.c.n - 1)
        query = (
            select(left.c.previous, parts[0].label("median_s"), parts[1].label("p90_s"))
            .join_from(left, came, before)
            .where(left.c.at >= since, left.c.previous.is_not(None))
            .group_by(left.c.previous)
        )
        result = await self._connection.execute(query)
        return {row.previous: (float(row.median_s), float(row.p90_s)) for row in result}

    async def stages(self) -> dict[str | None, int]:
        """Customers by stage."""
        query = select(customer.c.stage, func.count().label("customers")).group_by(customer.c.stage)
        return {row.stage: row.customers for row in await self._connection.execute(query)}


def _paying(wanted: Wanted) -> FromClause:
    """Customers, with what they pay for where it is asked for."""
    if wanted.plan is None:
        return customer
    return customer.join(subscription, subscription.c.customer == customer.c.id)


def _filters(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """What holds of every customer that the filters find, but for the text."""
    if wanted.stage is not None:
        yield customer.c.stage == (None if wanted.stage == "none" else wanted.stage)
    if wanted.region is not None:
        yield customer.c.region == wanted.region
    if wanted.plan is not None:
        yield subscription.c.plan == wanted.plan
    if wanted.ids:
        yield customer.c.id == among(wanted.ids)
    if wanted.model is not None or wanted.firmware is not None:
        yield _has_device(wanted)
    if wanted.csm is not None:
        yield in_portfolio(customer.c.id, wanted.csm)


def in_portfolio(id_: ColumnElement[str], csm: str) -> ColumnElement[bool]:
    """Whether this CSM looks after a customer; `none`: whether nobody does."""
    theirs = portfolio.alias()  # beside the one that a list joins
    if csm == "none":
        return ~exists().where(theirs.c.customer == id_)
    return id_.in_(select(theirs.c.customer).where(theirs.c.csm == csm))


def _has_device(wanted: Wanted) -> ColumnElement[bool]:
    theirs = select(device.c.id).where(device.c.customer == customer.c.id)
    if wanted.model is not None:
        theirs = theirs.where(device.c.model == wanted.model)
    if wanted.firmware is not None:
        theirs = theirs.where(device.c.firmware == wanted.firmware)
    return exists(theirs)


def _named(text: str) -> Select[Any]:
    """Ids of those with a word of name or mail address for each of `text`; without words: nobody."""
    words = [f"'{word}':*" for word in re.findall(r"[^\W_]+", text)]
    ids = select(customer_profile.c.customer)
    if not words:
        return ids.where(false())
    asked = func.to_tsquery(literal_column("'simple'::regconfig"), " & ".join(words))
    return ids.where(PROFILE_WORDS.op("@@")(asked))
