"""People of a team see their calls, and move or take one back: the customer is told by mail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.journey.errors import NotYourTeam
from services.journey.handlers.calls.agree import agree, take_call_back
from services.journey.handlers.calls.free import free
from services.journey.handlers.plays.as_played import as_played
from services.journey.handlers.plays.tasks import teams_of
from services.journey.handlers.ports import Unit
from shared.errors import NotFound

KIND = "call"


async def read(unit: Unit, id_: str) -> tuple[Any, str, Sequence[datetime]]:
    """A call of the caller's teams, its customer's zone, and when it could be instead.

    Raises: NotFound; NotYourTeam.
    """
    row = await _found(unit, id_)
    customer = await unit.store.reader.find(row.customer)
    times = [at for at in await free(unit, row, by_team=True) if at != row.starts_at]
    return row, "UTC" if customer is None else customer.zone, times


async def move_call(unit: Unit, id_: str, at: datetime) -> None:
    """To another time that is free; nobody of the team needs notice.

    Raises: NotFound; NotYourTeam; CallNotSo: it is not booked, or has begun; SlotTaken.
    """
    unit = await as_played(unit)
    await agree(unit, await _held(unit, id_), at, by_team=True)


async def cancel_call(unit: Unit, id_: str) -> None:
    """Nobody of ours can: the customer may choose another time. Raises as above."""
    unit = await as_played(unit)
    await take_call_back(unit, await _held(unit, id_), by_team=True)


async def _found(unit: Unit, id_: str) -> Any:
    row = await unit.store.calls.one(id_)
    if row is None:
        raise NotFound(KIND, id_)
    if row.team not in teams_of(unit, unit.who):
        raise NotYourTeam(row.team)
    return row


async def _held(unit: Unit, id_: str) -> Any:
    row = await _found(unit, id_)
    await unit.store.customers.hold_existing([row.customer])
    return await _found(unit, id_)  # as it is now that nobody else changes it
