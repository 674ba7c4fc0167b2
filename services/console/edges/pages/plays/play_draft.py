"""`/plays/{play}/draft`: what a play is to become: written, checked as it is typed, approved, published."""

from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.plays.text_diff import differing
from services.console.edges.pages.forms import Form
from services.console.edges.pages.people import names
from services.console.edges.pages.plays.audiences import typed
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.journey.lives import DraftAct
from shared.web.client.answered import Refused
from shared.web.problems import Problem
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
WRITERS: frozenset[Role] = frozenset({"marketing", "lead", "admin"})
PUBLISHERS = ("lead", "admin")
PATH = "/plays/{play}/draft"
FILE = "file:"  # before the name of a file, in the form
ACTS: tuple[DraftAct, ...] = get_args(DraftAct)
NEW = """play: {play}
says: What it is for.
starts:
  stage: onboarding
steps:
  - step: a moment
    wait: 1d
"""


@router.get(PATH)
async def read_draft(view: Viewing, play: str) -> Response:
    """The draft of a play; without one, the play as it is, to begin one with."""
    return await _page(view, play)


@router.post(PATH)
async def write_draft(view: Viewing, play: str, form: Form) -> Response:
    """The draft is what the form says."""
    files = _files(form)
    try:
        await view.ask.lives.write(play, files, form.get("seen") or None)
    except Refused as refused:
        if refused.status in {401, 403}:
            raise
        return await _page(view, play, refused, files)
    return view.go(_path(play))


@router.post(PATH + "/check")
async def check_draft(view: Viewing, play: str, form: Form) -> Response:
    """What is wrong with it, or whom it would hold of, while it is typed."""
    texts = _files(form)
    problems = await view.ask.lives.check(play, texts)
    audience = None if problems else await typed(view, play, texts)
    return view.page("_mistakes.html", problems=problems, audience=audience)


@router.post(PATH + "/drop")
async def drop_draft(view: Viewing, play: str, form: Form) -> Response:
    """Throw it away."""
    await view.ask.lives.drop(play, form.get("seen") or None)
    return view.go("/plays")


@router.post(PATH + "/acts/{act}")
async def move_draft(view: Viewing, play: str, act: str, form: Form) -> Response:
    """Ask for approval, approve, give back, publish."""
    if act not in ACTS:
        raise Problem(404, "not_found", "There is no such act")
    body = {"under_way": form.get("under_way", "follow")} if act == "publish" else None
    try:
        await view.ask.lives.move(play, act, body, form.get("seen") or None)
    except Refused as refused:
        if refused.status == 401:
            raise
        return await _page(view, play, refused)
    return view.go(f"/plays/{quote(play, safe='')}" if act == "publish" else _path(play))


async def _page(
    view: View, play: str, refused: Refused | None = None, typed: Mapping[str, str] | None = None
) -> Response:
    whole, (draft, seen) = await view.ask.lives.whole(play), await view.ask.lives.draft(play)
    if whole is None:
        raise Problem(404, "play_not_found", "There is no such play")
    files = dict(whole.files if draft is None else {**_mails(whole.files), **draft.files})
    values: dict[str, Any] = {"whole": whole, "draft": draft, "seen": seen, "path": _path(play)}
    clean = draft is not None and not draft.problems
    people = [] if draft is None else [*draft.authors, draft.approved_by]
    return view.page(
        "play_draft.html", status=200 if refused is None else refused.status, **values,
        problem="" if refused is None else refused.detail or refused.title,
        files=typed or files, differs=[] if draft is None else differing(whole.files, files),
        preview=await view.ask.lives.preview(play) if clean and whole.in_flight else None,
        called=await names(view, people), publishes=view.has(*PUBLISHERS),
    )  # fmt: skip


def _mails(files: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in files.items() if name.startswith("messages/")}


def _files(form: Mapping[str, str]) -> dict[str, str]:
    """The files of the form; browsers end lines with two characters."""
    return {
        name.removeprefix(FILE): text.replace("\r\n", "\n")
        for name, text in form.items()
        if name.startswith(FILE)
    }


def _path(play: str) -> str:
    return f"/plays/{quote(play, safe='')}/draft"
