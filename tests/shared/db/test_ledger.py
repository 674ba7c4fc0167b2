"""The ledger counts every event once, whatever the order, and keeps gaps visible."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text

from shared.db import dropped, ledger, ledger_rows
from shared.db.engine import make_engine
from shared.db.ledger import Ranges, Sighting, judge, multirange
from shared.errors import Unprocessable

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOOT = "9f1c2ab37d405e68"


def seen(seq: int, minutes: float = 0, boot: str = BOOT, source: str = "cam-1") -> Sighting:
    return Sighting(source, "usage", boot, seq, NOON + timedelta(minutes=minutes))


LATER, EARLIER = NOON + timedelta(minutes=9), NOON - timedelta(minutes=9)


@pytest.mark.parametrize(
    ("minutes", "mark", "expected"),
    [
        pytest.param(0, 7, "duplicate", id="the same again"),
        pytest.param(0, 8, "conflict", id="other content at the same time"),
        pytest.param(99, 7, "duplicate", id="the mark decides, where there is one"),
    ],
)
def test_a_known_seq_with_its_mark(minutes, mark, expected):
    again = seen(1, minutes=minutes)._replace(mark=mark)
    _, duplicates, conflicts = judge(
        [again], [0], Ranges.parse("{[1,2)}"), LATER, EARLIER, {1: {7}}
    )
    assert (duplicates, conflicts) == (([0], []) if expected == "duplicate" else ([], [0]))


@pytest.mark.parametrize(
    ("minutes", "conflicts"),
    [
        pytest.param(-9, [], id="as early as the earliest"),
        pytest.param(-9.1, [0], id="earlier than anything"),
        pytest.param(9, [], id="as late as the latest"),
        pytest.param(9.1, [0], id="later than anything"),
    ],
)
def test_a_known_seq_without_its_mark_is_judged_by_time(minutes, conflicts):
    judged = judge([seen(1, minutes=minutes)], [0], Ranges.parse("{[1,2)}"), LATER, EARLIER)
    assert judged[2] == conflicts


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


TOO_MUCH = [
    pytest.param([[5, 3]], id="ends before it begins"),
    pytest.param([[1, 2], [9, 8]], id="the second one does"),
    pytest.param([[-1, 3]], id="below zero"),
    pytest.param([[0, 2**53 - 1]], id="every number there is"),
    pytest.param([[0, 1 << 20]], id="one number too many"),
    pytest.param([[0, 1 << 19], [1 << 30, (1 << 30) + (1 << 19)]], id="too many in all"),
    pytest.param([[n, n] for n in range(501)], id="501 ranges"),
]


@pytest.mark.parametrize("ranges", TOO_MUCH)
def test_a_report_has_limits(ranges):
    with pytest.raises(Unprocessable, match="out_of_range"):
        dropped.check_dropped(ranges)


@pytest.fixture
async def engine(postgres):
    made = make_engine(await postgres.runtime("ledger"))
    yield made
    await made.dispose()


@pytest.mark.servers
async def test_a_report_costs_one_statement_and_a_row_per_range_at_most(engine):
    said = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    wide = [(0, (1 << 20) - 1)]  # 256 blocks
    many = [(n << 12, (n << 12) + 1) for n in range(500)]
    async with engine.begin() as connection:
        await dropped.explain(connection, "cam-1", "usage", BOOT, wide)
        await dropped.explain(connection, "cam-2", "usage", BOOT, many)
        await dropped.explain(connection, "cam-2", "usage", BOOT, many[::-1])
        assert len(said) == 3
        rows = await connection.execute(
            text("SELECT source, count(*), sum(upper(r) - lower(r)) FROM ledger, unnest(dropped) r "
                 "GROUP BY 1 ORDER BY 1")
        )  # fmt: skip
        assert [tuple(row) for row in rows] == [("cam-1", 1, 1 << 20), ("cam-2", 500, 1_000)]


@pytest.mark.servers
@pytest.mark.parametrize("ranges", TOO_MUCH)
async def test_too_much_never_reaches_the_database(engine, ranges):
    async with engine.begin() as connection:
        with pytest.raises(Unprocessable, match="out_of_range"):
            await dropped.explain(connection, "cam-1", "usage", BOOT, ranges)
        assert (await connection.execute(text("SELECT count(*) FROM ledger"))).scalar_one() == 0


@pytest.mark.servers
async def test_every_event_is_counted_once_in_any_order(engine):
    everything = [seen(seq, minutes=seq / 60) for seq in range(10_000)]
    batches = [everything[5_000:], everything[:7_000], everything[::-1]]
    new = 0
    for batch in batches:
        async with engine.begin() as connection:
            verdicts = await ledger.count(connection, batch)
            new += len(verdicts.new)
            assert verdicts.conflicts == []
    async with engine.begin() as connection:
        assert await ledger_rows.cardinality(connection) == {"device.usage": 10_000}
        await dropped.explain(connection, "cam-1", "usage", BOOT, [(10, 11)])
        rows = await connection.execute(text("SELECT block, dropped::text FROM ledger ORDER BY 1"))
        assert [tuple(row) for row in rows] == [(0, "{[10,12)}"), (1, "{}"), (2, "{}")]
    assert new == 10_000


@pytest.mark.servers
@pytest.mark.parametrize(
    ("gaps", "at", "named"),
    [
        pytest.param(1_000, NOON, [], id="as many as may be"),
        pytest.param(1_001, NOON, ["cam-1"], id="one too many"),
        pytest.param(1_001, NOON - timedelta(days=2), [], id="long ago"),
    ],
)
async def test_whose_numbers_are_full_of_holes(engine, gaps, at, named):
    batch = [Sighting("cam-1", "usage", BOOT, 2 * n, at) for n in range(gaps + 1)]
    async with engine.begin() as connection:
        await ledger.count(connection, batch)
        await ledger.count(connection, [Sighting("cam-2", "usage", BOOT, 7, at)])
        assert await ledger_rows.fragmented(connection, NOON - timedelta(days=1)) == named
