"""`/plays/{play}/rehearsal`: a play over customers' known past, as a picture; nothing is sent."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.plot import Plot, plot
from services.console.edges.pages import panels
from services.console.edges.pages.forms import Form
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import customers_called
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.journey.rehearsals import Day, Rehearsal
from shared.web.client.answered import Refused
from shared.web.problems import Problem
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
ROLES: frozenset[Role] = frozenset({"csm", "lead", "marketing", "admin"})
BEGIN = ("lead", "marketing", "admin")
SPANS = ("30", "90", "180", "365")  # days
PATH = "/plays/{play}/rehearsal"
SHOWN = 20  # of those who would enter


async def _result(view: View) -> Mapping[str, Any]:
    play, id_ = view.request.path_params["play"], view.request.query_params.get("job", "")
    earlier = await view.ask.rehearsals.of(play)
    wanted = id_ or (earlier[0].job.id if earlier else "")
    rehearsal = await view.ask.rehearsals.one(wanted) if wanted else None
    values: dict[str, Any] = {
        "found": rehearsal,
        "earlier": earlier,
        "path": _path(play),
        "may": view.has(*BEGIN),
    }
    return values if rehearsal is None else {**values, **await _pictures(view, rehearsal)}


async def _pictures(view: View, rehearsal: Rehearsal) -> Mapping[str, Any]:
    result = rehearsal.result
    if result is None:
        return {}
    who = result.who[:SHOWN]
    ids = [*(entered.customer for entered in who), *(path.customer for path in result.paths)]
    words = view.words
    return {
        "messages": _plot(
            result.days, lambda day: sum(day.messages.values()), words, "rehearsals.messages_day"
        ),
        "entered": _plot(result.days, lambda day: day.entered, words, "rehearsals.entered_day"),
        "who": who,
        "customers": await customers_called(view, ids),
    }


def _plot(days: list[Day], count: Any, words: Any, what: str) -> Plot:
    return plot(
        [
            (f"{day.day.day} {day.day:%b}", n, words(what, n=n))
            for day, n in ((day, count(day)) for day in days)
        ]
    )


PANELS = (Panel("rehearsal", "rehearsals.came", "_rehearsal.html", _result),)


@router.get(PATH)
async def read_rehearsal(view: Viewing, play: str) -> Response:
    """The newest rehearsal of a play, or the one that the address names."""
    return await _page(view, play)


panels.serve(router, PATH, PANELS)


@router.post(PATH)
async def begin_rehearsal(view: Viewing, play: str, form: Form) -> Response:
    """Rehearse what is played now, or the draft."""
    days, draft = form.get("days", ""), bool(form.get("draft"))
    try:
        id_ = await view.ask.rehearsals.begin(
            play, int(days if days in SPANS else SPANS[1]), draft=draft
        )
    except Refused as refused:
        if refused.status in {401, 403}:
            raise
        return await _page(view, play, refused.status, refused.detail or refused.title)
    return view.go(f"{_path(play)}?job={id_}")


@router.post(PATH + "/{job}/cancel")
async def cancel_rehearsal(view: Viewing, play: str, job: str, form: Form) -> Response:
    """End it before it is done."""
    del form
    await view.ask.rehearsals.cancel(job)
    return view.go(f"{_path(play)}?job={job}")


async def _page(view: View, play: str, status: int = 200, problem: str = "") -> Response:
    whole = await view.ask.lives.whole(play)
    if whole is None:
        raise Problem(404, "play_not_found", "There is no such play")
    return view.page(
        "rehearsal.html", status=status, problem=problem, called=play, path=_path(play),
        spans=SPANS, may=view.has(*BEGIN), drafted=whole.draft is not None, panels=await panels.shown(view, PANELS),
    )  # fmt: skip


def _path(play: str) -> str:
    return f"/plays/{quote(play, safe='')}/rehearsal"
