"""Run trials one after another: most on one system, each that leaves its system changed on its own."""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.faults import restarter
from tools.faults.compare import Comparison
from tools.faults.rig import Rig
from tools.faults.trial import Outcome, Trial, not_run
from tools.faults.trial import run as run_trial
from tools.faults.trials.servers import small_disk

SMALL_DISK = "26"


async def run(
    trials: Sequence[Trial], folder: Path, tell: Callable[[Outcome], None]
) -> list[Outcome]:
    """Run them and return what each showed; `tell` hears of each when it is over."""
    outcomes: list[Outcome] = []
    shared = [trial for trial in trials if not trial.own]
    if shared:
        outcomes += await _on_one(shared, folder / "shared", tell)
    for trial in trials:
        if trial.own:
            outcomes += await _on_one([trial], folder / f"row-{trial.row}", tell)
    order = {trial.row: n for n, trial in enumerate(trials)}
    return sorted(outcomes, key=lambda outcome: order[outcome.row])


async def _on_one(
    trials: Sequence[Trial], folder: Path, tell: Callable[[Outcome], None]
) -> list[Outcome]:
    """Run trials on one system; what ends it early is told of those that did not get their turn."""
    outcomes: list[Outcome] = []

    def note(outcome: Outcome) -> None:
        outcomes.append(outcome)
        tell(outcome)

    try:
        with small_disk(folder) if trials[0].row == SMALL_DISK else contextlib.nullcontext():
            await _live(trials, Rig(folder), note)
    except Exception as error:  # noqa: BLE001 - a system that does not start stops no other trial
        for trial in trials[len(outcomes) :]:
            note(not_run(trial, f"{type(error).__name__}: {error}"))
    return outcomes


async def _live(trials: Sequence[Trial], rig: Rig, note: Callable[[Outcome], None]) -> None:
    try:
        await rig.start()
        rig.spawn(restarter.watch(rig))
        await rig.fleet()
        before = Comparison()
        for trial in trials:
            outcome, before = await run_trial(trial, rig, before)
            note(outcome)
    finally:
        await rig.stop()
