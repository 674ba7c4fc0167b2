"""The rows of fault keys: whoever writes a ticket holds its key first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.domain.episode import Episode, parse
from services.support.domain.flapping import Flapping
from services.support.domain.order import Order
from services.support.store.tables import fault_key
from shared.db import rows

_DUE = text(
    f"""SELECT {", ".join(fault_key.columns.keys())} FROM fault_key WHERE due_at <= :now
    ORDER BY due_at, key LIMIT :limit FOR UPDATE SKIP LOCKED"""  # noqa: S608 - names of ours
)


class FaultKeys:
    """Fault keys, within the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, keys: Iterable[str]) -> dict[str, Episode]:
        """Lock the keys, each not known yet as one without reports."""
        wanted = sorted(set(keys))
        fresh = [parse(key) for key in wanted]
        await rows.insert_missing(
            self._connection,
            fault_key,
            [
                {"key": e.key, "device": e.device, "code": e.code, "component": e.component}
                for e in fresh
            ],
        )
        held = await rows.lock(self._connection, fault_key, wanted)
        return {key: _episode(row) for key, row in held.items()}

    async def hold_of_devices(self, devices: Sequence[str]) -> dict[str, Episode]:
        """Lock all keys of devices; the devices are held, so that no key can be added."""
        query = select(fault_key.c.key).where(fault_key.c.device == text("ANY(:devices)"))
        found = await self._connection.execute(query, {"devices": list(devices)})
        return await self.hold(found.scalars())

    async def hold_due(self, now: datetime, limit: int) -> dict[str, Episode | None]:
        """Lock keys with a timer due, the longest due first, leaving out those others hold.

        Returns: None for a row that cannot be read: it is no reason to leave the others waiting.
        """
        found = await self._connection.execute(_DUE, {"now": now, "limit": limit})
        return {row["key"]: _readable(row) for row in found.mappings()}

    async def put_off(self, keys: Iterable[str], until: datetime) -> None:
        """Let the timers of keys that are held fall due later."""
        rows_ = [{"key": key, "due_at": until} for key in sorted(keys)]
        await rows.update(self._connection, fault_key, rows_)

    async def write(self, episodes: Iterable[tuple[Episode, datetime | None]]) -> None:
        """Write keys that are held, each with the time of its next timer."""
        await rows.update(self._connection, fault_key, [_row(e, due) for e, due in episodes])


def _readable(row: RowMapping) -> Episode | None:
    try:
        return _episode(row)
    except (msgspec.MsgspecError, TypeError, ValueError):
        return None


def _episode(row: RowMapping | Mapping[str, Any]) -> Episode:
    flapping = row["flapping"]
    if isinstance(flapping, str):  # plain SQL leaves JSON as text
        flapping = msgspec.json.decode(flapping)
    last = row["last_at"]
    order = (last, row["last_boot"], row["last_seq"], row["last_moment"])
    return Episode(
        key=row["key"],
        device=row["device"],
        code=row["code"],
        component=row["component"],
        ticket=row["ticket"],
        last=None if last is None else Order(*order),
        last_seen=row["last_seen"],
        faults=row["faults"],
        faulty=row["faulty"],
        recovery_due=row["recovery_due"],
        retired_at=row["retired_at"],
        flapping=msgspec.convert(flapping, Flapping),
    )


def _row(episode: Episode, due: datetime | None) -> dict[str, Any]:
    last = episode.last
    return {
        "key": episode.key,
        "ticket": episode.ticket,
        "last_at": None if last is None else last.at,
        "last_boot": None if last is None else last.boot,
        "last_seq": None if last is None else last.seq,
        "last_moment": None if last is None else last.moment,
        "last_seen": episode.last_seen,
        "faults": episode.faults,
        "faulty": episode.faulty,
        "recovery_due": episode.recovery_due,
        "retired_at": episode.retired_at,
        "flapping": episode.flapping,
        "due_at": due,
    }
