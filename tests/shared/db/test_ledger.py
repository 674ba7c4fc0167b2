"""The ledger counts every event once, whatever the order, and keeps gaps visible."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData, text

from shared.db import ledger
from shared.db.engine import make_engine
from shared.db.ledger import Ranges, Sighting, judge, multirange
from shared.db.tables import runtime_tables

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOOT = "9f1c2ab37d405e68"


def seen(seq: int, minutes: float = 0, boot: str = BOOT, source: str = "cam-1") -> Sighting:
    return Sighting(source, "usage", boot, seq, NOON + timedelta(minutes=minutes))


@given(st.sets(st.integers(0, 300)))
def test_a_multirange_holds_exactly_its_numbers(numbers):
    known = Ranges.parse(multirange(numbers))
    assert {n for n in range(302) if n in known} == numbers


@pytest.mark.parametrize(
    ("sightings", "known", "known_at", "expected"),
    [
        pytest.param([seen(1), seen(2)], "{}", None, ([0, 1], [], []), id="nothing known"),
        pytest.param([seen(1)], "{[1,2)}", NOON, ([], [0], []), id="the same again"),
        pytest.param([seen(2)], "{[1,2)}", NOON, ([0], [], []), id="the next"),
        pytest.param(
            [seen(1, minutes=1)], "{[1,2)}", NOON, ([], [], [0]), id="known seq, later: conflict"
        ),
        pytest.param([seen(1, minutes=-1)], "{[1,2)}", NOON, ([], [0], []), id="known, earlier"),
        pytest.param([seen(1), seen(1)], "{}", None, ([0], [1], []), id="twice in one batch"),
        pytest.param(
            [seen(1), seen(1, minutes=1)], "{}", None, ([0], [], [1]), id="conflict in one batch"
        ),
        pytest.param(
            [seen(5, minutes=9), seen(1, minutes=1), seen(1, minutes=1)],
            "{}", None, ([0, 1], [2], []), id="newest first, then a duplicate",
        ),
    ],
)  # fmt: skip
def test_what_is_new(sightings, known, known_at, expected):
    found = judge(sightings, range(len(sightings)), Ranges.parse(known), known_at)
    assert found == expected


@pytest.mark.servers
async def test_every_event_is_counted_once_in_any_order(postgres):
    engine = make_engine(await postgres.database("ledger"))
    metadata = MetaData()
    runtime_tables(metadata)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    everything = [seen(seq, minutes=seq / 60) for seq in range(10_000)]
    batches = [everything[5_000:], everything[:7_000], everything[::-1]]
    new = 0
    for batch in batches:
        async with engine.begin() as connection:
            verdicts = await ledger.count(connection, batch)
            new += len(verdicts.new)
            assert verdicts.conflicts == []
    async with engine.begin() as connection:
        assert await ledger.cardinality(connection) == {"device.usage": 10_000}
        await ledger.explain(connection, "cam-1", "usage", BOOT, [(10, 11)])
        rows = await connection.execute(text("SELECT block, dropped::text FROM ledger ORDER BY 1"))
        assert [tuple(row) for row in rows] == [(0, "{[10,12)}"), (1, "{}"), (2, "{}")]
    assert new == 10_000
    await engine.dispose()
