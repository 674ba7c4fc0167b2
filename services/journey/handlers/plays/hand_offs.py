"""Hand-offs of tasks between teams: offered, answered, expired; who owns the task moves with the answer."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from services.journey.errors import NotYourTeam, UnknownLinkage
from services.journey.handlers.plays.offers import SERVICE, Offer, row_of, team_of
from services.journey.handlers.plays.tasks import held_task, teams_of
from services.journey.handlers.plays.tell_hand_off import tell
from services.journey.handlers.ports import Unit
from shared import handoff, ids
from shared.errors import NotFound
from shared.handoff import HandOff
from shared.stream.timers import AT_MOST


async def offer(unit: Unit, task_id: str, linkage: str, summary: str, next_step: str) -> str:
    """Offer a task of the caller's team to another one. Returns: the hand-off's id.

    Raises: NotFound, NotYourTeam, TaskOver, UnknownLinkage; HandOffRefused: it is offered already.
    """
    task = await held_task(unit, task_id)
    allowed = unit.rules.playbook.linkages
    named = allowed.get(linkage)
    # words about a conversation are for who had it: only tasks of plays go to other teams
    if named is None or named.giver != task.team or task.run is None:
        raise UnknownLinkage([name for name, other in allowed.items() if other.giver == task.team])
    before = [_hand_off(row) for row in await unit.store.hand_offs.of_task(task_id)]
    id_ = ids.derived(SERVICE, unit.cause, "hand_off")
    row = row_of(unit, Offer(task._mapping, named, summary, next_step), id_)  # noqa: SLF001 - its public name
    handoff.offer(_of(row), task.team, before)
    await unit.store.hand_offs.offer(row)
    told = {"hand_off": id_, "linkage": linkage, "characters": len(summary) + len(next_step)}
    unit.audit("task.offered", "task", task_id, after=told)
    tell(unit, row, "offered", task.team)
    return id_


async def offered_before(unit: Unit) -> Any:
    """What this very request has offered, as it is now. Raises: NotFound."""
    id_ = ids.derived(SERVICE, unit.cause, "hand_off")
    row = await read(unit, id_)
    if row is None:
        raise NotFound("hand_off", id_)
    return row


async def accept(unit: Unit, id_: str) -> None:
    """Take it: task and clock are the taker's from now on.

    Raises: NotFound, NotYourTeam; HandOffRefused: it is not offered any more.
    """
    row = await _held(unit, id_, "taker")
    after = handoff.accept(_hand_off(row), row.taker, unit.who.subject, unit.now)
    task = await unit.store.tasks.one(row.task)
    await _settle(unit, row, after, "accepted", row.taker)
    if task is not None:
        length = max(task.due_at - task.opened_at, timedelta(0))
        due = team_of(unit, row.taker).after(unit.now, length)
        await _move(unit, task, row.taker, {"due_at": due})


async def decline(unit: Unit, id_: str, why: str) -> None:
    """Do not take it: it stays with who offered it. Raises: as `accept`."""
    row = await _held(unit, id_, "taker")
    after = handoff.decline(_hand_off(row), row.taker, unit.who.subject, why, unit.now)
    await _settle(unit, row, after, "declined", row.giver)


async def withdraw(unit: Unit, id_: str) -> None:
    """Take it back before anybody has answered. Raises: as `accept`."""
    row = await _held(unit, id_, "giver")
    after = handoff.withdraw(_hand_off(row), row.giver, unit.who.subject, unit.now)
    await _settle(unit, row, after, "withdrawn", row.giver)


async def fire_hand_offs(unit: Unit, limit: int = AT_MOST) -> int:
    """What nobody has answered in time expires, and its task goes to the team of the linkage."""
    due = await unit.store.hand_offs.due(unit.now, limit)
    for row in due:
        after = handoff.expire(_hand_off(row), unit.now)
        task = await unit.store.tasks.one(row.task)
        await _settle(unit, row, after, "expired", row.escalate)
        if task is not None and task.team != row.escalate:
            await _move(unit, task, row.escalate, {})
    return len(due)


async def read(unit: Unit, id_: str) -> Any:
    """A hand-off as it stands now, for whoever has just done something with it."""
    return await unit.store.hand_offs.one(id_)


async def _held(unit: Unit, id_: str, side: Literal["giver", "taker"]) -> Any:
    """A hand-off of the caller's team, its customer held. Raises NotFound, NotYourTeam."""
    row = await unit.store.hand_offs.one(id_)
    teams = teams_of(unit, unit.who)
    if row is None or (unit.who.is_partner and not {row.giver, row.taker} & set(teams)):
        raise NotFound("hand_off", id_)
    if getattr(row, side) not in teams:
        raise NotYourTeam("its giver" if unit.who.is_partner else getattr(row, side))
    await unit.store.customers.hold_existing([row.customer])
    return await unit.store.hand_offs.one(id_)  # as it is now that nobody else changes it


async def _settle(
    unit: Unit, row: Any, after: HandOff,
    change: Literal["accepted", "declined", "expired", "withdrawn"], owner: str,
) -> None:  # fmt: skip
    """Write what was said, audit it where somebody said it, tell it."""
    version = row.version + 1
    await unit.store.hand_offs.change(
        row.id,
        {"state": after.state, "settled_at": after.settled_at, "settled_by": after.settled_by,
         "why": after.why, "due_at": None, "version": version},
    )  # fmt: skip
    if after.settled_by is not None:
        told = {"state": after.state, "task": row.task, "owner": owner}
        unit.audit(
            f"hand_off.{change}", "hand_off", row.id, before={"state": row.state}, after=told
        )
    tell(unit, {**row._mapping, "version": version}, change, owner)  # noqa: SLF001 - its public name


async def _move(unit: Unit, task: Any, team: str, more: Mapping[str, Any]) -> None:
    """The task is another team's, and nobody's there yet."""
    written = {"team": team, "state": "open", "owner": None, "claimed_at": None}
    await unit.store.tasks.change(task.id, {**written, **more, "version": task.version + 1})


def _hand_off(row: Any) -> HandOff:
    return _of(row._mapping)  # noqa: SLF001 - its public name


def _of(row: Mapping[str, Any]) -> HandOff:
    same = ("id", "giver", "taker", "summary", "next_step", "offered_at", "offered_by", "expires_at",
            "state", "settled_at", "settled_by", "why")  # fmt: skip
    named = {name: row[name] for name in same}
    return HandOff(subject=f"task:{row['task']}", reason=row["linkage"], **named)
