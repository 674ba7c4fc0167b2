"""What is known of customers' past, a batch at a time: for rehearsals, which write nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.customers.state import State
from services.journey.domain.days import seconds
from services.journey.domain.messages.left import Left
from services.journey.domain.messages.letter import is_address
from services.journey.domain.messages.of_runs import LOOKED_BACK
from services.journey.domain.messages.purpose import Channel, Purpose
from services.journey.domain.rehearsals.life import Habit
from services.journey.domain.rehearsals.past import Done, Other, Past, Person
from services.journey.domain.stages.timeline import Entry
from services.journey.store.contacts.contacts import Contacts
from services.journey.store.plays.runs import read
from services.journey.store.plays.suppressions import hash_of
from services.journey.store.tables import (
    agreement,
    among,
    customer,
    customer_profile,
    customer_state,
    left_topic,
    message,
    stage_history,
    suppressed_address,
    task,
)
from shared.identity import zone_or_utc

_decoder = msgspec.json.Decoder(State)
_BEFORE = text(
    """SELECT DISTINCT ON (customer) * FROM run WHERE customer = ANY(CAST(:ids AS text[]))
    AND play = :play AND subject = '' AND entered_at <= :begin ORDER BY customer, rotation DESC"""
)
_DONE = text(
    """SELECT t.customer, r.cause, t.step, t.visit, t.result, t.done_at FROM task t
    JOIN run r ON r.id = t.run WHERE t.customer = ANY(CAST(:ids AS text[])) AND t.play = :play
    AND t.state = 'done' AND t.done_at > :begin"""
)
_TAKES = text(
    """SELECT step, percentile_disc(0.5) WITHIN GROUP (ORDER BY done_at - opened_at) AS takes
    FROM task WHERE play = :play AND state = 'done' GROUP BY step"""
)


class Pasts:
    """Reads on one connection, which sees everything as it was at one moment."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def customers(self) -> int:
        """How many there are."""
        return (await self._connection.execute(select(func.count(customer.c.id)))).scalar_one()

    async def habits(self, play: str) -> Mapping[str, Habit]:
        """How people have answered the tasks of a play, by step."""
        counted: dict[str, dict[str, int]] = {}
        query = (
            select(task.c.step, task.c.result, func.count().label("n"))
            .where(task.c.play == play, task.c.state == "done")
            .group_by(task.c.step, task.c.result)
            .order_by(task.c.step, task.c.result)
        )
        for row in await self._connection.execute(query):
            counted.setdefault(row.step, {})[row.result] = row.n
        takes = {r.step: r.takes for r in await self._connection.execute(_TAKES, {"play": play})}
        return {
            step: Habit(results, int(takes[step].total_seconds()))
            for step, results in counted.items()
        }

    async def batch(self, after: str, limit: int, play: str, begin: datetime) -> list[Past]:
        """The pasts of the next customers in order of their ids; none: that was all."""
        query = (
            select(customer, customer_state.c.state, customer_profile.c.email)
            .outerjoin(customer_state, customer_state.c.customer == customer.c.id)
            .outerjoin(customer_profile, customer_profile.c.customer == customer.c.id)
            .where(customer.c.id > after)
            .order_by(customer.c.id)
            .limit(limit)
        )
        rows = (await self._connection.execute(query)).all()
        ids = [row.id for row in rows]
        if not ids:
            return []
        entries, left, agreed = (
            await self._entries(ids),
            await self._left(ids),
            await self._agreed(ids),
        )
        before, done = await self._before(ids, play, begin), await self._done(ids, play, begin)
        others = await self._others(ids, play, begin - LOOKED_BACK)
        people = await Contacts(self._connection).dated(ids)
        addresses = [row.email for row in rows] + [
            contact.reach.email for listed in people.values() for _, contact in listed
        ]
        suppressed = await self._suppressed([address for address in addresses if address])
        return [
            Past(
                row.id, zone_or_utc(row.zone), _state(row), entries.get(row.id, []), before.get(row.id),
                is_address(row.email), _since(suppressed, row.email), left.get(row.id, []), agreed.get(row.id, []), others.get(row.id, []),
                done.get(row.id, {}),
                [
                    Person(seconds(at), contact, _since(suppressed, contact.reach.email))
                    for at, contact in people.get(row.id, ())
                ],
            )
            for row in rows
        ]  # fmt: skip

    async def _entries(self, ids: Sequence[str]) -> dict[str, list[Entry]]:
        h = stage_history.c
        query = select(stage_history).where(h.customer == among(ids)).order_by(h.customer, h.n)
        entries: dict[str, list[Entry]] = {}
        for row in await self._connection.execute(query):
            entry = Entry(seconds(row.at), row.stage, row.previous, row.cause)
            entries.setdefault(row.customer, []).append(entry)
        return entries

    async def _left(self, ids: Sequence[str]) -> dict[str, list[tuple[int, Left]]]:
        by_customer: dict[str, list[tuple[int, Left]]] = {}
        query = select(left_topic).where(left_topic.c.customer == among(ids))
        for row in await self._connection.execute(query):
            left = Left(row.topic or None, Channel(row.channel) if row.channel else None)
            by_customer.setdefault(row.customer, []).append((seconds(row.at), left))
        return by_customer

    async def _agreed(self, ids: Sequence[str]) -> dict[str, list[tuple[int, Purpose]]]:
        by_customer: dict[str, list[tuple[int, Purpose]]] = {}
        query = select(agreement).where(agreement.c.customer == among(ids))
        for row in await self._connection.execute(query):
            by_customer.setdefault(row.customer, []).append((seconds(row.at), Purpose(row.purpose)))
        return by_customer

    async def _suppressed(self, addresses: Sequence[str]) -> dict[str, int]:
        hashes = sorted({hash_of(address) for address in addresses})
        query = select(suppressed_address).where(suppressed_address.c.hash == among(hashes))
        return {row.hash: seconds(row.at) for row in await self._connection.execute(query)}

    async def _others(
        self, ids: Sequence[str], play: str, since: datetime
    ) -> dict[str, list[Other]]:
        m = message.c
        query = (
            select(
                m.customer, m.planned_at, m.decided_at, m.verdict, m.purpose, m.priority, m.channel
            )
            .where(m.customer == among(ids), m.play != play, m.planned_at > since)
            .order_by(m.planned_at, m.id)
        )
        others: dict[str, list[Other]] = {}
        for row in await self._connection.execute(query):
            others.setdefault(row.customer, []).append(_other(row))
        return others

    async def _before(self, ids: Sequence[str], play: str, begin: datetime) -> dict[str, Any]:
        asked = {"ids": list(ids), "play": play, "begin": begin}
        return {r.customer: read(r) for r in await self._connection.execute(_BEFORE, asked)}

    async def _done(
        self, ids: Sequence[str], play: str, begin: datetime
    ) -> dict[str, dict[tuple[str, str, int], Done]]:
        asked = {"ids": list(ids), "play": play, "begin": begin}
        by_customer: dict[str, dict[tuple[str, str, int], Done]] = {}
        for row in await self._connection.execute(_DONE, asked):
            done = Done(row.result, seconds(row.done_at))
            by_customer.setdefault(row.customer, {})[row.cause, row.step, row.visit] = done
        return by_customer


def _since(suppressed: Mapping[str, int], address: str | None) -> int | None:
    """Since when nothing is sent to an address; None: it is."""
    return None if not address else suppressed.get(hash_of(address))


def _state(row: Row[Any]) -> State:
    state = State(zone=row.zone) if row.state is None else _decoder.decode(row.state)
    state.uses, state.last_use = row.uses, row.last_use
    return state


def _other(row: Any) -> Other:
    return Other(
        seconds(row.planned_at), None if row.decided_at is None else seconds(row.decided_at),
        Purpose(row.purpose), row.priority, row.verdict == "send",
        row.verdict in {"send", "skip"}, Channel(row.channel),
    )  # fmt: skip
