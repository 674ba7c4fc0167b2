"""Heads of regions, and the snapshots of customers they are learned from."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Table, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.customers.customer import Description
from services.analytics.domain.drops.state import COLUMNS, LARGE, WHOLE, States
from services.analytics.domain.risks.cancelling import extra, paid
from services.analytics.domain.risks.head import Head
from services.analytics.domain.risks.lessons import Snapshot
from services.analytics.domain.risks.rating import Fitted
from services.analytics.store.tables import head
from shared.db import rows

_DAYS = text("SELECT DISTINCT day FROM snapshot WHERE region = :region ORDER BY day")
_READ = text(
    """SELECT s.day, s.numbers, (
        SELECT min(i.day) FROM day_input i WHERE i.customer = s.customer AND i.day > s.day
        AND i.day <= :known AND i.hours <> 0 AND i.late < 3
    ) AS again FROM snapshot s WHERE s.region = :region AND s.day = ANY(CAST(:days AS date[]))
    ORDER BY s.day, s.customer COLLATE "C" """
)
_REMEMBER = text(
    """INSERT INTO snapshot (region, day, customer, numbers)
    SELECT :region, :day, v.customer, v.numbers
    FROM unnest(CAST(:ids AS text[]), CAST(:numbers AS bytea[])) AS v(customer, numbers)
    ON CONFLICT DO NOTHING"""
)
_FORGET = text("DELETE FROM snapshot WHERE region = :region AND day < :before")
_CANCELLED = text(  # place 5 of a description: whether a subscription runs
    """SELECT EXISTS (SELECT 1 FROM customer WHERE regions @> ARRAY[CAST(:region AS text)]
    AND history @? CAST('$[*][5] ? (@ == false)' AS jsonpath))"""
)
_PAID = text(
    """SELECT s.day, s.numbers, CAST(c.history AS text) AS history
    FROM snapshot s JOIN customer c ON c.id = s.customer
    WHERE s.region = :region AND s.day = ANY(CAST(:days AS date[]))
    ORDER BY s.day, s.customer COLLATE "C" """
)


KEPT = [name for name in COLUMNS if name not in LARGE]  # no head reads the others


class Heads:
    """Locked last, under the region's clock."""

    def __init__(self, connection: AsyncConnection, table: Table = head) -> None:
        self._connection = connection
        self._table = table

    async def newest(self, region: str) -> Fitted | None:
        """The head a region's risks are by; None: the stated prior."""
        table = self._table
        newest = table.c.day.desc()
        query = select(table).where(table.c.region == region).order_by(newest).limit(1)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            return None
        return Fitted(row.day.toordinal(), msgspec.convert(row.head, Head))

    async def all(self) -> list[tuple[str, Fitted]]:
        """The newest head of each region."""
        table = self._table
        newest_of = distinct_on(table.c.region)
        query = select(table).ext(newest_of).order_by(table.c.region, table.c.day.desc())
        newest = (await self._connection.execute(query)).all()
        return [
            (row.region, Fitted(row.day.toordinal(), msgspec.convert(row.head, Head)))
            for row in newest
        ]

    async def keep(self, region: str, fitted: Fitted) -> None:
        """Keep a head with its back-test."""
        new = {
            "region": region,
            "day": date.fromordinal(fitted.day),
            "head": msgspec.to_builtins(fitted.head),
            "learned_from": fitted.head.lessons,
        }
        await rows.insert_new(self._connection, self._table, [new])

    async def days(self, region: str) -> list[int]:
        """Days with a snapshot, sorted."""
        result = await self._connection.execute(_DAYS, {"region": region})
        return [day.toordinal() for day in result.scalars()]

    async def snapshots(self, region: str, days: Sequence[int], known: int) -> list[Snapshot]:
        """Snapshots of these days, with each customer's next day with use up to `known`."""
        if not days:
            return []
        asked = {
            "region": region,
            "days": [date.fromordinal(day) for day in days],
            "known": date.fromordinal(known),
        }
        kept = (await self._connection.execute(_READ, asked)).all()
        gathered = []
        for day in sorted({row.day for row in kept}):
            these = [row for row in kept if row.day == day]
            again = [row.again.toordinal() if row.again else 0 for row in these]
            states = _unpacked([row.numbers for row in these])
            gathered.append(Snapshot(day.toordinal(), states, np.array(again, dtype=np.int64)))
        return gathered

    async def paid(self, region: str, days: Sequence[int], known: int) -> list[Snapshot]:
        """Snapshots of these days of whose subscription ran then, with its end up to `known`."""
        if not days:
            return []
        asked = {"region": region, "days": [date.fromordinal(day) for day in days]}
        if not await self._connection.scalar(_CANCELLED, {"region": region}):
            return []  # nothing to learn from
        last, kept = date.fromordinal(known), (await self._connection.execute(_PAID, asked)).all()
        gathered = []
        for day in sorted({row.day for row in kept}):
            told = [(row, paid(_history(row.history), day, last)) for row in kept if row.day == day]
            these = [(row.numbers, subscription) for row, subscription in told if subscription]
            ends = np.array([subscription.cancelled for _, subscription in these], dtype=np.int64)
            lasted = np.array([subscription.days for _, subscription in these], dtype=np.float64)
            states = _unpacked([numbers for numbers, _ in these])
            gathered.append(Snapshot(day.toordinal(), states, ends, extra(lasted)))
        return [snapshot for snapshot in gathered if len(snapshot.again)]

    async def remember(
        self, region: str, day: int, ids: Sequence[str], states: States, before: int
    ) -> None:
        """Keep customers as they are at the end of a day; forget who were kept long ago."""
        forgotten = {"region": region, "before": date.fromordinal(before)}
        await self._connection.execute(_FORGET, forgotten)
        await self._connection.execute(
            _REMEMBER,
            {
                "region": region,
                "day": date.fromordinal(day),
                "ids": list(ids),
                "numbers": _packed(states),
            },
        )


@lru_cache(maxsize=65_536)
def _history(document: str) -> tuple[Description, ...]:
    return msgspec.json.decode(document, type=tuple[Description, ...])


def _packed(states: States) -> list[bytes]:
    """Eight bytes a number, in the order of KEPT: new numbers are put at the end."""
    table = np.column_stack([getattr(states, name).astype("<f8") for name in KEPT])
    return [row.tobytes() for row in table]


def _unpacked(rows: Sequence[bytes]) -> States:
    """A number that a snapshot does not have yet is 0."""
    table = np.zeros((len(rows), len(KEPT)))
    for n, row in enumerate(rows):
        numbers = np.frombuffer(row, dtype="<f8")
        table[n, : len(numbers)] = numbers[: len(KEPT)]
    arrays: dict[str, Any] = {
        name: table[:, i].astype(np.int64 if name in WHOLE else np.float64)
        for i, name in enumerate(KEPT)
    }
    arrays |= {name: np.zeros(len(rows), dtype=np.int64) for name in LARGE}
    return States(**arrays)
