"""`/tickets/{id}`: one ticket, its history as a conversation, and what can be done with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages.forms import Form
from services.console.edges.pages.people import names
from services.console.edges.pages.tickets import options
from services.console.edges.pages.view import View, Viewing
from services.console.edges.pages.words import Words
from services.console.edges.services.support import Act, Entry
from shared import ids
from shared.web.answered import Away, Refused
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
DESK: frozenset[Role] = frozenset({"agent", "csm", "lead", "admin"})
ENDED = (
    "fix", "config", "education", "workaround", "exchange", "refund", "none", "wont_fix", "duplicate"
)  # fmt: skip
DONE = frozenset({"assign", "comment", "resolve", "reopen"})
LOST = frozenset({401, 403, 404})  # there is nothing to show again


# how a line of history looks: its icon, its tone
LOOKS = {
    "opened": ("ticket", ""),
    "fault": ("bug", "bad"),
    "recovered": ("heart", "good"),
    "flapping": ("activity", "warn"),
    "calm": ("moon", ""),
    "commented": ("message", "other"),
    "assigned": ("user", ""),
    "revealed": ("eye", ""),
    "resolved": ("circle-check", "good"),
    "reopened": ("rotate", "warn"),
}


@dataclass(frozen=True)
class Tried:
    """What somebody has typed, and why it was not done."""

    form: Mapping[str, str]
    problem: str


@dataclass(frozen=True)
class Line:
    """A line of history as it is told."""

    at: datetime
    sign: str
    tone: str
    title: str
    text: str
    is_shared: bool


NOTHING = Tried({}, "")


@router.get("/tickets/{ticket_id}")
async def read_ticket(view: Viewing, ticket_id: str, said: str = "") -> Response:
    """One ticket."""
    return await _shown(view, ticket_id, said=said if said in DONE else "")


@router.post("/tickets/{ticket_id}/assign")
async def take_ticket(view: Viewing, ticket_id: str, form: Form) -> Response:
    """Whoever looks has it from now on."""
    assert view.who is not None  # noqa: S101 - routes of the signed in only
    return await _do(view, ticket_id, "assign", form, {"assignee": view.who.subject})


@router.post("/tickets/{ticket_id}/comment")
async def write_comment(view: Viewing, ticket_id: str, form: Form) -> Response:
    """Say something; who reads it besides us is for our own people to choose."""
    body = {"text": _lines(form, "text")}
    if not view.has("partner"):
        body["audience"] = "shared" if form.get("audience") == "shared" else "internal"
    return await _do(view, ticket_id, "comment", form, body)


@router.post("/tickets/{ticket_id}/resolve")
async def resolve_ticket(view: Viewing, ticket_id: str, form: Form) -> Response:
    """End it."""
    note = {"note": _lines(form, "note")} if form.get("note") else {}
    body = {"resolution": form.get("resolution", ""), **note}
    return await _do(view, ticket_id, "resolve", form, body)


@router.post("/tickets/{ticket_id}/reopen")
async def reopen_ticket(view: Viewing, ticket_id: str, form: Form) -> Response:
    """Open it again."""
    body = {"note": _lines(form, "note")} if form.get("note") else {}
    return await _do(view, ticket_id, "reopen", form, body)


def _lines(form: Mapping[str, str], name: str) -> str:
    """Browsers end lines with CR LF."""
    return form.get(name, "").replace("\r\n", "\n")


async def _do(
    view: View, ticket_id: str, act: Act, form: Mapping[str, str], body: Mapping[str, str]
) -> Response:
    """Let support do it; whatever comes of it, what was typed is not lost."""
    key = form.get("key") or ids.random_id()
    seen = form.get("seen") if act != "comment" else None  # words overwrite nothing
    try:
        try:
            await view.ask.support.act(ticket_id, act, body, key=key, seen=seen or None)
        except Refused as refused:
            if refused.status in LOST:
                raise
            tried = Tried(form, _why(view, refused))
            return await _shown(view, ticket_id, refused.status, tried=tried)
    except Away as away:
        words = view.request.app.state.frame.words
        problem = words("panels.away_says", service=words(f"services.{away.service}"))
        tried = Tried({**form, "key": key}, problem)
        return view.page("ticket_kept.html", status=503, act=act, tried=tried)
    return view.go(f"/tickets/{quote(ticket_id, safe='')}?said={act}")


def _why(view: View, refused: Refused) -> str:
    words = view.request.app.state.frame.words
    known = f"tickets.refused.{refused.kind}"
    if words.has(known):
        return str(words(known))
    wrong = [str(each["expected"]) for each in refused.facts.get("errors", ())]
    if wrong:
        return str(words("tickets.not_right", expected="; ".join(wrong)))
    return refused.detail or refused.title


async def _shown(
    view: View, ticket_id: str, status: int = 200, *, said: str = "", tried: Tried = NOTHING
) -> Response:
    ticket, seen = await view.ask.support.ticket(ticket_id)
    subjects = [ticket.assignee]
    for entry in ticket.history:
        subjects += [entry.who, entry.given_to]
    people = await names(view, subjects)
    return view.page(
        "ticket.html",
        status=status,
        ticket=ticket,
        lines=[_line(view, entry, people) for entry in ticket.history],
        people=people,
        keys={act: ids.random_id() for act in DONE},
        seen=seen,
        said=said,
        tried=tried,
        ended=options(view, "resolutions", ENDED),
        audiences=options(view, "audiences", ("internal", "shared")),
        acts=view.has(*DESK),
        partner=view.has("partner"),
    )


def _line(view: View, entry: Entry, people: Mapping[str, str]) -> Line:
    words = view.request.app.state.frame.words
    ended = entry.resolution
    sign, tone = LOOKS[entry.what]
    did = "taken" if entry.given_to == entry.who else entry.what
    title = words(
        f"tickets.did.{did}",
        who=_called(words, entry.who, people),
        to=_called(words, entry.given_to or "", people),
        resolution=words(f"tickets.resolutions.{ended}") if ended else "",
    )
    return Line(entry.at, sign, tone, title, entry.text, entry.is_shared)


def _called(words: Words, who: str, people: Mapping[str, str]) -> str:
    """A person by name; a device, a timer, a program, a partner by what it is."""
    kind = who.partition(":")[0].replace(" ", "_")
    if who in people:
        return people[who]
    return words(f"tickets.by.{kind}") if words.has(f"tickets.by.{kind}") else who
