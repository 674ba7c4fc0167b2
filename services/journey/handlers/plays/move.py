"""Runs are brought as far as they come."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.journey.domain.days import seconds
from services.journey.domain.plays.advance import advance, compared, end, park
from services.journey.domain.plays.run import Known, Line, Moved, Run
from services.journey.handlers.ports import Unit
from shared import log

_log = log.get("journey.plays")


async def move(
    unit: Unit, runs: Sequence[Run], known: Mapping[str, Known], before: tuple[Line, ...] = ()
) -> list[Moved]:
    """Look at runs whose customers are held; only those that moved, or that are new, come back.

    Args:
        before: lines of the trace that are not written yet.
    """
    moved: list[Moved] = []
    for run in runs:
        change = _moved(unit, run, known[run.customer])
        if before or change.lines or change.run != run:
            moved.append(replace(change, lines=(*before, *change.lines)))
    return moved


def _moved(unit: Unit, run: Run, known: Known) -> Moved:
    now = seconds(unit.now)
    play = unit.rules.playbook.plays.get(run.play)
    if play is None:
        return end(run, "retired", now)
    try:
        change = advance(play, run, known, now, unit.rules.versions.get(run.play, run.version))
    except Exception as error:  # noqa: BLE001 - one run that cannot be worked out keeps no other from it
        _log.exception("a run is parked", extra={"run": run.id, "play": run.play})
        return park(run, type(error).__name__, now)
    return compared(change, now)
