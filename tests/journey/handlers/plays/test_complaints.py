"""What people complain of in engines like this one, and what keeps ours from it.

Which complaint, and where the rest is tested: docs/why/what-engines-are-blamed-for.md.
"""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text as sql
from sqlalchemy.exc import IntegrityError

from services.journey.domain.days import seconds
from services.journey.handlers.plays.rehearse import Asked, rehearse
from services.journey.store.plays.pasts import Pasts
from services.journey.store.tables import run
from tests.journey.conftest import START
from tests.journey.engine import HOUR, NOON, Engine, error, started, with_address
from tests.journey.plays import text

pytestmark = pytest.mark.servers
DAY = timedelta(days=1)
WAITS = "  - {step: rest, wait: 2d}\n  - {step: first, mail: one}\n"
HELP = text(WAITS)
ERRORS = text("  - {step: first, mail: two}\n", "{happens: app_errors}", "again: 7d", "errors")


async def test_a_step_added_to_a_live_play_says_who_comes_to_it_and_who_is_past_it(engine, rows):
    """Nobody stands in a step that never begins, and a rehearsal says beforehand how many come there."""
    journey = Engine(engine, text("  - {step: rest, wait: 2d}\n  - {step: long, wait: 9d}\n"))
    await journey.publish()
    for name, at in (("past", START), ("before", START + DAY)):
        await journey.handle(started(at, name), now=at)
    await journey.fire(START + 2 * DAY)
    more = "  - {step: rest, wait: 2d}\n  - {step: new, wait: 1h}\n  - {step: long, wait: 9d}\n"
    journey = Engine(engine, text(more))
    await journey.publish(START + 2 * DAY + HOUR)
    for hours in (1, 25, 27):
        await journey.fire(START + 2 * DAY + timedelta(hours=hours))
    stood = await rows("SELECT r.customer, l.step FROM run_line l JOIN run r ON r.id = l.run "
                       "WHERE what = 'begun' ORDER BY r.customer, l.n")  # fmt: skip
    assert [(one["customer"], one["step"]) for one in stood] == [
        ("before", "rest"), ("before", "new"), ("before", "long"), ("past", "rest"), ("past", "long"),
    ]  # fmt: skip
    async with engine.connect() as connection:
        asked = Asked("help", 30)
        made = await rehearse(
            Pasts(connection), asked, journey.rules, START + 9 * DAY, lambda n: None
        )
    assert {step: made.sums.steps[step][""] for step in ("rest", "new", "long")} == {
        "rest": 2, "new": 2, "long": 2,
    }  # fmt: skip


async def test_a_look_for_what_is_due_reads_what_is_due(engine):
    """The work of a tick follows what is due, not who is in a play: no scan of those who wait."""
    journey = Engine(engine, HELP)
    await journey.publish()
    await journey.handle(started())
    copied = ", ".join(f'"{name}"' for name in _columns())
    others = {
        "id": "'r' || n",
        "rotation": "n",
        "state": "'ended'",
        "due_at": "timestamptz '2027-01-01Z'",
    }
    async with engine.begin() as connection:
        await connection.execute(
            sql(
                f"INSERT INTO run ({copied}) SELECT "  # noqa: S608 - names of ours
                + ", ".join(others.get(name, f't."{name}"') for name in _columns())
                + " FROM run t, generate_series(1, 5000) n"
            )
        )
        await connection.execute(sql("ANALYZE run"))
        await connection.execute(sql("SET LOCAL enable_seqscan = off"))  # whatever statistics say
        plan = "\n".join(
            (
                await connection.execute(
                    sql(
                        "EXPLAIN SELECT id FROM run WHERE due_at <= '2026-01-02Z' ORDER BY due_at, id LIMIT 500"
                    )
                )
            ).scalars()
        )
    assert "ix_run_due_at" in plan, plan


def _columns():
    return [column.name for column in run.columns]


async def test_who_enters_twice_at_once_is_in_it_once(engine, rows):
    """Entering is unique in the database: two processes that learn of the same at once begin one run."""
    journey = Engine(engine, HELP, ERRORS)
    await journey.publish()
    same = [journey.handle(started(), now=START) for _ in range(4)]
    other = [journey.handle(error(START, n), now=START) for n in range(4)]
    await asyncio.gather(*same, *other)
    found = await rows("SELECT play, count(*) FROM run GROUP BY play ORDER BY play")
    assert [(one["play"], one["count"]) for one in found] == [("errors", 1), ("help", 1)]
    copied = ", ".join(f'"{name}"' for name in _columns() if name not in {"id", "rotation"})
    with pytest.raises(IntegrityError, match="uq_run_active"):
        async with engine.begin() as connection:
            await connection.execute(
                sql(
                    f"INSERT INTO run (id, rotation, {copied}) SELECT 'again', 7, {copied} FROM run "  # noqa: S608
                    "WHERE play = 'help'"
                )
            )


async def test_what_a_night_held_does_not_come_in_one_burst(engine, rows):
    """Steps are worked out at night, their mails go out in the morning, spread over an hour."""
    journey = Engine(engine, text("  - {step: first, mail: one}\n  - {step: rest, wait: 1d}\n"))
    await journey.publish()
    names = [f"c-{n:02}" for n in range(40)]
    await with_address(engine, *names)
    night = NOON + 11 * HOUR
    for name in names:
        await journey.handle(started(night, name), now=night)
    await journey.send(night)
    assert await rows("SELECT DISTINCT verdict, why FROM message") == [
        {"verdict": "defer", "why": "quiet_hours"}
    ]
    due = [seconds(one["due_at"]) for one in await rows("SELECT due_at FROM effect")]
    morning = seconds(NOON + 20 * HOUR)
    assert all(morning <= at < morning + 3_600 for at in due)
    busiest = max(sum(at <= one < at + 300 for one in due) for at in due)
    assert busiest < len(names) / 2, "most go out within five minutes"
