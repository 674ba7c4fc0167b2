"""`/tickets/bulk`: one act for many tickets: asked once more, then done, and told for each of them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.tickets.marked import Marked, marked
from services.console.domain.pages.tickets.queue import Queue
from services.console.domain.pages.undo import WITHIN
from services.console.edges.pages.forms import Form
from services.console.edges.pages.people import names
from services.console.edges.pages.refused import why
from services.console.edges.pages.tickets.tickets import DESK
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.support import Act
from shared import ids
from shared.web.client.answered import Away, Refused
from shared.web.problems import Problem

router = APIRouter(include_in_schema=False)
AT_ONCE = 8  # the others of the desk want an answer too
BACK = "back"  # to whoever had each of them before
ACTS: Mapping[str, Act] = {"assign": "assign", "resolve": "resolve", "reopen": "reopen"}


@dataclass(frozen=True)
class Outcome:
    """What became of one ticket.

    Attributes:
        problem: why nothing was done; empty: it was.
        version: after it, so that it can be taken back.
    """

    ticket: Marked
    problem: str
    version: int


@router.post("/tickets/bulk")
async def act_on_many(view: Viewing, form: Form) -> Response:
    """Say what would be done; with `sure`, do it."""
    if not view.has(*DESK):
        raise Problem(403, "not_permitted", "This is for a desk")
    act, chosen = ACTS.get(form.get("act", "")), marked(form)
    queue = Queue.asked(view.request.query_params)
    if act is None or not chosen:
        return view.go(queue.address())
    values: dict[str, Any] = {
        "act": act,
        "chosen": chosen,
        "queue": queue,
        "form": form,
        "what": await _what(view, act, form),
    }
    if not form.get("sure"):
        return view.page("bulk.html", key=ids.random_id(), **values)
    done = await _all(view, act, chosen, form)
    return view.page(
        "bulk_done.html",
        done=[outcome for outcome in done if not outcome.problem],
        failed=[outcome for outcome in done if outcome.problem],
        key=ids.random_id(),
        fades_s=int(WITHIN.total_seconds()),
        **values,
    )


async def _what(view: View, act: Act, form: Mapping[str, str]) -> str:
    """The act in words, as the button says it."""
    words = view.words
    n, given = len(marked(form)), form.get("assignee", "")
    if act == "assign" and given == BACK:
        return str(words("bulk.give_back", n=n))
    if act == "assign":
        people = await names(view, [given])
        return str(
            words("bulk.give", n=n, to=people.get(given, given) or words("tickets.who.nobody"))
        )
    if act == "reopen":
        return str(words("bulk.reopen", n=n))
    ended = f"tickets.resolutions.{form.get('resolution', '')}"
    return str(words("bulk.resolve", n=n, how=words(ended) if words.has(ended) else ""))


async def _all(
    view: View, act: Act, chosen: Sequence[Marked], form: Mapping[str, str]
) -> Sequence[Outcome]:
    few = asyncio.Semaphore(AT_ONCE)

    async def one(ticket: Marked) -> Outcome:
        async with few:
            return await _one(view, act, ticket, form)

    return await asyncio.gather(*(one(number) for number in chosen))


async def _one(view: View, act: Act, ticket: Marked, form: Mapping[str, str]) -> Outcome:
    body: Mapping[str, str | None] = {}
    if act == "assign":
        given = form.get("assignee", "")
        body = {"assignee": (ticket.had_it if given == BACK else given) or None}
    elif act == "resolve":
        body = {"resolution": form.get("resolution", "")}
    # sent twice, or shown again by the back button, it is done once
    key = ids.derived("console", form.get("key", ""), f"{act}:{ticket.id}")
    try:
        done = await view.ask.support.act(ticket.id, act, body, key=key, seen=f'"{ticket.version}"')
    except Refused as refused:
        return Outcome(ticket, why(view, refused), 0)
    except Away as away:
        words = view.words
        service = words(f"services.{away.service}")
        return Outcome(ticket, words("panels.away_says", service=service), 0)
    return Outcome(ticket, "", done.version)
