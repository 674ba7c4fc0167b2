"""`/on-call/quarantine/{service}`: records set aside: look, try, put back, discard."""

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages import files
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.on_call.refusals import readable
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import MANY, Found
from services.console.edges.services.watching import Record, Replayed, Watching
from shared.errors import TryLater
from shared.web.problems import Problem

router = APIRouter(include_in_schema=False)
VERBS = ("replay", "discard")


@router.get("/on-call/quarantine/{service}")
async def read_quarantine(
    view: Viewing, service: str, topic: str = "", reason: str = "", reveal: str = "", said: str = ""
) -> Response:
    """Records of one cause, the newest first; with `reveal` what they carried, which is audited."""
    return await _shown(view, service, _wanted(topic, reason), reveal=bool(reveal), said=said)


@router.post("/on-call/quarantine/{service}/replay")
async def replay_records(view: Viewing, service: str, form: Form) -> Response:
    """Put back all of a cause; as a trial, only count them."""
    wanted = _wanted(form.get("topic", ""), form.get("reason", ""))
    trial = form.get("trial") == "yes"
    try:
        done = await _of(view, service).replay(wanted, dry_run=trial)
    except TryLater:
        return await _shown(view, service, wanted, status=503, said="unknown")
    return await _shown(view, service, wanted, done=done, trial=trial)


@router.post("/on-call/quarantine/{service}/discard")
async def discard_records(view: Viewing, service: str, form: Form) -> Response:
    """Remove all of a cause for good."""
    wanted = _wanted(form.get("topic", ""), form.get("reason", ""))
    if set(wanted) != {"topic", "reason"}:
        raise Problem(422, "not_a_form", "Which topic and reason?")
    try:
        gone = await _of(view, service).discard(wanted)
    except TryLater:
        return await _shown(view, service, wanted, status=503, said="unknown")
    return await _shown(view, service, wanted, gone=gone)


@router.post("/on-call/quarantine/{service}/record")
async def decide_record(view: Viewing, service: str, form: Form) -> Response:
    """Put back one record, or remove it for good."""
    wanted = _wanted(form.get("topic", ""), form.get("reason", ""))
    verb, record = form.get("verb", ""), form.get("record", "")
    if verb not in VERBS or not record:
        raise Problem(422, "not_a_form", "Which record, and what with it?")
    await _of(view, service).decide(record, verb)
    return view.go(f"/on-call/quarantine/{service}?{urlencode({**wanted, 'said': verb})}")


async def _shown(
    view: View,
    service: str,
    wanted: Mapping[str, str],
    *,
    status: int = 200,
    reveal: bool = False,
    said: str = "",
    done: Replayed | None = None,
    trial: bool = False,
    gone: int | None = None,
) -> Response:
    aside = await _of(view, service).aside(wanted, reveal=reveal)
    group = next((g for g in aside.groups if g.topic == wanted.get("topic") and g.reason == wanted.get("reason")), None)  # fmt: skip
    rows = [
        (record, readable((record.content and record.content.value) or ""))
        for record in aside.newest
    ]
    return view.page(
        "quarantine.html",
        status=status,
        service=service,
        wanted=wanted,
        address=f"/on-call/quarantine/{service}?{urlencode(wanted)}",
        group=group,
        rows=rows,
        reveal=reveal,
        said=said if said in (*VERBS, "unknown") else "",
        done=done,
        outcomes=_outcomes(done),
        trial=trial,
        gone=gone,
    )


COLUMNS = (
    "id", "topic", "partition", "offset", "reason", "attempts", "quarantined_at", "appended_at",
    "detail", "size",
)  # fmt: skip


async def _page(view: View, _: str | None) -> Found[Record]:
    """As many as a service shows at once; what they carried is on the page only."""
    asked = view.request.query_params
    wanted = _wanted(asked.get("topic", ""), asked.get("reason", ""))
    aside = await _of(view, view.request.path_params["service"]).aside(wanted, limit=MANY)
    return Found(aside.newest)


def _of(view: View, service: str) -> Watching:
    asked: Watching | None = view.ask.watching.get(service)
    if asked is None:
        raise Problem(404, "not_found", "There is no such service")
    return asked


def _wanted(topic: str, reason: str) -> dict[str, str]:
    return {name: value for name, value in (("topic", topic), ("reason", reason)) if value}


def _outcomes(done: Replayed | None) -> list[tuple[str, int, str]]:
    """What became of how many, and why: `failed again: KeyError` is one of failed_again."""
    outcomes = {} if done is None else done.outcomes
    parts = [(*what.partition(": "), n) for what, n in outcomes.items()]
    return [(kind.replace(" ", "_"), n, why) for kind, _, why, n in parts]


files.serve(router, "/on-call/quarantine/{service}", (File("quarantine", COLUMNS, _page),))
