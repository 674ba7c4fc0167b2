"""Customers and their state: locked together, read in one query each, written in one each."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.customers.customer import Customer
from services.journey.domain.customers.fold import QUARTER
from services.journey.domain.customers.state import Mark, State
from services.journey.domain.days import moment_of, seconds
from services.journey.domain.stages.timeline import Entry, Walk
from services.journey.store.tables import (
    among,
    customer,
    customer_state,
    quarter_use,
    stage_history,
)
from shared.db import erased, rows
from shared.identity import zone_or_utc

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(State)

_CUT = text(
    """DELETE FROM stage_history h USING unnest(CAST(:customer AS text[]), CAST(:n AS int[]))
    AS v(customer, n) WHERE h.customer = v.customer AND h.n >= v.n"""
)

_NOTE = text(
    """INSERT INTO quarter_use AS q (customer, quarter, at, cause)
    SELECT * FROM unnest(CAST(:customer AS text[]), CAST(:quarter AS bigint[]),
        CAST(:at AS bigint[]), CAST(:cause AS text[]))
    ON CONFLICT (customer, quarter) DO UPDATE SET at = excluded.at, cause = excluded.cause
    WHERE (excluded.at, excluded.cause COLLATE "C") < (q.at, q.cause COLLATE "C")"""
)


class Customers:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, ids: Iterable[str], now: datetime) -> dict[str, Customer]:
        """Lock customers in order; one nobody has handed in yet gets a placeholder row.

        Why in two goes: nearly all exist, and sending the columns of a thousand placeholders costs
        more than all the rest of a batch. Both goes are in key order, so nobody deadlocks.
        """
        wanted = set(ids)
        held = await rows.lock(self._connection, customer, wanted)
        missing = wanted - held.keys()
        if missing:
            held |= await rows.lock(self._connection, customer, missing, seed=_placeholder(now))
        return {id_: _customer(row) for id_, row in held.items()}

    async def hold_existing(self, ids: Iterable[str]) -> dict[str, Customer]:
        """Lock those customers that exist, in order."""
        held = await rows.lock(self._connection, customer, ids)
        return {id_: _customer(row) for id_, row in held.items()}

    async def erased(self, ids: Iterable[str]) -> set[str]:
        """Which of these ids are nobody's for good."""
        return await erased.known(self._connection, ids)

    async def states(self, held: Sequence[Customer]) -> dict[str, State]:
        """What is known of customers that are held."""
        query = select(customer_state).where(customer_state.c.customer == among(c.id for c in held))
        stored = {
            row.customer: _decoder.decode(row.state)
            for row in await self._connection.execute(query)
        }
        states = {}
        for held_customer in held:
            states[held_customer.id] = state = stored.get(held_customer.id) or State(
                zone=held_customer.zone
            )
            # why: sums are columns, so that a use on a known day writes no state
            state.uses, state.last_use = held_customer.uses, held_customer.last_use
        return states

    async def histories(self, held: Sequence[Customer]) -> dict[str, list[Entry]]:
        """Stage history of customers that are held, in time order."""
        query = (
            select(stage_history)
            .where(stage_history.c.customer == among(c.id for c in held))
            .order_by(stage_history.c.customer, stage_history.c.n)
        )
        entries: dict[str, list[Entry]] = {held_customer.id: [] for held_customer in held}
        for row in await self._connection.execute(query):
            entries[row.customer].append(Entry(seconds(row.at), row.stage, row.previous, row.cause))
        return entries

    async def note_quarters(self, uses: Mapping[tuple[str, int], Mark]) -> None:
        """Keep the first use of each quarter of an hour of customers that are held."""
        if uses:
            given = {
                "customer": [customer for customer, _ in uses],
                "quarter": [quarter for _, quarter in uses],
                "at": [mark.at for mark in uses.values()],
                "cause": [mark.cause for mark in uses.values()],
            }
            await self._connection.execute(_NOTE, given)

    async def take_quarters(self, ids: Sequence[str]) -> dict[str, list[Mark]]:
        """What was kept of these, which is forgotten: their zone is known."""
        marks: dict[str, list[Mark]] = {id_: [] for id_ in ids}
        if ids:
            taken = delete(quarter_use).where(quarter_use.c.customer == among(ids))
            for row in await self._connection.execute(taken.returning(quarter_use)):
                marks[row.customer].append(Mark(row.at, row.cause))
        return marks

    async def forget_quarters(self, ids: Sequence[str], before: int) -> None:
        """Forget those of long ago, epoch seconds, of customers that are held."""
        old = quarter_use.c.quarter < before // QUARTER
        await self._connection.execute(
            delete(quarter_use).where(quarter_use.c.customer == among(ids), old)
        )

    async def save_sums(self, changed: Sequence[Customer]) -> None:
        """Write uses and last use: the sums."""
        sums = [{"id": c.id, "uses": c.uses, "last_use": c.last_use} for c in changed]
        await rows.update(self._connection, customer, sums)

    async def save_progress(self, changed: Sequence[Customer]) -> None:
        """Write what changes with every active day of a customer that stays in its stage."""
        await rows.update(
            self._connection,
            customer,
            [
                {
                    "id": held_customer.id, "evaluated": held_customer.evaluated, "due_at": _due_at(held_customer),
                    "uses": held_customer.uses, "last_use": held_customer.last_use, "routine_from": held_customer.routine[0],
                    "routine_to": held_customer.routine[1],
                }
                for held_customer in changed
            ],
        )  # fmt: skip

    async def save(self, changed: Sequence[Customer]) -> None:
        """Write the whole rows of customers that are held."""
        await rows.update(
            self._connection, customer, [_row(held_customer) for held_customer in changed]
        )

    async def save_states(self, changed: Sequence[tuple[Customer, State]]) -> None:
        """Write what is known of customers, without the sums their rows hold."""
        written = []
        for held_customer, state in changed:
            state.uses = state.last_use = 0
            written.append({"customer": held_customer.id, "state": _encoder.encode(state)})
            state.uses, state.last_use = held_customer.uses, held_customer.last_use
        await rows.upsert(self._connection, customer_state, written)

    async def save_histories(self, walked: Sequence[tuple[Customer, int, Walk]]) -> None:
        """Write what walks found: (customer, number of entries that stand, walk)."""
        cut = [(held_customer.id, stand) for held_customer, stand, walk in walked if walk.revised]
        if cut:
            ids, numbers = zip(*cut, strict=True)
            await self._connection.execute(_CUT, {"customer": list(ids), "n": list(numbers)})
        await rows.insert_new(
            self._connection,
            stage_history,
            [
                {
                    "customer": held_customer.id, "n": stand + index, "at": moment_of(entry.at),
                    "stage": entry.stage, "previous": entry.previous, "cause": entry.cause,
                }
                for held_customer, stand, walk in walked
                for index, entry in enumerate(walk.entries)
            ],
        )  # fmt: skip

    async def ahead(self, of: int, limit: int) -> list[str]:
        """Lock customers whose history is known up to a moment after `of`, epoch seconds."""
        query = (
            select(customer.c.id)
            .where(customer.c.evaluated > of)
            .order_by(customer.c.id)
            .limit(limit)
            .with_for_update()
        )
        return list((await self._connection.execute(query)).scalars())

    async def due(self, now: datetime, limit: int) -> list[str]:
        """Lock customers whose timer is due and nobody else holds; in due order."""
        query = _first(customer.c.due_at, now, limit)
        return list((await self._connection.execute(query)).scalars())

    async def to_republish(self, now: datetime, limit: int) -> list[str]:
        """Lock customers not published for long and nobody else holds; longest first."""
        query = _first(customer.c.republish_at, now, limit)
        return list((await self._connection.execute(query)).scalars())


def _first(column: Any, now: datetime, limit: int) -> Any:
    # why skip_locked: whoever holds the row may wait for one of ours; that one fires next time
    return (
        select(customer.c.id)
        .where(column <= now)
        .order_by(column, customer.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def _placeholder(now: datetime) -> dict[str, Any]:
    return {
        "known": False, "kind": "household", "zone": "UTC", "region": "default", "entries": 0,
        "evaluated": 0, "uses": 0, "last_use": 0, "routine_from": 0, "routine_to": 0,
        "version": 0, "created_at": now,
    }  # fmt: skip


def _customer(row: Mapping[str, Any]) -> Customer:
    since, due = row["stage_since"], row["due_at"]
    return Customer(
        id=row["id"], known=row["known"], kind=row["kind"], zone=zone_or_utc(row["zone"]),
        region=row["region"], stage=row["stage"], since=None if since is None else seconds(since),
        entries=row["entries"], evaluated=row["evaluated"],
        due=None if due is None else seconds(due), uses=row["uses"], last_use=row["last_use"],
        routine=(row["routine_from"], row["routine_to"]), version=row["version"],
        republish=row["republish_at"],
    )  # fmt: skip


def _due_at(held_customer: Customer) -> datetime | None:
    return None if held_customer.due is None else moment_of(held_customer.due)


def _row(held_customer: Customer) -> dict[str, Any]:
    return {
        "id": held_customer.id, "known": held_customer.known, "kind": held_customer.kind, "zone": held_customer.zone,
        "region": held_customer.region, "stage": held_customer.stage,
        "stage_since": None if held_customer.since is None else moment_of(held_customer.since),
        "entries": held_customer.entries, "evaluated": held_customer.evaluated,
        "due_at": _due_at(held_customer), "uses": held_customer.uses,
        "last_use": held_customer.last_use, "routine_from": held_customer.routine[0], "routine_to": held_customer.routine[1],
        "version": held_customer.version, "republish_at": held_customer.republish,
    }  # fmt: skip
