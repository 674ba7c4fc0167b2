"""The customer's page of a call: when it can be, when it is; they choose, move and take back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.journey.domain.calls.calendar_file import CalendarEvent, calendar_file
from services.journey.domain.steps.call import BOOKED
from services.journey.handlers.calls.agree import agree, take_call_back
from services.journey.handlers.calls.free import free, stands
from services.journey.handlers.plays.as_played import as_played
from services.journey.handlers.ports import Unit
from shared.errors import NotFound

SAYS = "Another time, or none after all: %s"


@dataclass(frozen=True, slots=True)
class Page:
    """What a customer sees.

    Attributes:
        zone: theirs.
        starts_at: when it is; None: no time is agreed on.
        is_ahead: it has not begun.
        free: when it can be, or could be instead.
    """

    title: str
    zone: str
    minutes: int
    starts_at: datetime | None
    is_ahead: bool
    free: Sequence[datetime]


async def page_of(unit: Unit, token: str) -> Page:
    """As it is now. Raises NotFound: there is nothing to choose, or not any more."""
    row = await _found(unit, token)
    customer = await unit.store.reader.find(row.customer)
    booked = row.state == BOOKED
    is_ahead = booked and row.starts_at > unit.now
    open_ = is_ahead or (not booked and stands(await unit.store.runs.one(row.run), row))
    if customer is None or not (booked or open_):
        raise NotFound("link", "of a mail")
    return Page(
        row.title, customer.zone, row.length_s // 60, row.starts_at if booked else None, is_ahead,
        await free(unit, row) if open_ else (),
    )  # fmt: skip


async def choose(unit: Unit, token: str, at: datetime) -> None:
    """The customer chooses a time. Raises: NotFound; CallNotSo; SlotTaken."""
    unit = await as_played(unit)
    await agree(unit, await _held(unit, token), at)


async def withdraw(unit: Unit, token: str) -> None:
    """The customer takes it back. Raises: NotFound; CallNotSo."""
    unit = await as_played(unit)
    await take_call_back(unit, await _held(unit, token))


async def file_of(unit: Unit, token: str, links: str) -> str:
    """For their calendar. Raises NotFound: no time is agreed on.

    Args:
        links: what the addresses of such pages begin with.
    """
    row = await _found(unit, token)
    if row.state != BOOKED:
        raise NotFound("link", "of a mail")
    return calendar_of(row, links)


def calendar_of(row: Any, links: str) -> str:
    """A call that was booked, for calendar programs, as it is now."""
    url = f"{links}{row.token}"
    return calendar_file(
        CalendarEvent(
            row.id, row.version, row.title, SAYS % url, url, row.starts_at, row.ends_at,
            row.changed_at, cancelled=row.state != BOOKED,
        )
    )  # fmt: skip


async def _found(unit: Unit, token: str) -> Any:
    row = await unit.store.calls.by_token(token)
    if row is None:
        raise NotFound("link", "of a mail")
    return row


async def _held(unit: Unit, token: str) -> Any:
    row = await _found(unit, token)
    await unit.store.customers.hold_existing([row.customer])
    return await _found(unit, token)  # as it is now that nobody else changes it
