"""What support has of customers who are erased: found, and taken away."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.store.personal import HELD
from shared.db import held

_DEVICES = text(
    """SELECT id FROM device WHERE customer = ANY(CAST(:subjects AS text[]))
    UNION SELECT device FROM ticket
      WHERE customer = ANY(CAST(:subjects AS text[])) AND device <> ''"""
)
_TICKETS = text(
    """SELECT t.id, f.key, t.state = 'open' AS is_open
    FROM ticket t LEFT JOIN ticket_fault f ON f.ticket = t.id
    WHERE t.customer = ANY(CAST(:subjects AS text[])) ORDER BY t.id"""
)


@dataclass(frozen=True, slots=True)
class Theirs:
    """What there is of some customers.

    Attributes:
        devices: that are or were theirs, as far as support knows.
        keys: fault keys of their open tickets.
        conversations: their open tickets that are about no fault.
        tickets: all their tickets.
    """

    devices: Sequence[str]
    keys: Sequence[str]
    conversations: Sequence[str]
    tickets: Sequence[str]


class Erasing:
    """Within a transaction that erases: nobody else writes."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, subjects: Sequence[str]) -> Theirs:
        """All there is of them."""
        asked = {"subjects": list(subjects)}
        devices = (await self._connection.execute(_DEVICES, asked)).scalars()
        tickets = (await self._connection.execute(_TICKETS, asked)).all()
        return Theirs(
            devices=sorted(devices),
            keys=sorted({row.key for row in tickets if row.is_open and row.key is not None}),
            conversations=[row.id for row in tickets if row.is_open and row.key is None],
            tickets=[row.id for row in tickets],
        )

    async def take_away(self, subjects: Sequence[str], tickets: Sequence[str]) -> None:
        """Leave tickets as the devices' own: nobody's, without what people wrote into them."""
        asked = {"customers": subjects, "tickets": tickets}
        await held.erase(self._connection, HELD, asked)
