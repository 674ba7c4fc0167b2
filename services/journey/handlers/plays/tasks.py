"""Tasks: somebody of the team takes one, gives it back, or says what came of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from services.journey.domain.plays.run import Known
from services.journey.errors import NotYourTask, NotYourTeam, TaskOver, UnknownResult
from services.journey.handlers.calls.keep import settle_call
from services.journey.handlers.messages.reply import seen_to
from services.journey.handlers.plays.as_played import as_played
from services.journey.handlers.plays.move import move
from services.journey.handlers.plays.save import save
from services.journey.handlers.plays.tell_hand_off import take_back
from services.journey.handlers.ports import Unit
from shared.errors import NotFound
from shared.events import TaskChanged
from shared.web.who import Who

Change = Literal["claimed", "released", "done"]
EVERYWHERE = frozenset({"lead", "admin"})  # they may do the tasks of every team


def teams_of(unit_or_read: Any, who: Who) -> list[str]:
    """The teams whose tasks somebody does; a partner's people and programs those of their own."""
    teams = unit_or_read.rules.playbook.teams.values()
    if who.is_partner:
        own = who.organisation
        return sorted(team.name for team in teams if own is not None and team.organisation == own)
    return sorted(team.name for team in teams if team.roles & who.roles or who.roles & EVERYWHERE)


async def read(unit: Unit, id_: str) -> Any:
    """A task as it stands now, for whoever has just done something with it."""
    return await unit.store.tasks.one(id_)


async def claim(unit: Unit, id_: str) -> None:
    """Take a task. Raises NotFound, NotYourTeam, NotYourTask, TaskOver."""
    task = await held_task(unit, id_)
    if task.owner == unit.who.subject:
        return
    if task.owner is not None:
        raise NotYourTask(id_)
    await _write(unit, task, "claimed", {
        "state": "claimed", "owner": unit.who.subject, "claimed_at": unit.now,
    })  # fmt: skip


async def release(unit: Unit, id_: str) -> None:
    """Give it back to the team. Raises NotFound, NotYourTeam, NotYourTask, TaskOver."""
    task = await held_task(unit, id_)
    if task.owner is None:
        return
    if task.owner != unit.who.subject and not unit.who.roles & EVERYWHERE:
        raise NotYourTask(id_)
    await _write(unit, task, "released", {"state": "open", "owner": None, "claimed_at": None})


async def finish(unit: Unit, id_: str, result: str, note: str | None) -> None:
    """Say what came of it; the run goes on with that. Taking it first is not needed.

    Raises NotFound, NotYourTeam, NotYourTask, TaskOver, UnknownResult, CallNotBegun.
    """
    unit = await as_played(unit)
    task = await held_task(unit, id_)
    if task.owner not in {None, unit.who.subject}:
        raise NotYourTask(id_)
    if result not in task.results:
        raise UnknownResult(result, task.results)
    await settle_call(unit, task, result)
    written = {"state": "done", "owner": unit.who.subject, "result": result, "note": note}
    await _write(unit, task, "done", {**written, "done_at": unit.now})
    await take_back(unit, [id_])
    if task.talk is not None:
        await unit.store.talks.done(task.talk, unit.now)
    customer = (await unit.store.customers.hold_existing([task.customer]))[task.customer]
    if task.reply_to is not None:
        await seen_to(unit, task.reply_to, customer)
    run = None if task.run is None else await unit.store.runs.one(task.run)
    if run is None or (run.state, run.step, run.visit) != ("active", task.step, task.visit):
        return
    state = (await unit.store.customers.states([customer]))[customer.id]
    known = {customer.id: Known(state, customer.stage, customer.zone)}
    await save(unit, await move(unit, [replace(run, told=result)], known))


async def reveal(unit: Unit, id_: str, purpose: str) -> Any:
    """The contact of the customer, for who has the task; audited.

    Raises: NotFound, NotYourTeam, NotYourTask, TaskOver.
    """
    task = await held_task(unit, id_)
    if task.owner != unit.who.subject:
        raise NotYourTask(id_)
    contact = await unit.store.reader.profile(task.customer)
    if contact is None:
        raise NotFound("contact", id_)
    unit.audit("contact.read", "task", id_, after={"purpose": purpose})
    return contact


async def held_task(unit: Unit, id_: str) -> Any:
    """A task that can be worked on, its customer held. Raises NotFound, NotYourTeam, TaskOver."""
    row = await unit.store.tasks.one(id_)
    if row is None:
        raise NotFound("task", id_)
    _theirs(unit, row)
    await unit.store.customers.hold_existing([row.customer])
    task = await unit.store.tasks.one(id_)  # as it is now that nobody else changes it
    if task is None:
        raise NotFound("task", id_)
    _theirs(unit, task)
    if task.state in {"done", "cancelled"}:
        raise TaskOver(id_)
    return task


def _theirs(unit: Unit, task: Any) -> None:
    """Raises NotYourTeam; to a partner there is no other team's task: NotFound."""
    if task.team in teams_of(unit, unit.who):
        return
    raise NotFound("task", task.id) if unit.who.is_partner else NotYourTeam(task.team)


async def _write(unit: Unit, task: Any, change: Change, written: Mapping[str, Any]) -> None:
    """Write a change, audit it, tell it."""
    version = task.version + 1
    await unit.store.tasks.change(task.id, {**written, "version": version})
    told = {"state": written["state"], "result": written.get("result")}
    unit.audit(f"task.{change}", "task", task.id, before={"state": task.state}, after=told)
    unit.emit(
        TaskChanged(
            at=unit.now, customer=task.customer, task=task.id, run=task.run, team=task.team,
            change=change, state=written["state"], version=version, owner=written["owner"],
            result=written.get("result"),
        ),
        key=f"c:{task.customer}", cause=f"task:{task.id}", kind=f"task_{change}", n=version,
    )  # fmt: skip
