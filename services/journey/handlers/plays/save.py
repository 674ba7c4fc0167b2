"""What came of looking at runs: written, planned, told; and what steps do within journey is done."""

from collections.abc import Sequence

from services.journey.domain.days import moment_of, seconds
from services.journey.domain.plays.advance import end, enter, note
from services.journey.domain.plays.run import (
    Known,
    Moved,
    NoteFact,
    Run,
    StartPlay,
    StopPlay,
)
from services.journey.domain.plays.start import LeftOut, Occasion, start
from services.journey.handlers.plays.acts import plan_acts, tell_cancelled
from services.journey.handlers.plays.holdout import held_out_of_all
from services.journey.handlers.plays.make_offers import make_offers
from services.journey.handlers.plays.move import move
from services.journey.handlers.plays.tell_hand_off import take_back
from services.journey.handlers.ports import Unit
from shared import ids
from shared.events import RunChanged

SERVICE = "journey"
WITHIN = (NoteFact, StartPlay, StopPlay)


async def save(unit: Unit, moved: Sequence[Moved]) -> None:
    """Write runs and traces, do what their steps ask for, tell the others."""
    if not moved:
        return
    await unit.store.runs.save(moved, unit.now)
    await plan_acts(unit, moved)
    for change in moved:
        _tell(unit, change)
    ended = [change.run.id for change in moved if change.run.state == "ended"]
    cancelled = await unit.store.tasks.cancel(ended, unit.now)
    for task in cancelled:
        tell_cancelled(unit, task)
    await take_back(unit, [task.id for task in cancelled])
    # who is compared goes on as the others do, and nothing is done for them
    asked = [
        change for change in moved if not change.run.control and any(map(_is_within, change.acts))
    ]
    if asked:
        await _within(unit, asked)
    await save(unit, await make_offers(unit, moved))


def next_id(before: Run | None, customer: str, play: str) -> str:
    """The id of the run of a play that follows this one."""
    rotation = 0 if before is None else before.rotation + 1
    return ids.derived(SERVICE, f"{customer}/{play}", "run", rotation)


def _is_within(act: object) -> bool:
    return isinstance(act, WITHIN)


async def _within(unit: Unit, moved: Sequence[Moved]) -> None:
    """Note facts, stop plays, start plays, in this order: no play starts itself, so it comes to an end."""
    held = await unit.store.customers.hold_existing({change.run.customer for change in moved})
    states = await unit.store.customers.states(list(held.values()))
    noted: set[str] = set()
    for change in moved:
        for act in change.acts:
            if isinstance(act, NoteFact):
                note(states[change.run.customer], change.run.id, act)
                noted.add(change.run.customer)
    await unit.store.customers.save_states([(held[id_], states[id_]) for id_ in sorted(noted)])
    await unit.store.runs.look_again(noted, unit.now)
    for change in moved:
        customer = held[change.run.customer]
        known = Known(states[customer.id], customer.stage, customer.zone)
        for act in change.acts:
            if isinstance(act, StopPlay):
                await _stop(unit, change.run, act)
            elif isinstance(act, StartPlay):
                await _start(unit, change.run, act, known)


async def _stop(unit: Unit, by: Run, act: StopPlay) -> None:
    newest = await unit.store.runs.newest([by.customer], [act.play])
    going = [run for run in newest if run.state != "ended"]
    now = seconds(unit.now)
    await save(unit, [end(run, "stopped", now, f"stopped by {by.play}") for run in going])


async def _start(unit: Unit, by: Run, act: StartPlay, known: Known) -> None:
    """By the rules of the play that is started; why not is noted as with any other occasion."""
    play = unit.rules.playbook.plays.get(act.play)
    if play is None:
        return
    last = next(iter(await unit.store.runs.newest([by.customer], [act.play])), None)
    id_ = next_id(last, by.customer, play.name)
    out = await held_out_of_all(unit, [by.customer])
    run = start(
        play, unit.rules.versions.get(play.name, 0), by.customer,
        Occasion(max(act.at, 0), f"run:{by.id}/{act.step}/{act.visit}"), last, known,
        seconds(unit.now), id_, live=unit.rules.lives.enters(play.name), out=bool(out),
    )  # fmt: skip
    if isinstance(run, LeftOut):
        await unit.store.runs.leave_out([run], unit.now)
        return
    entered = enter(run, act.at)
    await save(unit, await move(unit, [entered.run], {by.customer: known}, entered.lines))


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
