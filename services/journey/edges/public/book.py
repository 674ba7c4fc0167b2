"""/book/{token}: a customer chooses when they are called, moves that, takes it back. Opening it never does."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.journey.domain.calls.call import CallNotSo, SlotTaken
from services.journey.domain.calls.slots import Shown, by_day, day_said, when
from services.journey.edges.api.units import Public
from services.journey.edges.courier.post import BOOK
from services.journey.edges.public.page import gone, page
from services.journey.handlers.calls.book import Page, choose, file_of, page_of, withdraw
from shared.errors import NotFound
from shared.web.state import of_state

Token = Annotated[str, Path(max_length=60, pattern=r"^[A-Za-z0-9_-]+$")]
PublicUrl = Annotated[str, Depends(of_state("public_url", ""))]
MOST_BYTES = 1_000
DAYS_OPEN = 2  # the others are a click away
CALENDAR = {"content": {"text/calendar": {"schema": {"type": "string"}}}}
TAKEN = "That time has just been taken. Please choose another one."
OVER = "This cannot be changed any more."

router = APIRouter(prefix="/book", tags=["public"], include_in_schema=True)
GONE = gone("Nothing to choose")


@router.get("/{token}", response_class=HTMLResponse, responses=GONE)
async def read_booking(public: Public, token: Token) -> HTMLResponse:
    """The times that are free, or the one that is agreed on; scanners that open it book nothing."""
    return await _shown(public, token, 200)


@router.post("/{token}", response_class=HTMLResponse, responses=GONE)
async def book_call(public: Public, token: Token, request: Request) -> Response:
    """Choose a time, the first one or another; of two who want the last one the other is told."""
    body = await request.body()
    try:
        given = parse_qs(body[:MOST_BYTES].decode(), max_num_fields=10)
        at = datetime.fromtimestamp(int(given["at"][0]), UTC)
    except (ValueError, KeyError, OverflowError, OSError):
        return await _shown(public, token, 422, "Please choose one of these times.")
    try:
        async with public() as unit:
            await choose(unit, token, at)
    except NotFound:
        return _gone()
    except SlotTaken:
        return await _shown(public, token, 409, TAKEN)
    except CallNotSo:
        return await _shown(public, token, 409, OVER)
    return RedirectResponse(f"{BOOK}{token}", 303)


@router.post("/{token}/cancel", response_class=HTMLResponse, responses=GONE)
async def cancel_call(public: Public, token: Token) -> HTMLResponse:
    """Take it back; another time can be chosen for as long as the play waits for one."""
    try:
        async with public() as unit:
            await withdraw(unit, token)
    except NotFound:
        return _gone()
    except CallNotSo:
        return await _shown(public, token, 409, OVER)
    try:
        async with public() as unit:
            return _page(200, token, await page_of(unit, token), "", "It is cancelled.")
    except NotFound:
        return page(200, "It is cancelled", "Nobody will call. Thank you for telling us.")


@router.get("/{token}/call.ics", responses={200: CALENDAR, **GONE})
async def read_calendar_file(
    public: Public, token: Token, request: Request, url: PublicUrl
) -> Response:
    """The call for a calendar program."""
    here = url or str(request.base_url).rstrip("/")
    try:
        async with public() as unit:
            file = await file_of(unit, token, f"{here}{BOOK}")
    except NotFound:
        return _gone()
    head = {"Content-Disposition": 'attachment; filename="call.ics"'}
    return Response(file, 200, head, "text/calendar")


async def _shown(public: Public, token: str, status: int, notice: str = "") -> HTMLResponse:
    try:
        async with public() as unit:
            seen = await page_of(unit, token)
    except NotFound:
        return _gone()
    return _page(status, token, seen, notice)


def _page(status: int, token: str, seen: Page, notice: str = "", said: str = "") -> HTMLResponse:
    told = f'<p class="notice" role="alert">{escape(notice)}</p>' if notice else ""
    if seen.starts_at is None:
        lead = f"{said} You can choose another time." if said else "Choose a time."
        return page(
            status,
            seen.title,
            f"{lead} It takes about {seen.minutes} minutes.",
            told + _choice(seen),
        )
    at = f'<p class="when">{escape(when(seen.starts_at, seen.zone))}</p>'
    if not seen.is_ahead:
        return page(status, seen.title, "We had agreed on this time:", told + at)
    others = f"<details><summary>Choose another time</summary>{_choice(seen)}</details>"
    form = (
        f"{told}{at}<p>It takes about {seen.minutes} minutes.</p>"
        f'<p><a href="{BOOK}{token}/call.ics">Put it into your calendar</a></p>{others}'
        f'<h2>It does not suit you after all?</h2><form method="post" action="{BOOK}{token}/cancel">'
        '<button type="submit" class="less">Cancel it</button></form>'
    )
    return page(status, seen.title, "It is agreed:", form)


def _choice(seen: Page) -> str:
    """Every time is a button: one click, on a telephone too."""
    free = [start for start in seen.free if start != seen.starts_at]
    if not free:
        return "<p>No time is free at the moment. This link stays good: please look again tomorrow.</p>"
    days = list(by_day(free, seen.zone).items())
    shown = "".join(
        f"<h2>{day_said(day)}</h2>{_times(day_said(day), times)}" for day, times in days[:DAYS_OPEN]
    )
    later = "".join(
        f"<details><summary>{day_said(day)}</summary>{_times(day_said(day), times)}</details>"
        for day, times in days[DAYS_OPEN:]
    )
    zone = f'<p class="quiet">Times are those of {escape(seen.zone)}.</p>'
    return f'<form method="post">{zone}{shown}{later}</form>'


def _times(day: str, times: Sequence[Shown]) -> str:
    """Those at night, where the customer lives, are a click away."""
    night = [slot for slot in times if slot.is_night]
    awake = _buttons(day, [slot for slot in times if not slot.is_night])
    if not night:
        return awake
    return f"{awake}<details><summary>At night</summary>{_buttons(day, night)}</details>"


def _buttons(day: str, times: Sequence[Shown]) -> str:
    buttons = "".join(
        f'<button type="submit" name="at" value="{int(slot.at.timestamp())}" '
        f'aria-label="{day}, {escape(slot.wall)}">{escape(slot.wall)}</button>'
        for slot in times
    )
    return f'<div class="times">{buttons}</div>'


def _gone() -> HTMLResponse:
    said = "This link is not good any more. The newest mail has one that is."
    return page(404, "Nothing to choose", said)
