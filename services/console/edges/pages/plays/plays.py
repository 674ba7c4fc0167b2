"""`/plays`: what is played and how far; one play as a picture of its steps."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, get_args
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.plays.curves import curves
from services.console.domain.pages.plays.flow import Stage, flow
from services.console.domain.pages.safe_cells import Value
from services.console.edges.pages import files, panels
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import names
from services.console.edges.pages.plays import assignees, audiences
from services.console.edges.pages.plays.play_draft import NEW, PUBLISHERS, WRITERS
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import Found
from services.console.edges.services.journey.lives import Act
from services.console.edges.services.journey.plays import Lift, Play, StepCame
from shared.web.client.answered import Away, Refused
from shared.web.problems import Problem

router = APIRouter(include_in_schema=False)
ACTS: tuple[Act, ...] = get_args(Act)
SIGNS = {
    "mail": "mail", "task": "phone", "wait": "hourglass", "wait_for": "eye", "branch": "route",
    "ask": "help", "rate": "star", "split": "share", "note": "note", "start": "arrow-right",
    "stop": "ban", "webhook": "world",
    "open_ticket": "ticket", "hand_over": "users", "call": "calendar",
}  # fmt: skip


COLUMNS = (
    "play", "state", "owner", "version", "in_flight", "reached", "otherwise", "compared",
    "lift", "lift_low", "lift_high",
)  # fmt: skip


async def _listed(view: View) -> Mapping[str, Any]:
    plays = await view.ask.plays.plays()
    return {"plays": plays, "owners": await names(view, (play.owner for play in plays))}


async def _page(view: View, after: str | None) -> Found[Play]:
    del after  # it is one page
    return Found(await view.ask.plays.plays())


def _row(play: Play) -> Sequence[Value]:
    reached = play.ended.get("reached", 0)
    return [
        play.play, play.state, play.owner, play.version, play.in_flight, reached,
        sum(play.ended.values()) - reached, play.compared, *_lift(play.lift),
    ]  # fmt: skip


def _lift(lift: Lift | None) -> Sequence[Value]:
    if lift is None:
        return [None, None, None]
    return [round(part, 4) for part in (lift.difference, lift.low, lift.high)]


async def _steps(view: View) -> Mapping[str, Any]:
    name = view.request.path_params["play"]
    play, outcome = await asyncio.gather(view.ask.lives.whole(name), view.ask.plays.outcome(name))
    came = {} if outcome is None else {step.step: step for step in outcome.steps}
    picture = flow(
        [
            Stage(step.step, of_it.begun, step.standing, of_it.outcomes, step.next)
            for step in ([] if play is None else play.steps)
            for of_it in [came.get(step.step) or StepCame(step.step, 0, {})]
        ]
    )
    return {"play": play, "signs": SIGNS, "came": came, "picture": picture}


async def _outcome(view: View) -> Mapping[str, Any]:
    outcome = await view.ask.plays.outcome(view.request.path_params["play"])
    picture = None if outcome is None else curves(outcome.treated.shares, outcome.control.shares)
    return {"outcome": outcome, "picture": picture}


FILES = (File("plays", COLUMNS, _page, _row),)
LIST = (Panel("list", "plays.list", "_plays.html", _listed),)
ONE = (
    audiences.PANEL,
    Panel("outcome", "plays.outcome", "_play_outcome.html", _outcome),
    Panel("steps", "plays.steps", "_play.html", _steps),
    assignees.PANEL,
)


@router.get("/plays")
async def read_plays(view: Viewing) -> Response:
    """All of them."""
    return await _list(view)


@router.post("/plays")
async def add_play(view: Viewing, form: Form) -> Response:
    """Begin the draft of a play that is not there yet."""
    play = " ".join(form.get("play", "").lower().split())
    file = f"plays/{play.replace(' ', '-')}.yaml"
    try:
        if not play or await view.ask.lives.whole(play) is None:
            await view.ask.lives.write(play or "-", {file: NEW.format(play=play)}, None)
    except Refused as refused:
        if refused.status in {401, 403}:
            raise
        said = view.words("plays.name_expected")
        return await _list(view, refused.status, said)
    return view.go(f"/plays/{quote(play, safe='')}/draft")


@router.get("/plays/{play}")
async def read_play(view: Viewing, play: str) -> Response:
    """One play."""
    return await _one(view, play)


@router.post("/plays/{play}/acts/{act}")
async def act_on_play(view: Viewing, play: str, act: str, form: Form) -> Response:
    """Pause it, let it go on, retire it, go back to an earlier version."""
    if act not in ACTS:
        raise Problem(404, "not_found", "There is no such act")
    fields = {
        "pause": ("why",),
        "resume": ("clocks",),
        "retire": ("why", "under_way"),
        "roll-back": ("version", "under_way"),
    }
    body: dict[str, object] = {name: form.get(name, "") for name in fields.get(act, ())}
    if form.get("version", "").isdecimal():
        body["version"] = int(form["version"])
    try:
        await view.ask.lives.act(play, act, body or None)
    except Refused as refused:
        if refused.status in {401, 403}:
            raise
        return await _one(view, play, refused)
    return view.go(f"/plays/{quote(play, safe='')}")


@router.post("/plays/{play}/assignees/{act}")
async def assign_play(view: Viewing, play: str, act: str, form: Form) -> Response:
    """Give a share of its tasks to a team, take it back; give somebody tasks, or no more."""
    if act not in assignees.ACTS:
        raise Problem(404, "not_found", "There is no such act")
    try:
        await assignees.act_on(view, play, act, form)
    except Refused as refused:
        if refused.status in {401, 403}:
            raise
        return await _one(view, play, refused)
    return view.go(f"/plays/{quote(play, safe='')}")


async def _list(view: View, status: int = 200, problem: str = "") -> Response:
    shown = await panels.shown(view, LIST, "/plays")
    return view.page(
        "plays.html", status=status, panels=shown, problem=problem, writes=view.has(*WRITERS)
    )


async def _one(view: View, play: str, refused: Refused | None = None) -> Response:
    """A play; what its panels show may come later, whether there is one is known at once."""
    try:
        whole = await view.ask.lives.whole(play)
    except Away:
        whole = None
    else:
        if whole is None:
            raise Problem(404, "play_not_found", "There is no such play")
    path = f"/plays/{quote(play, safe='')}"
    versions = [] if whole is None else whole.versions
    people = [who for version in versions for who in (version.published_by, version.approved_by)]
    return view.page(
        "play.html", status=200 if refused is None else refused.status, called=play, path=path,
        problem="" if refused is None else refused.detail or refused.title, whole=whole,
        panels=await panels.shown(view, ONE, path), writes=view.has(*WRITERS),
        publishes=view.has(*PUBLISHERS), names=await names(view, people),
    )  # fmt: skip


panels.serve(router, "/plays", LIST)
files.serve(router, "/plays", FILES)
panels.serve(router, "/plays/{play}", ONE)
