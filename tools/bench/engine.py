"""What the engine of plays costs: a tick with 1,000 runs due, whatever number is parked; a great wake."""

import asyncio
import statistics
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.journey.domain.plays.read_playbook import read_playbook
from services.journey.domain.rules import Rules
from services.journey.domain.stages.read_map import read_map
from services.journey.edges.consumer import HANDLERS, timers
from services.journey.handlers.plays.publish import publish
from services.journey.store.store import Store
from services.journey.store.tables import customer, run
from shared.clock import WallClock, monotonic
from shared.events import SetupStarted
from shared.stream.record import Received
from shared.stream.timers import Timer, Timers
from shared.stream.transaction import transaction
from shared.stream.units import Units
from tools.bench.database import database_of, fill, vacuum
from tools.local.process import ROOT
from tools.screens.screen import Screen

PARKED = (10_000, 1_000_000)
DUE, TICKS = 1_000, 5
WOKEN = 200_000
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
DUE_AT = START + timedelta(days=2)
FAR = timedelta(days=1_000)
MAP = "playbooks/home-camera/journey.yaml"
PLAY = """play: bench
says: Waits twice, then asks a team.
starts: {stage: onboarding}
steps:
  - {step: rest, wait: 2d}
  - {step: more, wait: 2d}
  - {step: call, task: Call, team: bench, do: Call them., due: 1d, results: [helped]}
"""
TEAM = "- {team: bench, says: Helps., roles: [csm]}\n"


def _copied(table: str, key: str, given: dict[str, str], names: list[str]) -> TextClause:
    """A statement that copies the template's row."""
    into = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(given.get(name, f't."{name}"') for name in names)
    statement = f"""INSERT INTO {table} ({into}) SELECT {values} FROM {table} t,
        generate_series(CAST(:first AS int), CAST(:last AS int)) n
        WHERE t.{key} = 'template'"""  # noqa: S608 - names of ours
    return text(statement)


_NAME, _NEVER = ":name || n", "CAST(NULL AS timestamptz)"
_CUSTOMERS = _copied(
    "customer", "id", {"id": _NAME, "due_at": _NEVER, "republish_at": _NEVER},
    [column.name for column in customer.columns],
)  # fmt: skip
_STATES = _copied("customer_state", "customer", {"customer": _NAME}, ["customer", "state"])
_RUNS = _copied(
    "run", "customer",
    {"id": ":name || n", "customer": _NAME, "due_at": "CAST(:due_at AS timestamptz)"},
    [column.name for column in run.columns],
)  # fmt: skip


@dataclass(slots=True)
class Found:
    """Seconds of each tick by runs parked beside; seconds of the wake, and how many it moved."""

    ticks: dict[int, list[float]] = field(default_factory=dict)
    wake_s: float = 0.0
    moved: int = 0


async def measure(folder: Path) -> Found:
    """On a PostgreSQL of its own."""
    async with database_of("journey", folder) as (engine, _):
        return await _measure(engine)


async def _measure(engine: AsyncEngine) -> Found:
    engine_timers = await _engine(engine)
    measured_ticks, before = Found(), 0
    for parked in PARKED:
        await _add(engine, "parked-", before + 1, parked, DUE_AT + FAR)
        before = parked
        measured_ticks.ticks[parked] = []
        for n in range(TICKS):
            await _add(engine, f"{parked}-{n}-", 1, DUE, DUE_AT)
            took, moved = await _tick(engine, engine_timers)
            if moved != DUE:
                raise RuntimeError(f"{moved} of {DUE} runs moved")
            measured_ticks.ticks[parked].append(took)
    await _add(engine, "woken-", 1, WOKEN, DUE_AT)
    measured_ticks.wake_s, measured_ticks.moved = await _tick(engine, engine_timers)
    return measured_ticks


async def _engine(engine: AsyncEngine) -> Timers:
    """Timers of a journey with a play, and one customer who stands at its first step."""
    journey = read_map((ROOT / MAP).read_text("utf-8"), MAP)
    stages = [stage.name for stage in journey.stages]
    playbook, problems = read_playbook({"plays/bench.yaml": PLAY, "teams.yaml": TEAM}, stages)
    if problems:
        raise RuntimeError(str(problems))
    units = Units("journey", engine, WallClock(), Store, Rules(journey, playbook))
    async with transaction(engine, "journey", START) as tx:
        units.rules.versions.update(await publish(units.within(tx)))
    begun = SetupStarted(at=START, customer="template", source="cam", boot="b", seq=1)
    received = Received(begun, "begun", "device.lifecycle", 0, 0, START, START)
    async with transaction(engine, "journey", START) as tx:
        await units.handlers(HANDLERS)["device.lifecycle"](tx, [received])
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE customer SET due_at = NULL, republish_at = NULL"))
        await connection.execute(text("UPDATE run SET due_at = NULL"))
    engine_timers = Timers(
        engine, "journey", [Timer(units.due(f), due) for f, due in timers(daily=True)]
    )
    await engine_timers.fire(START, None)  # what is looked for once after a start
    return engine_timers


async def _add(engine: AsyncEngine, name: str, first: int, last: int, due_at: datetime) -> None:
    """More customers like the template, their runs due then."""
    named: dict[str, Any] = {"name": name}
    runs = {**named, "due_at": due_at}
    await fill(engine, [(_CUSTOMERS, named), (_STATES, named), (_RUNS, runs)], last, first)
    await vacuum(engine, "customer, customer_state, run")


async def _tick(engine: AsyncEngine, engine_timers: Timers) -> tuple[float, int]:
    """Seconds until nothing is due any more, and how many runs took exactly one step."""
    counted = text("SELECT count(*) FROM run WHERE step = 'more' AND visit = 2 AND lines = 4")
    async with engine.connect() as connection:
        before = (await connection.execute(counted)).scalar_one()
    began = monotonic()
    await engine_timers.fire(DUE_AT, None)
    took = monotonic() - began
    async with engine.connect() as connection:
        left = await connection.execute(
            text("SELECT count(*) FROM run WHERE due_at <= :at"), {"at": DUE_AT}
        )
        if left.scalar_one():
            raise RuntimeError("something is still due")
        return took, (await connection.execute(counted)).scalar_one() - before


def show(out: Console, measured_ticks: Found) -> None:
    """Median and extremes for each number of parked runs; the wake."""
    for parked, times in measured_ticks.ticks.items():
        middle = statistics.median(times)
        out.print(
            f"{DUE:,} steps due beside {parked:,} parked runs: median {1000 * middle:.0f} ms "
            f"({1000 * min(times):.0f} to {1000 * max(times):.0f}, {len(times)} ticks), "
            f"{DUE / middle:,.0f} steps/s"
        )
    few, many = (statistics.median(measured_ticks.ticks[parked]) for parked in PARKED)
    out.print(f"ratio {many / few:.2f}")
    out.print(
        f"{WOKEN:,} runs due at once: {measured_ticks.moved:,} took exactly one step in {measured_ticks.wake_s:.0f} s, "
        f"{measured_ticks.moved / measured_ticks.wake_s:,.0f} steps/s; {WOKEN - measured_ticks.moved:,} lost"
    )


async def measured(out: Console, folder: Path) -> None:
    """Measure and print."""
    show(out, await measure(folder))


if __name__ == "__main__":
    asyncio.run(measured(Screen(), Path(".playcaller-bench").absolute() / "engine"))
