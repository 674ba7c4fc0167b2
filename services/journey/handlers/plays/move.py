"""Runs are brought as far as they come, and what their steps ask for is planned."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.journey.domain.days import moment_of, seconds
from services.journey.domain.plays.advance import advance, end, park
from services.journey.domain.plays.run import Known, Line, Moved, OpenTask, Run
from services.journey.handlers.plays.acts import plan_acts, tell_cancelled
from services.journey.handlers.ports import Unit
from shared import log
from shared.events import RunChanged

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
        found = _moved(unit, run, known[run.customer])
        if before or found.lines or found.run != run:
            moved.append(replace(found, lines=(*before, *found.lines)))
    return moved


def _moved(unit: Unit, run: Run, known: Known) -> Moved:
    now = seconds(unit.now)
    play = unit.rules.playbook.plays.get(run.play)
    if play is None:
        return end(run, "retired", now)
    try:
        found = advance(play, run, known, now, unit.rules.versions.get(run.play, run.version))
    except Exception as error:  # noqa: BLE001 - one run that cannot be worked out keeps no other from it
        _log.exception("a run is parked", extra={"run": run.id, "play": run.play})
        return park(run, type(error).__name__, now)
    if found.run.control and any(isinstance(act, OpenTask) for act in found.acts):
        last = end(found.run, "compared", now)
        return replace(last, lines=(*found.lines, *last.lines))
    return found


async def save(unit: Unit, moved: Sequence[Moved]) -> None:
    """Write runs and traces, do what their steps ask for, tell the others."""
    if not moved:
        return
    await unit.store.runs.save(moved, unit.now)
    await plan_acts(unit, moved)
    for one in moved:
        _tell(unit, one)
    ended = [one.run.id for one in moved if one.run.state == "ended"]
    for task in await unit.store.tasks.cancel(ended, unit.now):
        tell_cancelled(unit, task)


def _tell(unit: Unit, moved: Moved) -> None:
    """Tell of runs that have begun or ended."""
    run = moved.run
    for line in moved.lines:
        if line.what != "entered" and line.what != "ended":
            continue
        ended = line.what == "ended"
        unit.emit(
            RunChanged(
                at=moment_of(line.at), customer=run.customer, run=run.id, play=run.play,
                change=line.what, ending=run.ending if ended else None, control=run.control,
            ),
            key=f"c:{run.customer}", cause=f"run:{run.id}", kind=f"run_{line.what}",
        )  # fmt: skip
