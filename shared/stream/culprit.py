"""Which row's timer is it that raises? Found by halves, in transactions that are all rolled back."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Column, Interval, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.db import trouble
from shared.stream.transaction import Transaction

AT_MOST = 500  # what timers take at once
LATER = timedelta(hours=1)
_FAR = literal(timedelta(days=100_000), Interval)


class Culprit(NamedTuple):
    """A row, and the column that says when its timer is due."""

    due: Column[Any]
    key: str

    @property
    def name(self) -> str:
        """For a log."""
        return f"timer:{self.due.table.name}.{self.due.name}/{self.key}"


async def find(
    engine: AsyncEngine,
    service: str,
    fire: Callable[[Transaction], Awaitable[int]],
    due: Sequence[Column[Any]],
    now: datetime,
) -> Culprit | None:
    """The first row that makes `fire` raise; None: it raises with nothing due, or not any more."""

    async def raises(column: Column[Any], keys: Sequence[str]) -> bool:
        async with engine.connect() as connection:
            await connection.begin()
            for each in due:
                await _hide(connection, each, keys if each is column else (), now)
            tx = Transaction(connection, service, now)
            try:
                await fire(tx)
                await tx.flush()
            except Exception as error:
                if trouble.is_passing(error):
                    raise
                return True
            else:
                return False
            finally:
                await connection.rollback()

    if not due or await raises(due[0], ()):
        return None
    for column in due:
        keys = await _keys(engine, column, now)
        if not keys or not await raises(column, keys):
            continue
        while len(keys) > 1:
            half = keys[: len(keys) // 2]
            keys = half if await raises(column, half) else keys[len(keys) // 2 :]
        return Culprit(column, keys[0])
    return None


async def postpone(engine: AsyncEngine, found: Culprit, now: datetime) -> datetime:
    """Let its timer be due later; returns when."""
    until = now + LATER
    key = _key(found.due)
    async with engine.begin() as connection:
        await connection.execute(
            update(found.due.table)
            .where(key == found.key, found.due <= now)
            .values({found.due: until})
        )
    return until


async def _hide(
    connection: AsyncConnection, due: Column[Any], but: Sequence[str], now: datetime
) -> None:
    """For this transaction no other row is due."""
    hidden = update(due.table).where(due <= now).values({due: due + _FAR})
    await connection.execute(hidden.where(_key(due).not_in(but)) if but else hidden)


async def _keys(engine: AsyncEngine, due: Column[Any], now: datetime) -> list[str]:
    key = _key(due)
    async with engine.connect() as connection:
        found = await connection.execute(
            select(key).where(due <= now).order_by(due, key).limit(AT_MOST)
        )
        return list(found.scalars())


def _key(due: Column[Any]) -> Any:
    (key,) = due.table.primary_key.columns
    return key
