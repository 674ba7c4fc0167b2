"""Who does the tasks of plays: people of teams, and teams other than a play's file names."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.journey.domain.plays.team import Team
from services.journey.domain.rules import Rules
from services.journey.domain.steps.hand_over import HandOver
from services.journey.domain.steps.task import Task
from services.journey.errors import NoTaskStep, UnknownSkill, UnknownTeam
from services.journey.handlers.plays.as_played import as_played
from services.journey.handlers.ports import Unit
from shared import ids
from shared.errors import NotFound


async def put_member(
    unit: Unit,
    team: str,
    who: str,
    skills: Sequence[str],
    unchanged: Callable[[Sequence[str] | None], None],
) -> None:
    """Somebody is given tasks of a team from now on. Raises NotFound, UnknownSkill.

    Args:
        unchanged: raises if the skills they had, None for nobody, are not those that the caller knows.
    """
    known = _team(unit.rules.playbook.teams, team)
    if not set(skills) <= known.skills:
        raise UnknownSkill(sorted(known.skills))
    before = await unit.store.members.one(team, who)
    unchanged(None if before is None else before.skills)
    can = sorted(set(skills))
    if before is not None and before.skills == can:
        return
    await unit.store.members.put({"team": team, "who": who, "skills": can, "since": unit.now})
    was = None if before is None else {"skills": before.skills}
    unit.audit("team.member", "team", team, before=was, after={"member": who, "skills": can})


async def drop_member(unit: Unit, team: str, who: str) -> None:
    """They are given no more; what they have stays theirs. Raises NotFound."""
    if await unit.store.members.one(team, who) is None:
        raise NotFound("member", f"{who} of {team}")
    await unit.store.members.drop(team, who)
    unit.audit("team.member_left", "team", team, before={"member": who})


async def assign(unit: Unit, play: str, step: str | None, team: str, percent: int) -> Any:
    """A share of a play's tasks is another team's from now on; what was said before of it ends.

    Raises NotFound, NoTaskStep, UnknownTeam.
    """
    unit = await as_played(unit)
    if play not in await unit.store.plays.hold():
        raise NotFound("play", play)
    if team not in unit.rules.playbook.teams:
        raise UnknownTeam(sorted(unit.rules.playbook.teams))
    steps = named_teams(unit.rules, play)
    if step is not None and step not in steps:
        raise NoTaskStep(list(steps))
    before = await unit.store.assignments.of_step(play, step)
    if before is not None and (before.team, before.percent) == (team, percent):
        return before
    if before is not None:
        await unit.store.assignments.end(before.id, unit.now, unit.who.subject)
    id_ = ids.random_id()  # saying it again changes nothing, and makes none
    await unit.store.assignments.begin({
        "id": id_, "play": play, "step": step, "team": team, "percent": percent,
        "begun_at": unit.now, "begun_by": unit.who.subject, "ended_at": None, "ended_by": None,
    })  # fmt: skip
    was = None if before is None else _said(before)
    after = {"step": step, "team": team, "percent": percent}
    unit.audit("play.assign", "play", play, before=was, after=after)
    return await unit.store.assignments.one(id_)


async def end(unit: Unit, play: str, id_: str) -> None:
    """From now on the teams that the play names do its tasks again. Raises NotFound."""
    await unit.store.plays.hold()
    row = await unit.store.assignments.one(id_)
    if row is None or row.play != play or row.ended_at is not None:
        raise NotFound("assignment", id_)
    await unit.store.assignments.end(id_, unit.now, unit.who.subject)
    unit.audit("play.unassign", "play", play, before=_said(row))


def named_teams(rules: Rules, play: str) -> dict[str, str]:
    """By step, the team that a play's file names; of those steps whose team can be another one."""
    played = rules.playbook.plays.get(play)
    if played is None:
        return {}
    asks = {step.key: step.does for step in played.steps}
    # who accepts a hand-off does it: a linkage says between whom
    return {
        key: does.team
        for key, does in asks.items()
        if isinstance(does, Task) and not isinstance(does, HandOver)
    }


def _team(teams: Mapping[str, Team], name: str) -> Team:
    if name not in teams:
        raise NotFound("team", name)
    return teams[name]


def _said(row: Any) -> dict[str, Any]:
    return {"step": row.step, "team": row.team, "percent": row.percent}
