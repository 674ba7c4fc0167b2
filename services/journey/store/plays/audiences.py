"""Who may be of an audience: found by what SQL can tell of a condition, a part of all customers at a time."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, func, literal, select, tablesample
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.customers.state import State
from services.journey.domain.messages.letter import is_address
from services.journey.domain.plays.audience import Candidate
from services.journey.domain.plays.play import Starts
from services.journey.domain.plays.run import Known
from services.journey.store.plays.narrowing import of_start
from services.journey.store.plays.suppressions import Suppressions
from services.journey.store.tables import among, customer, customer_profile, customer_state
from shared.identity import zone_or_utc

_decoder = msgspec.json.Decoder(State)
SEED = 7  # the same customers each time: a number that is asked for again does not jump


class Audiences:
    """Reads on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def customers(self) -> int:
        """How many there are."""
        return (await self._connection.execute(select(func.count(customer.c.id)))).scalar_one()

    async def part(self, after: str, many: int) -> tuple[int, str | None]:
        """The next customers by id: how many, at most `many`, and the last of them; None: no more."""
        ids = select(customer.c.id).where(customer.c.id > after).order_by(customer.c.id).limit(many)
        part = ids.subquery()
        query = select(func.count(), func.max(part.c.id)).select_from(part)
        count, last = (await self._connection.execute(query)).one()
        return count, last

    async def candidates(self, starts: Starts, t: int, after: str, until: str) -> list[Candidate]:
        """Of those with ids in (after, until] who may be of it at `t`, by id."""
        query = _query(starts, t).where(customer.c.id > after, customer.c.id <= until)
        rows = (await self._connection.execute(query.order_by(customer.c.id))).all()
        return await asyncio.to_thread(_read, rows)

    async def sample(self, starts: Starts, t: int, share: float) -> tuple[int, list[Candidate]]:
        """Of about this share of all: how many these are, and who of them may be of it."""
        sampled = tablesample(customer, func.system(100 * share), seed=literal(SEED))
        ids = select(sampled.c.id)
        many = select(func.count()).select_from(ids.subquery())
        count = (await self._connection.execute(many)).scalar_one()
        query = _query(starts, t).where(customer.c.id.in_(ids))
        rows = (await self._connection.execute(query)).all()
        return count, await asyncio.to_thread(_read, rows)

    async def unreached(self, customers: Collection[str]) -> set[str]:
        """Those of these who have no address that mails go to."""
        query = select(customer_profile.c.customer, customer_profile.c.email).where(
            customer_profile.c.customer == among(customers)
        )
        by_id = {
            row.customer: row.email
            for row in await self._connection.execute(query)
            if is_address(row.email)
        }
        refused = await Suppressions(self._connection).among(set(by_id.values()))
        return {id_ for id_ in customers if by_id.get(id_) is None or by_id[id_] in refused}


def _query(starts: Starts, t: int) -> Any:
    shown = (customer.c.id, customer.c.zone, customer.c.stage, customer.c.uses, customer.c.last_use)
    return (
        select(*shown, customer_state.c.state)
        .outerjoin(customer_state, customer_state.c.customer == customer.c.id)
        .where(*of_start(starts, t))
    )


def _read(rows: Sequence[Row[Any]]) -> list[Candidate]:
    return [Candidate(row.id, Known(_state(row), row.stage, row.zone)) for row in rows]


def _state(row: Row[Any]) -> State:
    state = State(zone=zone_or_utc(row.zone)) if row.state is None else _decoder.decode(row.state)
    state.uses, state.last_use = row.uses, row.last_use
    return state
