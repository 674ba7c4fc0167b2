"""Tasks that steps ask for are opened: for a team, and for somebody of it where it gives them out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from services.journey.domain.days import moment_of
from services.journey.domain.plays.assignment import team_of
from services.journey.domain.plays.owner import given, owner_of
from services.journey.domain.plays.run import OpenTask, Run
from services.journey.handlers.plays import offers
from services.journey.handlers.plays.offers import Offer, offer_tasks
from services.journey.handlers.ports import Unit
from shared import ids
from shared.events import TaskChanged

SERVICE = "journey"
Asked = tuple[Run, OpenTask]


async def open_tasks(unit: Unit, asked: Sequence[Asked]) -> None:
    """Open them; a step that offers its task to another team leaves it to who accepts it."""
    if not asked:
        return
    assigned = await _assigned(unit, asked)
    owners = await _owners(unit, assigned)
    tasks = [_task(unit, run, act, who) for (run, act), who in zip(assigned, owners, strict=True)]
    await unit.store.tasks.open(tasks)
    offered = zip(assigned, tasks, strict=True)
    await offer_tasks(
        unit, [offer for (_, act), task in offered for offer in _offered(unit, act, task)]
    )


async def _assigned(unit: Unit, asked: Sequence[Asked]) -> list[Asked]:
    """The same, by the teams that do them now; a team that is gone does nothing."""
    holding = await unit.store.assignments.holding({run.play for run, _ in asked})
    known = [said for said in holding if said.team in unit.rules.playbook.teams]
    return [
        (run, act)
        # who agreed on a time keeps it; replies are in our mailbox
        if act.linkage is not None or act.at is not None or act.reply_to is not None
        else (run, replace(act, team=team_of(run.id, run.play, act.step, act.team, known)))
        for run, act in asked
    ]


async def _owners(unit: Unit, asked: Sequence[Asked]) -> list[str | None]:
    """Whose each is, one after the other: who got one has one more to do at the next."""
    ways = {
        act.team: offers.team_of(unit, act.team).owner for _, act in asked if act.linkage is None
    }
    giving = sorted(name for name, way in ways.items() if way != "nobody")
    if not giving:
        return [None] * len(asked)
    await unit.store.members.hold()
    members = await unit.store.members.of(giving)
    theirs = {run.customer for run, act in asked if ways.get(act.team) == "csm"}
    csms = await unit.store.portfolios.of(theirs) if theirs else {}
    owners: list[str | None] = []
    for run, act in asked:
        way = "nobody" if act.linkage is not None else ways[act.team]
        owner = owner_of(way, act.skill, members.get(act.team, []), csms.get(run.customer))
        if owner is not None:
            members = given(members, act.team, owner, unit.now)
        owners.append(owner)
    got = set(owners)
    await unit.store.members.note_given({
        (team, member.who): member.given_at
        for team, people in members.items()
        for member in people
        if member.who in got
    })  # fmt: skip
    return owners


def task_id(run: str, act: OpenTask) -> str:
    """Of the task that a step opens: the same however often it is asked for."""
    kind = f"task/{act.step}/{act.n}" if act.n else f"task/{act.step}"
    return ids.derived(SERVICE, run, kind, act.visit)


def _task(unit: Unit, run: Run, act: OpenTask, owner: str | None) -> dict[str, Any]:
    """Its text stays as it is, whatever becomes of the play."""
    id_ = task_id(run.id, act)
    state: Literal["open", "claimed"] = "open" if owner is None else "claimed"
    if owner is not None:
        unit.audit("task.given", "task", id_, after={"team": act.team, "owner": owner})
    unit.emit(
        TaskChanged(
            at=unit.now, customer=run.customer, task=id_, run=run.id, team=act.team,
            change="opened", state=state, version=1, owner=owner,
        ),
        key=f"c:{run.customer}", cause=f"task:{id_}", kind="task_opened",
    )  # fmt: skip
    return {
        "id": id_, "run": run.id, "customer": run.customer, "play": run.play,
        "step": act.step, "visit": act.visit, "team": act.team, "title": act.title,
        "says": act.says, "results": list(act.results), "state": state,
        "opened_at": unit.now, "due_at": moment_of(act.due), "version": 1,
        "starts_at": None if act.at is None else moment_of(act.at), "owner": owner,
        "claimed_at": None if owner is None else unit.now, "reply_to": act.reply_to,
    }  # fmt: skip


def _offered(unit: Unit, act: OpenTask, task: Mapping[str, Any]) -> list[Offer]:
    """To whom the step offers it; a linkage that is gone offers nothing, and the task stays."""
    linkage = unit.rules.playbook.linkages.get(act.linkage or "")
    return [] if linkage is None else [Offer(task, linkage, linkage.what, act.says)]
