"""Customers have changed: some enter plays, and the runs of all are looked at."""

from collections.abc import Mapping, Sequence

from services.journey.domain.days import seconds
from services.journey.domain.plays.advance import enter
from services.journey.domain.plays.play import Play
from services.journey.domain.plays.run import Known, Moved, Run
from services.journey.domain.plays.start import LeftOut, Occasion, fits, marks_of, occasions, start
from services.journey.handlers.plays.as_played import as_played
from services.journey.handlers.plays.holdout import held_out_of_all
from services.journey.handlers.plays.move import move
from services.journey.handlers.plays.save import next_id, save
from services.journey.handlers.ports import Unit
from services.journey.handlers.stages.advance import Advanced, Work


async def follow(unit: Unit, advanced: Advanced) -> None:
    """Begin runs and bring those there are as far as they come; the customers are held."""
    if not advanced.works:
        return
    unit = await as_played(unit)
    if not unit.rules.playbook.plays:
        return
    works = {work.customer.id: work for work in advanced.works}
    known = {id_: known_of(work) for id_, work in works.items()}
    moved = await move(unit, await unit.store.runs.active(works), known)
    chances = _chances(unit, advanced, works, known)
    if chances:
        moved += await _begin(unit, chances, known, moved)
    await save(unit, moved)


def known_of(work: Work) -> Known:
    """What is known of a customer that is held."""
    return Known(work.state, work.customer.stage, work.customer.zone)


Chance = tuple[Play, str, Occasion]
"""A play, a customer and what they may enter it for."""


def _chances(
    unit: Unit, advanced: Advanced, works: Mapping[str, Work], known: Mapping[str, Known]
) -> list[Chance]:
    """What may begin runs: by customer, in time order, the play of the higher priority first."""
    entries = {entered.customer: entered.entries for entered in advanced.entered}
    plays = sorted(
        unit.rules.playbook.plays.values(),
        key=lambda known_play: (-known_play.priority, known_play.name),
    )
    facts = {
        known_play.starts.happens: known_play.max_age_s
        for known_play in plays
        if known_play.starts.happens is not None
    }
    now = seconds(unit.now)
    chances: list[Chance] = []
    for id_, work in works.items():
        marks = {
            fact: [m for m in marks_of(fact, known[id_], now, age) if work.is_new(m)]
            for fact, age in facts.items()
        }
        for occasion in occasions(entries.get(id_, ()), marks):
            chances += [(play, id_, occasion) for play in plays if fits(play, occasion)]
    return chances


async def _begin(
    unit: Unit, chances: Sequence[Chance], known: Mapping[str, Known], moved: Sequence[Moved]
) -> list[Moved]:
    """Begin what may be begun; note what may not."""
    customers, plays = {id_ for _, id_, _ in chances}, {play.name for play, _, _ in chances}
    newest = await unit.store.runs.newest(customers, plays)
    out = await held_out_of_all(unit, customers)
    last = {(run.customer, run.play): run for run in newest}
    last |= {(change.run.customer, change.run.play): change.run for change in moved}
    begun: list[Moved] = []
    left_out: list[LeftOut] = []
    for play, id_, occasion in chances:
        before = last.get((id_, play.name))
        begun_run = start(
            play, unit.rules.versions.get(play.name, 0), id_, occasion, before, known[id_],
            seconds(unit.now), next_id(before, id_, play.name),
            live=unit.rules.lives.enters(play.name), out=id_ in out,
        )  # fmt: skip
        if isinstance(begun_run, Run):
            entered = enter(begun_run, occasion.at)
            (run_moved,) = await move(unit, [entered.run], known, entered.lines)
            last[id_, play.name] = run_moved.run
            begun.append(run_moved)
        elif begun_run.why not in {"already_in", "had_it"}:  # told by the run there is
            left_out.append(begun_run)
    await unit.store.runs.leave_out(left_out, unit.now)
    return begun
