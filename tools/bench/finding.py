"""How long a page of the list of a million customers takes as it is filtered, and how long its count."""

import asyncio
import statistics
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.journey.domain.customers.wanted import Wanted
from services.journey.store.readers import CustomerReader
from shared.clock import monotonic
from tools.bench.database import database_of, fill, vacuum
from tools.screens.screen import Screen

CUSTOMERS = 1_000_000
LIMIT, TIMES = 51, 5
RARE = 50  # the last ones: of a stage, a plan, a firmware and a CSM of their own

_NUMBERS = "generate_series(CAST(:first AS int), CAST(:last AS int)) n"
_ID = "'c-' || lpad(n::text, 7, '0')"
_STAGES = "ARRAY['purchased', 'onboarding', 'first use', 'engaged', 'advocate', 'lapsed']"
_LAST = f"n >= {CUSTOMERS - RARE}"
FILLS = tuple(
    f"INSERT INTO {rows} FROM {_NUMBERS}"
    for rows in (
        f"""customer (id, known, kind, zone, region, stage, stage_since, entries, evaluated, uses,
          last_use, routine_from, routine_to, version, created_at)
        SELECT {_ID}, true, 'household', 'Europe/Berlin', 'region-' || n % 12,
          CASE WHEN {_LAST} THEN 'renewed' ELSE ({_STAGES})[1 + n % 6] END, now(), 1, 0, 9, 0, 0, 0,
          1, now()""",
        f"""customer_profile (customer, name, email)
        SELECT {_ID}, 'Person ' || n, 'person.' || n || '@example.org'""",
        f"""subscription (customer, plan, status, started_at, price_month)
        SELECT {_ID}, CASE WHEN {_LAST} THEN 'rare' ELSE 'plan-' || n % 5 END, 'active', now(), 5""",
        f"""device (id, version, customer, model, firmware)
        SELECT 'cam-' || n, 2, {_ID}, 'cam-' || n % 5,
          CASE WHEN {_LAST} THEN '5.0' ELSE '4.' || n % 9 END""",
        f"""portfolio (customer, csm, since, who)
        SELECT {_ID}, CASE WHEN {_LAST} THEN 'account:few' ELSE 'account:' || n % 300 END, now(), 'x'""",
    )
)
WANTED: Mapping[str, Wanted] = {
    "all": Wanted(),
    "a stage": Wanted(stage="engaged"),
    "a rare stage": Wanted(stage="renewed"),
    "a rare plan": Wanted(plan="rare"),
    "a stage and a region that nobody has": Wanted(stage="lapsed", region="region-4"),
    "a stage and a plan of few": Wanted(stage="engaged", plan="rare"),
    "a region and a plan of few": Wanted(region="region-3", plan="rare"),
    "a model and a firmware of few": Wanted(model="cam-3", firmware="5.0"),
    "a word of 111": Wanted(text="4711"),
    "a word of nobody": Wanted(text="zwieback"),
    "a word of all": Wanted(text="person"),
    "a word of all, a rare stage": Wanted(text="person", stage="renewed"),
    "an id": Wanted(text="c-0500000"),
    "a CSM": Wanted(csm="account:7"),
    "a CSM and a stage": Wanted(csm="account:7", stage="purchased"),
}


async def run(out: Console, folder: Path) -> None:
    """Measure and show."""
    async with database_of("journey", folder) as (engine, _):
        await fill(engine, [(text(rows), {}) for rows in FILLS], CUSTOMERS - 1, 0)
        await vacuum(engine)
        show(out, await measure(engine))


async def measure(engine: AsyncEngine) -> Mapping[str, tuple[float, float, int]]:
    """Milliseconds of a page and of the count, and how many were counted, by what was asked for."""
    measured = {}
    async with engine.connect() as connection:
        reader = CustomerReader(connection)
        for name, wanted in WANTED.items():
            page_ms = await _median_ms(lambda wanted=wanted: reader.listed(wanted, None, LIMIT))  # type: ignore[misc]
            count_ms = await _median_ms(lambda wanted=wanted: reader.count(wanted))  # type: ignore[misc]
            measured[name] = page_ms, count_ms, await reader.count(wanted)
    return measured


async def _median_ms(ask: Callable[[], Awaitable[object]]) -> float:
    took = []
    for _ in range(TIMES):
        began = monotonic()
        await ask()
        took.append((monotonic() - began) * 1000)
    return statistics.median(took)


def show(out: Console, measured: Mapping[str, tuple[float, float, int]]) -> None:
    """A line for each question; counts of 10,000 and more are given as of a moment ago."""
    table = Table(f"of {CUSTOMERS:,} customers", "found", "page ms", "count ms")
    for name, (page_ms, count_ms, customers) in measured.items():
        table.add_row(name, f"{customers:,}", f"{page_ms:.1f}", f"{count_ms:.1f}")
    out.print(table)


if __name__ == "__main__":
    asyncio.run(run(Screen(), Path(".playcaller-bench").absolute() / "finding"))
