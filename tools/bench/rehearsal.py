"""How long a rehearsal of 10,000 customers over 90 days takes, on a database of their pasts."""

import asyncio
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from services.journey.domain.customers.state import EARLY_USES, Mark, State, Switch, Tally
from services.journey.domain.days import DAY_S, moment_of, seconds
from services.journey.domain.rules import Rules
from services.journey.domain.stages.read_map import read_map
from services.journey.domain.stages.timeline import forward
from services.journey.edges.playbook import load_playbook
from services.journey.handlers.plays.rehearse import Asked, rehearse
from services.journey.store.plays.pasts import Pasts
from services.journey.store.tables import customer, customer_profile, customer_state, stage_history
from shared.clock import monotonic
from shared.db import rows
from tools.bench.database import database_of
from tools.local.process import ROOT
from tools.screens.screen import Screen

CUSTOMERS, DAYS = 10_000, 90
AT_ONCE = 1_000
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FOLDER = ROOT / "playbooks/home-camera"
Row = Mapping[str, Any]


async def measure(folder: Path) -> Mapping[str, tuple[float, int]]:
    """Seconds, and how many would have entered, by play."""
    async with database_of("journey", folder) as (engine, _):
        return await _measure(engine)


async def _measure(engine: AsyncEngine) -> Mapping[str, tuple[float, int]]:
    path = FOLDER / "journey.yaml"
    journey = read_map(path.read_text("utf-8"), str(path))
    playbook = load_playbook(FOLDER, [stage.name for stage in journey.stages])
    rules = Rules(journey, playbook)
    await _fill(engine, rules)
    by_play = {}
    for name in sorted(playbook.plays):
        began = monotonic()
        async with engine.connect() as connection:
            snapshot = await connection.execution_options(isolation_level="REPEATABLE READ")
            asked = Asked(name, DAYS)
            rehearsal = await rehearse(Pasts(snapshot), asked, rules, NOW, lambda many: None)
        by_play[name] = monotonic() - began, rehearsal.sums.entered.total()
    return by_play


async def _fill(engine: AsyncEngine, rules: Rules) -> None:
    """Customers with days of use, a set-up, errors and tickets; the same each time."""
    pasts = list(_pasts(rules))
    tables = (customer, customer_profile, customer_state, stage_history)
    for first in range(0, CUSTOMERS, AT_ONCE):
        some = pasts[first : first + AT_ONCE]
        async with engine.begin() as connection:
            for n, table in enumerate(tables):
                await rows.insert_new(connection, table, [row for past in some for row in past[n]])


def _pasts(rules: Rules) -> Iterator[tuple[list[Row], ...]]:
    """The rows of each customer, by table."""
    rng, until = random.Random(1), seconds(NOW)  # noqa: S311 - the same each time
    for n in range(CUSTOMERS):
        id_ = f"c-{n:05}"
        state = _state(rng, until)
        entries, _ = forward(rules.journey, state, None, 0, until)
        history: list[Row] = [
            {
                "customer": id_, "n": k, "at": moment_of(entry.at), "stage": entry.stage,
                "previous": entry.previous, "cause": entry.cause,
            }
            for k, entry in enumerate(entries)
        ]  # fmt: skip
        row = {
            "id": id_, "known": True, "kind": "household", "zone": state.zone, "region": "default",
            "entries": len(history), "evaluated": until, "uses": state.uses,
            "last_use": state.last_use, "routine_from": 0, "routine_to": 0, "version": 1,
            "created_at": NOW - timedelta(days=DAYS),
        }  # fmt: skip
        profile = {"customer": id_, "name": "Ann", "email": f"{id_}@example.org"}
        stored = msgspec.structs.replace(state, uses=0, last_use=0)
        yield [row], [profile], [{"customer": id_, "state": msgspec.json.encode(stored)}], history


def _state(rng: random.Random, until: int) -> State:
    bought = until - rng.randrange(DAYS * DAY_S)
    begun = bought + rng.randrange(3 * DAY_S)
    active = [
        at + rng.randrange(DAY_S // 2)
        for at in range(begun + DAY_S, until - DAY_S, DAY_S)
        if rng.random() < 0.6
    ]
    causes = [f"u{n}" for n in range(len(active))]
    errors = sorted(
        Mark(begun + rng.randrange(DAY_S * 20), f"e{n}") for n in range(rng.randrange(4))
    )
    opened = begun + rng.randrange(DAY_S * 30)
    return State(
        zone=rng.choice(["Europe/Berlin", "America/New_York", "UTC"]),
        uses=len(active), last_use=active[-1] if active else 0,
        first_use=Mark(active[0], "u0") if active else None, active=active, active_causes=causes,
        early=active[:EARLY_USES], early_causes=causes[:EARLY_USES],
        setup_started=Mark(begun, "s"),
        setup_completed=Mark(begun + rng.randrange(4 * DAY_S), "d") if rng.random() < 0.8 else None,
        purchases=Tally(1, [Mark(bought, "p")]), app_errors=Tally(len(errors), errors),
        tickets={"t": [Switch(1, opened, "o", True), Switch(2, opened + 2 * DAY_S, "c", False)]},
    )  # fmt: skip


def show(out: Console, by_play: Mapping[str, tuple[float, int]]) -> None:
    """Seconds of each play."""
    for name, (took, entered) in by_play.items():
        out.print(
            f"{name}: {took:.1f} s, {entered:,} of {CUSTOMERS:,} customers would have entered"
        )


async def run(out: Console, folder: Path) -> None:
    """Measure and print."""
    show(out, await measure(folder))


if __name__ == "__main__":
    asyncio.run(run(Screen(), Path(".playcaller-bench").absolute() / "rehearsal"))
