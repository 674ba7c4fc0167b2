"""What closing a day of a large region costs: seconds, memory, and how much of it is PostgreSQL."""

import asyncio
import json
import resource
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # no stubs in the lock
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.analytics.domain.days.item import pack
from services.analytics.domain.days.local_day import quarter_of
from services.analytics.domain.drops.state import COLUMNS, WHOLE
from services.analytics.handlers.days.close_days import close_days
from services.analytics.store.store import Store
from shared.clock import WallClock, monotonic
from shared.db.engine import make_engine
from shared.stream.transaction import transaction
from shared.stream.units import Units
from tools.bench.database import database_of, fill, vacuum
from tools.screens.screen import Screen

CUSTOMERS = 1_000_000
DAY = date(2026, 3, 10)
MODELS = ("cam-1", "cam-2", "bell", "light", "lock")
HOURS = (8, 13, 19)  # with use, of each day

_CUSTOMERS = text(
    """INSERT INTO customer (id, version, history, regions, fitted, began, owned)
    SELECT 'customer-' || lpad(n::text, 8, '0'), 1,
    jsonb_build_array(jsonb_build_array('0001-01-01', 'Europe/Berlin', 'eu',
        (ARRAY['basic', 'plus'])[1 + n % 2], 9.99)),
    ARRAY['eu'], jsonb_build_array(jsonb_build_array(DATE '2025-06-01' + n % 100,
        (CAST(:models AS text[]))[1 + n % 5], '1.' || n % 3)),
    TIMESTAMPTZ '2025-06-01 10:00Z' + n % 100 * INTERVAL '1 day' + n % 90 * INTERVAL '15 min',
    jsonb_build_array(jsonb_build_array(DATE '2025-06-01' + n % 100, 1))
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n"""
)
_INPUTS = text(
    """INSERT INTO recent_input (customer, cause, first_at, arrived, items)
    SELECT 'customer-' || lpad(n::text, 8, '0'), :cause || n, :first_at, :arrived, :items
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n"""
)
_NUMBERS = {
    "uses": "60 + n % 97",
    "days": "40 + n % 3",
    "near_uses": "60.0 + n % 13",
    "near_days": "21",
    "recent": "2.5 + (n % 11) / 10.0",
    "usual": "2.8",
    "coverage": "1",
    "reporting_days": "150 + n % 30",
    "onset": "739680",
    "used_days": "120 + n % 40",
    "used_first": "739500",
    "used_last": "739684",
    "pace_week": "12",
    "pace_month": "60",
    "pace_quarter": "160",
    "pace_year": "300",
    "gap_longest": "4",
}
_STATES = text(
    f"""INSERT INTO state (customer, day, heard_until, {", ".join(COLUMNS)})
    SELECT 'customer-' || lpad(n::text, 8, '0'), :day, :heard,
    {", ".join(_NUMBERS.get(name, "0" if name in WHOLE else "n % 7 / 10000.0") for name in COLUMNS)}
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n"""  # noqa: S608 - names of ours
)
_CLOCK = text(
    """INSERT INTO region_clock (region, zones, next_day, closed, due_at)
    VALUES ('eu', '{"Europe/Berlin": null}', :day, :closed, :due)"""
)


def _items(day: date) -> bytes:
    """Three hours with use and three heartbeats."""
    noon = datetime(day.year, day.month, day.day, tzinfo=UTC)
    quarters = [quarter_of(noon + timedelta(hours=hour)) for hour in HOURS]
    uses = [((q, q + 1, 0), [1, 0, 0, 0, 0]) for q in quarters]
    beats = [((q + 2, q + 3, 0), [0, 28_800, 0, 0, 0]) for q in quarters]
    return pack(uses + beats)


async def _fill(engine: AsyncEngine, customers: int) -> None:
    """A region that has closed the days before DAY, with inputs of the three days open."""
    before = {"day": DAY - timedelta(days=4), "heard": datetime(2026, 3, 8, 5, tzinfo=UTC)}
    await fill(engine, [(_CUSTOMERS, {"models": list(MODELS)}), (_STATES, before)], customers)
    for back in (3, 2, 1, 0):
        day = DAY - timedelta(days=back)
        at = datetime(day.year, day.month, day.day, HOURS[0], tzinfo=UTC)
        sent = {
            "cause": f"/device.usage-{day}#",
            "first_at": at,
            "arrived": at + timedelta(hours=13),
            "items": _items(day),
        }
        await fill(engine, [(_INPUTS, sent)], customers)
    due = datetime(DAY.year, DAY.month, DAY.day, 6, tzinfo=UTC) + timedelta(days=1)
    async with engine.begin() as connection:
        last = {"day": DAY - timedelta(days=1), "closed": DAY - timedelta(days=2)}
        await connection.execute(_CLOCK, {**last, "due": due - timedelta(days=1)})


async def _close(url: str, day: date) -> None:
    """Close a day, in a process of its own, and print what it took of it."""
    engine = make_engine(url)
    now = datetime(day.year, day.month, day.day, 7, tzinfo=UTC) + timedelta(days=1)
    due = Units("analytics", engine, WallClock(), Store, None).due(close_days)
    async with engine.connect() as connection:  # the pool has no other, so the closing gets it
        pid = await connection.scalar(text("SELECT pg_backend_pid()"))
    backend = psutil.Process(pid)
    began = monotonic()
    async with transaction(engine, "analytics", now) as tx:
        closed = await due(tx)
    took = monotonic() - began
    times = backend.cpu_times()
    await engine.dispose()
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    print(json.dumps([closed, took, cpu, times.user + times.system, used.ru_maxrss * 1024]))


async def measure(folder: Path, customers: int) -> dict[str, float]:
    """Seconds and bytes of a closing, by name."""
    async with database_of("analytics", folder) as (engine, url):
        await _fill(engine, customers)
        await _in_process(url, DAY - timedelta(days=1))  # as on any day: it was closed before
        await vacuum(engine)
        closed, took, cpu, postgres, memory = await _in_process(url, DAY)
    if closed != 1:
        raise RuntimeError("nothing was closed")
    return {"took": took, "cpu": cpu, "postgres": postgres, "memory": memory}


async def _in_process(url: str, day: date) -> list[float]:
    command = (sys.executable, "-m", "tools.bench.closing", url, day.isoformat())
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError("the closing failed")
    measured: list[float] = json.loads(said)
    return measured


def show(out: Console, customers: int, took: dict[str, float]) -> None:
    """One line."""
    out.print(
        f"{customers:,} customers: {took['took']:.0f} s, of one core {took['cpu']:.0f} s here "
        f"and {took['postgres']:.0f} s in PostgreSQL; memory {took['memory'] / 1e6:.0f} MB"
    )


async def run(out: Console, folder: Path, customers: int = CUSTOMERS) -> None:
    """Measure and print."""
    show(out, customers, await measure(folder, customers))


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1].startswith("postgresql"):
        asyncio.run(_close(sys.argv[1], date.fromisoformat(sys.argv[2])))
    else:
        many = int(sys.argv[1]) if sys.argv[1:] else CUSTOMERS
        asyncio.run(run(Screen(), Path(".playcaller-bench").absolute() / "closing", many))
