"""`/tasks`: what is mine to do and what waits for my teams; and one task, where it is done."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages import files, panels
from services.console.edges.pages.customers.customers import brief
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import customers_called, names
from services.console.edges.pages.refused import why
from services.console.edges.pages.renewals.renewals import brief_of, say
from services.console.edges.pages.tasks import calls
from services.console.edges.pages.tasks.hand_offs import TEAMS, offered
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import Found, paged
from services.console.edges.services.journey.plays import Contact, Task, TaskAct
from shared.ids import random_id
from shared.web.client.answered import Refused
from shared.web.problems import Problem

router = APIRouter(include_in_schema=False)
LOST = frozenset({401, 403, 404})  # there is nothing to show again
YOU, YOURS = "you", "your organisation"  # what a partner is told of who has a task


def _is_mine(view: View, task: Task) -> bool:
    """Whether whoever looks has it; a partner is told so, our own people by their id."""
    return task.owner == YOU or (view.who is not None and task.owner == view.who.subject)


def _people(view: View, called: Mapping[str, str]) -> Mapping[str, str]:
    """What a partner is told of who has a task, in words."""
    words = view.words
    return {**called, YOU: words("tickets.who.me"), YOURS: words("tasks.yours")}


async def _mine(view: View) -> Mapping[str, Any]:
    return await _listed(view, await view.ask.plays.tasks({"mine": "true"}), "mine")


async def _waiting(view: View) -> Mapping[str, Any]:
    after = view.request.query_params.get("after")
    listed = await view.ask.plays.tasks(paged({}, after))
    return await _listed(view, listed, "team")


async def due(view: View, most: int) -> Mapping[str, Any]:
    """What is mine, or nobody's, and due first."""
    listed = await view.ask.plays.tasks({})
    apart = view.has("csm")  # next steps of conversations stand in a panel of their own
    mine = [
        task
        for task in listed.items
        if (task.owner is None or _is_mine(view, task)) and (task.play or not apart)
    ]
    return await _said(view, mine[:most])


async def _listed(view: View, listed: Found[Task], which: str) -> Mapping[str, Any]:
    tasks = [
        listed_task
        for listed_task in listed.items
        if which == "mine" or not _is_mine(view, listed_task)
    ]
    more = f"/tasks?{listed.onward({})}" if listed.next else ""
    return {**await _said(view, tasks), "which": which, "more": more}


async def _said(view: View, tasks: Sequence[Task]) -> Mapping[str, Any]:
    return {
        "tasks": tasks,
        "customers": await customers_called(view, (task.customer for task in tasks)),
        "people": _people(
            view, await names(view, (who for task in tasks for who in (task.owner, task.csm)))
        ),
    }


COLUMNS = (
    "id",
    "title",
    "customer",
    "play",
    "team",
    "state",
    "owner",
    "opened_at",
    "due_at",
    "starts_at",
)


async def _page(view: View, after: str | None) -> Found[Task]:
    return await view.ask.plays.tasks(paged({}, after))


PANELS = (
    Panel("offered", "handoffs.offered", "_hand_offs.html", offered),
    Panel("mine", "tasks.mine", "_tasks.html", _mine),
    Panel("team", "tasks.waiting", "_tasks.html", _waiting),
    calls.PANEL,
)


@router.get("/tasks")
async def read_tasks(view: Viewing) -> Response:
    """What there is to do, due first."""
    return view.page("tasks.html", panels=await panels.shown(view, PANELS))


panels.serve(router, "/tasks", PANELS)
files.serve(router, "/tasks", (File("tasks", COLUMNS, _page), calls.FILE))


@router.get("/tasks/{task_id}")
async def read_task(view: Viewing, task_id: str) -> Response:
    """One task."""
    return await _shown(view, task_id)


@router.post("/tasks/{task_id}/claim")
async def claim_task(view: Viewing, task_id: str, form: Form) -> Response:
    """Take it."""
    return await _act(view, task_id, "claim", form)


@router.post("/tasks/{task_id}/release")
async def release_task(view: Viewing, task_id: str, form: Form) -> Response:
    """Give it back."""
    return await _act(view, task_id, "release", form)


@router.post("/tasks/{task_id}/done")
async def finish_task(view: Viewing, task_id: str, form: Form) -> Response:
    """Say what came of it."""
    note = form.get("note", "").replace("\r\n", "\n")
    return await _act(
        view, task_id, "done", form, {"result": form.get("result", ""), "note": note or None}
    )


@router.post("/tasks/{task_id}/offer")
async def offer_task(view: Viewing, task_id: str, form: Form) -> Response:
    """Offer it to another team."""
    wish = {name: form.get(name, "") for name in ("linkage", "summary", "next_step")}
    return await _done(
        view,
        task_id,
        form,
        view.ask.hand_offs.offer(task_id, wish, form.get("key", "")),
        "/handoffs",
    )


@router.post("/tasks/{task_id}/renewal")
async def say_renewal(view: Viewing, task_id: str, form: Form) -> Response:
    """What came of the term that the task was about."""
    return await _done(
        view, task_id, form, say(view, form.get("customer", ""), form), f"/tasks/{task_id}"
    )


@router.post("/tasks/{task_id}/call/move")
async def move_call(view: Viewing, task_id: str, form: Form) -> Response:
    """To another time: the customer is told."""
    return await _done(
        view,
        task_id,
        form,
        view.ask.calls.move(form.get("call", ""), form.get("at", "")),
        f"/tasks/{task_id}",
    )


@router.post("/tasks/{task_id}/call/cancel")
async def cancel_call(view: Viewing, task_id: str, form: Form) -> Response:
    """None of us can: the customer is told, and may choose another time."""
    return await _done(view, task_id, form, view.ask.calls.cancel(form.get("call", "")), "/tasks")


@router.post("/tasks/{task_id}/reveal")
async def reveal_contact(view: Viewing, task_id: str) -> Response:
    """Whom to call, in clear."""
    contact = await view.ask.plays.reveal(task_id)
    return await _shown(view, task_id, contact=contact)


async def _linkages(view: View, task: Task) -> Sequence[tuple[str, str]]:
    """Where it may be handed over to, to choose from."""
    if task.state not in {"open", "claimed"} or not view.has(*TEAMS):
        return []
    known = await view.ask.hand_offs.linkages()
    return [
        (linkage.name, f"{linkage.taker.capitalize()}: {linkage.name}")
        for linkage in known
        if linkage.giver == task.team
    ]


async def _act(
    view: View, task_id: str, act: TaskAct, form: Mapping[str, str],
    body: Mapping[str, str | None] | None = None,
) -> Response:  # fmt: skip
    to = "/tasks" if act == "done" else f"/tasks/{task_id}"
    return await _done(view, task_id, form, view.ask.plays.act(task_id, act, body), to)


async def _done(
    view: View, task_id: str, form: Mapping[str, str], asked: Awaitable[object], to: str
) -> Response:
    """Let journey do it and go on; what was typed is not lost when it refuses."""
    try:
        await asked
    except Refused as refused:
        if refused.status in LOST:
            raise
        return await _shown(view, task_id, refused.status, form, why(view, refused))
    return view.go(to)


async def _shown(
    view: View,
    task_id: str,
    status: int = 200,
    form: Mapping[str, str] | None = None,
    problem: str = "",
    contact: Contact | None = None,
) -> Response:
    task = await view.ask.plays.task(task_id)
    if task is None:
        raise Problem(404, "task_not_found", "There is no such task for you")
    side, main = brief(view, task.customer) if task.customer else ((), ())
    return view.page(
        "task.html",
        side=side,
        main=main,
        status=status,
        task=task,
        problem=problem,
        typed=form or {},
        mine=_is_mine(view, task),
        contact=contact,
        people=_people(view, await names(view, [task.owner, task.csm])),
        customer=await customers_called(view, [task.customer] if task.customer else []),
        linkages=await _linkages(view, task),
        key=random_id(),
        results=[(result, result.capitalize()) for result in task.results],
        **await brief_of(view, task.customer),
        **await calls.agreed(view, task),
    )
