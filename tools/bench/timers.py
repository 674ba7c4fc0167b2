"""What a tick of journey's timers costs with 1,000 customers due, whatever number is parked."""

import asyncio
import statistics
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.journey.domain.rules import Rules
from services.journey.domain.stages.read_map import read_map
from services.journey.edges.consumer import HANDLERS, timers
from services.journey.store.store import Store
from services.journey.store.tables import customer
from shared.clock import WallClock, monotonic
from shared.events import Usage
from shared.stream.record import Received
from shared.stream.timers import Timer, Timers
from shared.stream.transaction import transaction
from shared.stream.units import Units
from tools.bench.database import database_of, fill, vacuum
from tools.local.process import ROOT
from tools.screens.screen import Screen

PARKED = (10_000, 1_000_000)
DUE = 1_000
TICKS = 9
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
FAR = timedelta(days=1_000)
MAP = "playbooks/home-camera/journey.yaml"

_COLUMNS = [column.name for column in customer.columns if column.name not in {"id", "due_at"}]
_CUSTOMERS = text(
    f"""INSERT INTO customer (id, due_at, {", ".join(_COLUMNS)})
    SELECT :name || n, CAST(:due_at AS timestamptz), {", ".join(f"t.{name}" for name in _COLUMNS)}
    FROM customer t, generate_series(CAST(:first AS int), CAST(:last AS int)) n
    WHERE t.id = 'template'"""  # noqa: S608 - names of ours
)
_STATES = text(
    """INSERT INTO customer_state SELECT :name || n, s.state
    FROM customer_state s, generate_series(CAST(:first AS int), CAST(:last AS int)) n
    WHERE s.customer = 'template'"""
)


async def measure(folder: Path) -> dict[int, list[float]]:
    """Seconds of each of TICKS ticks, by the number of customers parked beside the DUE ones."""
    async with database_of("journey", folder) as (engine, _):
        return await _measure(engine)


async def _measure(engine: AsyncEngine) -> dict[int, list[float]]:
    rules = Rules(read_map((ROOT / MAP).read_text("utf-8"), MAP))
    units = Units("journey", engine, WallClock(), Store, rules)
    due_at = await _template(engine, units)
    kinds = [Timer(units.due(fire), due) for fire, due in timers(daily=True)]
    loop = Timers(engine, "journey", kinds)
    await loop.fire(START, None)  # what is looked for once after a start
    seconds: dict[int, list[float]] = {}
    before = 0
    for parked in PARKED:
        await _add(engine, "parked-", before + 1, parked, due_at + FAR)
        before = parked
        seconds[parked] = [
            await _tick(engine, loop, due_at, f"{parked}-{n}-") for n in range(TICKS)
        ]
    return seconds


async def _template(engine: AsyncEngine, units: Units[Store, Rules]) -> datetime:
    """One customer who used a camera once; when time alone may change their stage next."""
    use = Usage(at=START, customer="template", source="cam", boot="b", seq=1, by="person")
    received = Received(use, "use", "device.usage", 0, 0, START, START)
    async with transaction(engine, "journey", START) as tx:
        await units.handlers(HANDLERS)["device.usage"](tx, [received])
    async with engine.begin() as connection:
        result = await connection.execute(
            text("UPDATE customer SET republish_at = NULL RETURNING due_at")
        )
        due_at: datetime = result.scalar_one()
    return due_at


async def _add(engine: AsyncEngine, name: str, first: int, last: int, due_at: datetime) -> None:
    """More customers like the template, due then."""
    named: dict[str, Any] = {"name": name}
    await fill(engine, [(_CUSTOMERS, {**named, "due_at": due_at}), (_STATES, named)], last, first)
    await vacuum(engine, "customer, customer_state")


async def _tick(engine: AsyncEngine, timers: Timers, due_at: datetime, name: str) -> float:
    await _add(engine, name, 1, DUE, due_at)
    began = monotonic()
    await timers.fire(due_at, None)
    took = monotonic() - began
    async with engine.begin() as connection:
        left = await connection.execute(
            text("SELECT count(*) FROM customer WHERE due_at <= :at"), {"at": due_at}
        )
        if left.scalar_one():
            raise RuntimeError("something is still due")
    return took


def show(out: Console, measured: Mapping[int, list[float]]) -> None:
    """Median and extremes for each number of parked customers, and how much more the most cost."""
    for parked, times in measured.items():
        low, middle, high = min(times), statistics.median(times), max(times)
        out.print(
            f"{DUE:,} due beside {parked:,} parked: median {1000 * middle:.0f} ms "
            f"({1000 * low:.0f} to {1000 * high:.0f}, {len(times)} ticks)"
        )
    few, many = (statistics.median(measured[parked]) for parked in PARKED)
    out.print(f"ratio {many / few:.2f}")


async def run(out: Console, folder: Path) -> None:
    """Measure and print."""
    show(out, await measure(folder))


if __name__ == "__main__":
    asyncio.run(run(Screen(), Path(".playcaller-bench").absolute() / "timers"))
