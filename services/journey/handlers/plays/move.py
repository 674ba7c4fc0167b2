"""Runs are brought as far as they come."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.journey.domain.days import seconds
from services.journey.domain.plays.advance import advance, end, halt, park
from services.journey.domain.plays.run import Known, Line, Moved, Run
from services.journey.handlers.ports import Unit
from shared import log

LATER_S = 3_600  # what another process is to go on with is looked at again this often

_log = log.get("journey.plays")


async def move(
    unit: Unit, runs: Sequence[Run], known: Mapping[str, Known], before: tuple[Line, ...] = ()
) -> list[Moved]:
    """Look at runs whose customers are held; only those that moved, or that are new, come back.

    What was told to a run that its play's pause holds is kept with it.

    Args:
        before: lines of the trace that are not written yet.
    """
    moved: list[Moved] = []
    for run in runs:
        change = _moved(unit, run, known[run.customer])
        if before or change.lines or change.run != run or change.run.told is not None:
            moved.append(replace(change, lines=(*before, *change.lines)))
    return moved


def _moved(unit: Unit, run: Run, known: Known) -> Moved:
    now = seconds(unit.now)
    if run.play in unit.rules.lives.unread:  # a process that can read it goes on with it
        return Moved(run if run.due is None or run.due > now else replace(run, due=now + LATER_S))
    played = unit.rules.play_of(run.play, run.version)
    if played is None:
        return end(run, "retired", now)
    play, version = played
    try:
        if unit.rules.lives.state(run.play) == "paused":
            return halt(play, run, known, now)
        return advance(play, run, known, now, version)
    except Exception as error:  # noqa: BLE001 - one run that cannot be worked out keeps no other from it
        _log.exception("a run is parked", extra={"run": run.id, "play": run.play})
        return park(run, type(error).__name__, now)
