"""The rows of tickets: held under their fault keys, read in pages."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import ColumnElement, RowMapping, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.domain.summary import FaultSummary
from services.support.domain.ticket import Resolution, State, Ticket
from services.support.store.sharing import is_shared
from services.support.store.tables import IS_OPEN, ticket
from shared.db import rows

_NAMES = Ticket.__struct_fields__


class Tickets:
    """Tickets, within the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, ids: Iterable[str]) -> dict[str, Ticket]:
        """Lock tickets whose fault keys are held."""
        held = await rows.lock(self._connection, ticket, ids)
        return {id_: _ticket(row) for id_, row in held.items()}

    async def write(self, changed: Sequence[Ticket], new: Sequence[Ticket]) -> None:
        """Write the changed, then the new: an open one may take a resolved one's place."""
        await rows.update(self._connection, ticket, [_row(one) for one in changed])
        await rows.upsert(self._connection, ticket, [_row(one) for one in new])

    async def read(self, id_: str, organisation: str | None = None) -> Ticket | None:
        """One ticket as last committed; with `organisation` only if it is shared with that one."""
        query = select(ticket).where(ticket.c.id == id_)
        if organisation is not None:
            query = query.where(is_shared(organisation))
        row = (await self._connection.execute(query)).mappings().one_or_none()
        return None if row is None else _ticket(row)

    async def open_keys(self, devices: Iterable[str]) -> list[str]:
        """Fault keys of the open tickets of devices; the devices are held: none is opened meanwhile."""
        asked = sorted(devices)
        if not asked:
            return []
        query = select(ticket.c.fault_key).where(IS_OPEN, ticket.c.device == text("ANY(:devices)"))
        found = await self._connection.execute(query, {"devices": asked})
        return list(found.scalars())

    async def newest(
        self,
        where: Mapping[str, str],
        before: tuple[datetime, str] | None,
        limit: int,
        organisation: str | None = None,
    ) -> list[Ticket]:
        """Tickets, the one opened last first.

        Args:
            where: column and the value it must have.
            before: `opened_at` and id of the last ticket of the page before.
            organisation: only what is shared with it.
        """
        asked: list[ColumnElement[bool]] = [
            IS_OPEN if (name, value) == ("state", "open") else ticket.c[name] == value
            for name, value in where.items()
        ]
        if organisation is not None:
            asked.append(is_shared(organisation))
        if before is not None:
            asked.append(tuple_(ticket.c.opened_at, ticket.c.id) < tuple_(*before))
        query = (
            select(ticket)
            .where(*asked)
            .order_by(ticket.c.opened_at.desc(), ticket.c.id.desc())
            .limit(limit)
        )
        return [_ticket(row) for row in (await self._connection.execute(query)).mappings()]

    async def summary(self) -> list[FaultSummary]:
        """Tickets and faults by fault code, the most tickets first."""
        count = func.count()
        query = (
            select(
                ticket.c.fault_code,
                count.label("tickets"),
                count.filter(IS_OPEN).label("open"),
                func.sum(ticket.c.faults).label("faults"),
            )
            .group_by(ticket.c.fault_code)
            .order_by(count.desc(), ticket.c.fault_code)
        )
        found = (await self._connection.execute(query)).mappings()
        return [
            FaultSummary(row["fault_code"], row["tickets"], row["open"], int(row["faults"]))
            for row in found
        ]


def _ticket(row: RowMapping | Mapping[str, Any]) -> Ticket:
    known = {name: row[name] for name in _NAMES}
    known["state"] = State(known["state"])
    if known["resolution"] is not None:
        known["resolution"] = Resolution(known["resolution"])
    return Ticket(**known)


def _row(one: Ticket) -> dict[str, Any]:
    return asdict(one)
