"""Rows of a release before are carried over."""

from datetime import UTC, date, datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from services.analytics.domain.days.totals import DaySum
from services.analytics.store.days.days import Days
from shared.db.engine import make_engine
from shared.db.migrate import upgrade
from tests.analytics.conftest import MIGRATIONS
from tests.analytics.player import Player

pytestmark = pytest.mark.servers

FIRST = date(2026, 6, 1)
TOLD = "SELECT id, history, regions, owned, began, erased_from FROM customer ORDER BY id"
OLD = """
INSERT INTO customer (id, zone, region, version, plan, plan_before, plan_from, model, model_key,
    devices, released_on, erased, first_day) VALUES
    ('ana', 'Europe/Berlin', 'eu', 3, 'pro', 'plus', '2026-06-04', 'cam', 'k', 1, NULL, false,
        '2026-06-01'),
    ('bo', 'Asia/Tokyo', 'eu', 1, 'none', 'none', NULL, 'cam', 'k', 0, '2026-05-30', false,
        '2026-06-02'),
    ('kim', 'UTC', 'default', 0, 'none', 'none', NULL, NULL, NULL, 0, NULL, false, NULL),
    ('zoe', 'UTC', 'eu', 2, 'none', 'none', NULL, NULL, NULL, 0, NULL, true, NULL);
INSERT INTO region_clock VALUES
    ('eu', '{"Europe/Berlin": null, "Asia/Tokyo": null}', '2026-06-04', '2026-06-03',
        '2026-06-05 04:00:00.000001+00');
INSERT INTO day_close (region, day, closed_at, members, provisional, final) VALUES
    ('eu', '2026-06-01', '2026-06-02 04:00+00', 1, '{}', '{"": {}}'),
    ('eu', '2026-06-02', '2026-06-03 04:00+00', 2, '{}', NULL),
    ('eu', '2026-06-03', '2026-06-04 04:00+00', 2, '{}', NULL);
INSERT INTO state SELECT 'ana', '2026-06-01', 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0;
INSERT INTO day_input (customer, day, late, uses, hours, covered_s, faults) VALUES
    ('ana', '2026-06-01', 0, 5, 8, 1000, 0),
    ('ana', '2026-06-03', 0, 7, 8388609, 86400, 2),
    ('ana', '2026-06-03', 1, 1, 2, 0, 0),
    ('ana', '2026-06-04', 0, 0, 0, 43200, 0),
    ('bo', '2026-06-03', 0, 1, 1, 0, 0);
"""


def to_first(connection):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


@pytest.fixture
async def carried_over(postgres):
    """An engine on a database of the release before, with rows, migrated."""
    url = await postgres.database("analytics_old")
    made = make_engine(url)
    async with made.begin() as connection:
        await connection.run_sync(to_first)
    async with made.begin() as connection:
        for statement in OLD.split(";")[:-1]:
            await connection.exec_driver_sql(statement)
    await upgrade(url, MIGRATIONS)
    yield made
    await made.dispose()


async def test_what_customers_are_counts_for_always(carried_over):
    always = "0001-01-01"
    async with carried_over.connect() as connection:
        found = {row[0]: tuple(row[1:]) for row in await connection.execute(text(TOLD))}
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert found == {
        "ana": (
            [
                [always, "Europe/Berlin", "eu", "plus"],
                ["2026-06-04", "Europe/Berlin", "eu", "pro"],
            ],
            ["eu"],
            [[always, 1]],
            noon,
            None,
        ),
        "bo": (
            [[always, "Asia/Tokyo", "eu", "none"]],
            ["eu"],
            [[always, 1], ["2026-05-30", -1]],
            noon + timedelta(days=1),
            None,
        ),
        "kim": ([], ["default"], [], None, None),
        "zoe": ([[always, "UTC", "eu", "none"]], ["eu"], [], None, date.min),
    }


async def test_the_device_claimed_first_is_the_one_used_until_another_comes(carried_over):
    query = text("SELECT id, devices_told, fitted FROM customer ORDER BY id")
    async with carried_over.connect() as connection:
        rows = {id_: (told, fitted) for id_, told, fitted in await connection.execute(query)}
    always = "0001-01-01"
    cam = ([["k ", always, "", "claimed", "cam", None]], [[always, "cam", None]])
    assert rows == {"ana": cam, "bo": cam, "kim": ([], []), "zoe": ([], [])}


async def test_habits_are_made_from_the_days_that_are_final(carried_over):
    query = text(
        "SELECT used_first, used_last, used_days, gap_longest, gap_logs, pace_week, pace_year "
        "FROM state WHERE customer = 'ana'"
    )
    async with carried_over.connect() as connection:
        found = tuple((await connection.execute(query)).one())
    ordinal = FIRST.toordinal()
    assert found == (ordinal, ordinal, 1, 0, 0.0, 1.0, 1.0)


async def test_days_look_as_before_and_open_ones_become_final(carried_over):
    async def shown(customer):
        async with carried_over.connect() as connection:
            return await Days(connection).last(customer, 90)

    ana = {
        FIRST: DaySum(uses=5, hours=8, covered_s=1000),
        FIRST + timedelta(days=2): DaySum(
            uses=8, hours=8_388_611, covered_s=86_400, faults=2, late_uses=1
        ),
        FIRST + timedelta(days=3): DaySum(covered_s=43_200),
    }
    bo = {FIRST + timedelta(days=2): DaySum(uses=1, hours=1)}
    assert (await shown("ana"), await shown("bo")) == (ana, bo)
    player = Player(carried_over)
    assert await player.close_until(datetime(2026, 6, 7, 6, tzinfo=UTC)) == 3
    assert (await shown("ana"), await shown("bo")) == (ana, bo)
    assert [row[:3] for row in await player.rows("day_input")] == [
        ("ana", FIRST, 0),
        ("ana", FIRST + timedelta(days=2), 0),
        ("ana", FIRST + timedelta(days=2), 1),
        ("ana", FIRST + timedelta(days=3), 0),
        ("bo", FIRST + timedelta(days=2), 0),
    ]
    assert await player.rows("recent_input") == []
