"""The rows of fault keys: whoever writes a ticket holds its key first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.domain.faults.fault_key import FaultKey, parse
from services.support.domain.faults.flapping import Flapping
from services.support.domain.faults.order import Order
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

    async def hold(self, keys: Iterable[str]) -> dict[str, FaultKey]:
        """Lock the keys, each not known yet as one without reports."""
        wanted = sorted(set(keys))
        await rows.insert_missing(
            self._connection,
            fault_key,
            [
                {"key": k.key, "device": k.device, "code": k.code, "component": k.component}
                for k in map(parse, wanted)
            ],
        )
        held = await rows.lock(self._connection, fault_key, wanted)
        return {key: _fault_key(row) for key, row in held.items()}

    async def hold_of_devices(self, devices: Sequence[str]) -> dict[str, FaultKey]:
        """Lock all keys of devices; the devices are held, so that no key can be added."""
        query = select(fault_key.c.key).where(fault_key.c.device == text("ANY(:devices)"))
        result = await self._connection.execute(query, {"devices": list(devices)})
        return await self.hold(result.scalars())

    async def hold_due(self, now: datetime, limit: int) -> dict[str, FaultKey]:
        """Lock keys with a timer due, the longest due first, leaving out those others hold."""
        due = await self._connection.execute(_DUE, {"now": now, "limit": limit})
        return {row["key"]: _fault_key(row) for row in due.mappings()}

    async def write(self, keys: Iterable[tuple[FaultKey, datetime | None]]) -> None:
        """Write keys that are held, each with the time of its next timer."""
        await rows.update(self._connection, fault_key, [_row(key, due) for key, due in keys])


def _fault_key(row: RowMapping | Mapping[str, Any]) -> FaultKey:
    flapping = row["flapping"]
    if isinstance(flapping, str):  # plain SQL leaves JSON as text
        flapping = msgspec.json.decode(flapping)
    last = row["last_at"]
    order = (last, row["last_boot"], row["last_seq"], row["last_moment"])
    return FaultKey(
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


def _row(key: FaultKey, due: datetime | None) -> dict[str, Any]:
    last = key.last
    return {
        "key": key.key,
        "ticket": key.ticket,
        "last_at": None if last is None else last.at,
        "last_boot": None if last is None else last.boot,
        "last_seq": None if last is None else last.seq,
        "last_moment": None if last is None else last.moment,
        "last_seen": key.last_seen,
        "faults": key.faults,
        "faulty": key.faulty,
        "recovery_due": key.recovery_due,
        "retired_at": key.retired_at,
        "flapping": key.flapping,
        "due_at": due,
    }
