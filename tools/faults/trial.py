"""One trial: a fault under load, what is said meanwhile, how soon it is over, what is compared."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from shared.clock import monotonic
from tools.faults.compare import Comparison, compare
from tools.faults.load import Load
from tools.faults.rig import Rig
from tools.faults.watching import Watching
from tools.faults.well import recovered, settled

WARM_S = 3.0
HEAL_S = 180.0
SAID_S = 30.0

Fault = Callable[[Rig], Awaitable[list[str]]]
"""Does it; returns what went wrong, in sentences."""


@dataclass(frozen=True)
class Trial:
    """One row of the table.

    Attributes:
        row: its number in the fault matrix.
        also: other numbers that it shows: a hole that is the same fault, or part of it.
        said: on-call must see it in /readyz or `status` within 30 s.
        compared: nothing of the log is taken away, so everything must agree afterwards.
        own: it leaves the system changed, so it gets a system of its own.
        selected: one of those that `make test` runs.
        rate: events a second beside it.
    """

    row: str
    name: str
    fault: Fault
    said: bool = True
    compared: bool = True
    own: bool = False
    selected: bool = False
    rate: float = 120.0
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a trial showed; a line of faults.json.

    Attributes:
        seconds: from the end of the fault until every service is ready and nearly up to date; None,
            it did not heal by itself.
        said: sentence -> seconds from the fault to its first time.
        wrong: what makes it fail, in sentences.
        took_s: how long the whole trial took.
    """

    row: str
    name: str
    ok: bool
    published: int
    acked: int
    kafka: int
    lost: int
    duplicate_effects: int
    seconds: float | None
    said: dict[str, float]
    wrong: list[str] = field(default_factory=list)
    took_s: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """For faults.json."""
        return asdict(self)


async def run(trial: Trial, rig: Rig, before: Comparison) -> tuple[Outcome, Comparison]:
    """Run it on a rig that is well.

    Args:
        before: the comparison after the last trial of this rig, so that the counts are this one's.
    """
    began = monotonic()
    load = Load(rig.devices, trial.rate, seed=sum(trial.row.encode())).start()
    await asyncio.sleep(WARM_S)
    async with Watching(rig) as watching:
        wrong = await _done(trial, rig)
        seconds = await recovered(rig, HEAL_S)
        await load.stop()
        is_settled = await settled(rig, HEAL_S)
        if trial.said:
            await watching.heard(SAID_S)  # it may be over before anybody has looked
    if seconds is None:
        wrong.append(f"not well {HEAL_S:.0f} s after the fault")
    if not is_settled:
        wrong.append("not everything was acked and read")
    if trial.said and min(watching.said.values(), default=SAID_S + 1) > SAID_S:
        wrong.append(f"neither /readyz nor status told of it within {SAID_S:.0f} s")
    comparison = await compare(rig) if trial.compared else _counted(rig)
    wrong += comparison.problems
    outcome = Outcome(
        trial.row, trial.name, not wrong,
        comparison.published - before.published, comparison.acked - before.acked, comparison.kafka - before.kafka,
        comparison.lost, comparison.duplicate_effects, seconds, watching.said, wrong,
        round(monotonic() - began, 1),
    )  # fmt: skip
    return outcome, comparison


def rows_of(trial: Trial, outcome: Outcome) -> list[Outcome]:
    """One line of faults.json for each number that a trial shows."""
    return [outcome, *(replace(outcome, row=row) for row in trial.also)]


def not_run(trial: Trial, why: str) -> Outcome:
    """Return the outcome of a trial whose system did not start or did not stop."""
    return Outcome(trial.row, trial.name, False, 0, 0, 0, 0, 0, None, {}, [why[:300]])


async def _done(trial: Trial, rig: Rig) -> list[str]:
    try:
        return list(await trial.fault(rig))
    except Exception as error:  # noqa: BLE001 - one trial that fails stops no other
        return [f"{type(error).__name__}: {error}"[:300]]


def _counted(rig: Rig) -> Comparison:
    streams = [stream for device in rig.devices.values() for stream in device.streams.values()]
    acked = sum(len(stream.acked) for stream in streams)
    return Comparison(sum(len(stream.published) for stream in streams), acked, acked)
