"""When a call can be: the team's free times, as somebody sees them now."""

from datetime import datetime, timedelta
from typing import Any

from services.journey.domain.calls.slots import Bounds, slots
from services.journey.domain.plays.run import Run
from services.journey.handlers.ports import Unit


async def free(unit: Unit, row: Any, *, by_team: bool = False) -> list[datetime]:
    """The moments at which it can begin, in order; none of a team that has no hours any more.

    Args:
        row: the call; the time it has now is free for itself.
        by_team: people of the team need no notice.
    """
    team = unit.rules.playbook.teams.get(row.team)
    if team is None or team.hours is None:
        return []
    length = timedelta(seconds=row.length_s)
    notice = timedelta(seconds=0 if by_team else row.notice_s)
    latest = unit.now + timedelta(seconds=row.within_s)
    bounds = Bounds(unit.now + notice, latest, length, team.calls_at_once)
    taken = await unit.store.calls.taken(row.team, bounds.earliest, latest + length, row.id)
    return slots(team.hours, bounds, taken)


def stands(run: Run | None, row: Any) -> bool:
    """Whether the run waits for this call."""
    at = None if run is None else (run.state, run.step, run.visit)
    return at == ("active", row.step, row.visit)
