"""Heads of regions, and the snapshots of customers they are learned from."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.drops.state import COLUMNS, LARGE, WHOLE, States
from services.analytics.domain.risks.head import Head
from services.analytics.domain.risks.lessons import Snapshot
from services.analytics.domain.risks.rating import Fitted
from services.analytics.store.tables import head

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
_ALL = text("SELECT DISTINCT ON (region) region, day, head FROM head ORDER BY region, day DESC")
_KEEP = text(
    """INSERT INTO head (region, day, head, learned_from)
    VALUES (:region, :day, CAST(:head AS jsonb), :learned_from) ON CONFLICT DO NOTHING"""
)


KEPT = [name for name in COLUMNS if name not in LARGE]  # no head reads the others


class Heads:
    """Locked last, under the region's clock."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def newest(self, region: str) -> Fitted | None:
        """The head a region's risks are by; None: the stated prior."""
        query = select(head).where(head.c.region == region).order_by(head.c.day.desc()).limit(1)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            return None
        return Fitted(row.day.toordinal(), msgspec.convert(row.head, Head))

    async def all(self) -> list[tuple[str, Fitted]]:
        """The newest head of each region."""
        rows = (await self._connection.execute(_ALL)).all()
        return [
            (row.region, Fitted(row.day.toordinal(), msgspec.convert(row.head, Head)))
            for row in rows
        ]

    async def keep(self, region: str, fitted: Fitted) -> None:
        """Keep a head with its back-test."""
        await self._connection.execute(
            _KEEP,
            {
                "region": region,
                "day": date.fromordinal(fitted.day),
                "head": msgspec.json.encode(fitted.head).decode(),
                "learned_from": fitted.head.lessons,
            },
        )

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
        rows = (await self._connection.execute(_READ, asked)).all()
        gathered = []
        for day in sorted({row.day for row in rows}):
            these = [row for row in rows if row.day == day]
            again = [row.again.toordinal() if row.again else 0 for row in these]
            states = _unpacked([row.numbers for row in these])
            gathered.append(Snapshot(day.toordinal(), states, np.array(again, dtype=np.int64)))
        return gathered

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
