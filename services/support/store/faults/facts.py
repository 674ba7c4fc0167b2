"""The fault facts of tickets: written under their fault keys."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import RowMapping, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.domain.faults.facts import Facts
from services.support.domain.faults.summary import FaultSummary
from services.support.store.tables import FAULT_IS_OPEN, ticket_fault
from shared.db import rows

NAMES = Facts.__struct_fields__


class FaultFacts:
    """Fault facts, within the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, tickets: Iterable[str]) -> dict[str, Facts]:
        """Lock the facts of tickets whose fault keys are held, by the ticket's id."""
        held = await rows.lock(self._connection, ticket_fault, tickets)
        return {id_: facts(row) for id_, row in held.items()}

    async def write(self, changed: Sequence[Facts], new: Sequence[Facts]) -> None:
        """Write the changed, then the new: an open one may take a resolved one's place."""
        await rows.update(
            self._connection, ticket_fault, [asdict(changed_fact) for changed_fact in changed]
        )
        await rows.upsert(
            self._connection, ticket_fault, [asdict(changed_fact) for changed_fact in new]
        )

    async def open_keys(self, devices: Iterable[str]) -> list[str]:
        """Fault keys of the open tickets of devices; the devices are held: none is opened meanwhile."""
        asked = sorted(devices)
        if not asked:
            return []
        mine = ticket_fault.c.device == text("ANY(:devices)")
        query = select(ticket_fault.c.key).where(FAULT_IS_OPEN, mine)
        return list((await self._connection.execute(query, {"devices": asked})).scalars())

    async def summary(self) -> list[FaultSummary]:
        """Tickets and faults by fault code, the most tickets first."""
        count = func.count()
        query = (
            select(
                ticket_fault.c.code,
                count.label("tickets"),
                count.filter(FAULT_IS_OPEN).label("open"),
                func.sum(ticket_fault.c.faults).label("faults"),
            )
            .group_by(ticket_fault.c.code)
            .order_by(count.desc(), ticket_fault.c.code)
        )
        return [
            FaultSummary(row["code"], row["tickets"], row["open"], int(row["faults"]))
            for row in (await self._connection.execute(query)).mappings()
        ]


def facts(row: RowMapping | Mapping[str, Any]) -> Facts:
    """The facts of a row."""
    return Facts(**{name: row[name] for name in NAMES})
