"""A time for a call is agreed on, moved, or taken back: by the customer, or by people of the team."""

from datetime import datetime, timedelta
from typing import Any

from services.journey.domain.calls.call import CallNotSo, News, SlotTaken
from services.journey.domain.days import seconds
from services.journey.domain.plays.advance import tell_call
from services.journey.domain.plays.run import Known, OpenTask, Run
from services.journey.domain.steps.call import BOOKED, CANCELLED, cancelled
from services.journey.handlers.calls.free import free, stands
from services.journey.handlers.calls.tell import Told, tell
from services.journey.handlers.plays.acts import tell_cancelled
from services.journey.handlers.plays.move import move
from services.journey.handlers.plays.open_tasks import open_tasks, task_id
from services.journey.handlers.plays.save import save
from services.journey.handlers.plays.tell_hand_off import take_back
from services.journey.handlers.ports import Unit

KIND = "call"


async def agree(unit: Unit, row: Any, at: datetime, *, by_team: bool = False) -> None:
    """Book it, or move it to another time; the same time again changes nothing.

    Args:
        unit: with the plays as they are played now.
        row: the call; its customer is held.
    Raises: CallNotSo: it is over; SlotTaken.
    """
    moves = row.state == BOOKED
    if moves and row.starts_at == at:
        return
    run = await unit.store.runs.one(row.run)
    if run is None or not (_is_ahead(unit, row) if moves else stands(run, row)):
        raise CallNotSo("over" if moves else row.state)
    await unit.store.calls.hold_team(row.team)
    if at not in await free(unit, row, by_team=by_team):
        raise SlotTaken
    version, ends = row.version + 1, at + timedelta(seconds=row.length_s)
    if moves:
        task = row.task
        await unit.store.tasks.change(task, {"starts_at": at, "due_at": ends})
    else:
        act = _task(row, at, ends, version)
        task = task_id(run.id, act)
        await open_tasks(unit, [(run, act)])
    written = {"state": BOOKED, "starts_at": at, "ends_at": ends, "task": task}
    remind = at - timedelta(seconds=row.remind_s)
    due = {"due_at": remind if remind > unit.now else None}
    await unit.store.calls.change(
        row.id, {**written, **due, "version": version, "changed_at": unit.now}
    )
    news = News.MOVED if moves else News.BOOKED
    await _go_on(unit, row, run, BOOKED, f"{news}: {at:%Y-%m-%d %H:%M} UTC")
    await tell(unit, [Told(row, run, news, version, at)])
    before = {"starts_at": row.starts_at} if moves else None
    unit.audit(f"call.{'move' if moves else 'book'}", KIND, row.id, before=before, after={
        "starts_at": at, "team": row.team,
    })  # fmt: skip


async def take_call_back(unit: Unit, row: Any, *, by_team: bool = False) -> None:
    """Cancel it; doing it again changes nothing. Raises CallNotSo: it is not booked, or has begun.

    Args:
        unit, row: as above.
    """
    if row.state == CANCELLED:
        return
    run = await unit.store.runs.one(row.run)
    if run is None or row.state != BOOKED or not _is_ahead(unit, row):
        raise CallNotSo("over" if row.state == BOOKED else row.state)
    version = row.version + 1
    written = {"state": CANCELLED, "task": None, "due_at": None, "version": version}
    await unit.store.calls.change(row.id, {**written, "changed_at": unit.now})
    task = await unit.store.tasks.drop(row.task, unit.now)
    if task is not None:
        tell_cancelled(unit, task)
        await take_back(unit, [task.id])
    until = seconds(unit.now) + (row.again_s if by_team else 0)
    by = "the team" if by_team else "the customer"
    await _go_on(unit, row, run, cancelled(until), f"cancelled by {by}")
    await tell(unit, [Told(row, run, News.CANCELLED, version, None)])
    unit.audit("call.cancel", KIND, row.id, before={"starts_at": row.starts_at}, after={"by": by})


def _is_ahead(unit: Unit, row: Any) -> bool:
    return bool(row.starts_at > unit.now)


def _task(row: Any, at: datetime, ends: datetime, n: int) -> OpenTask:
    """Who keeps it has it until its end; its words are those of the moment it was offered."""
    return OpenTask(
        row.team, row.title, row.says, seconds(ends), tuple(row.results), row.step, row.visit,
        skill=row.skill, at=seconds(at), n=n,
    )  # fmt: skip


async def _go_on(unit: Unit, row: Any, run: Run, word: str, why: str) -> None:
    """The run hears of it, if it waits for this call still."""
    if not stands(run, row):
        return
    (customer,) = (await unit.store.customers.hold_existing([row.customer])).values()
    state = (await unit.store.customers.states([customer]))[customer.id]
    known = {customer.id: Known(state, customer.stage, customer.zone)}
    told = tell_call(run, word, why, seconds(unit.now))
    await save(unit, await move(unit, [told.run], known, told.lines))
