"""A timer that raises is found, named and postponed; all others fire. On a real PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Column, DateTime, MetaData, Table, Text, select, text, update

from shared.db.engine import make_engine
from shared.db.tables import runtime_tables
from shared.stream.timers import AT_MOST, Timer, Timers

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

metadata = MetaData()
runtime_tables(metadata)
alarm = Table(
    "alarm",
    metadata,
    Column("id", Text, primary_key=True),
    Column("due_at", DateTime(timezone=True)),
    Column("again_at", DateTime(timezone=True)),
)


@pytest.fixture
async def engine(postgres):
    made = make_engine(await postgres.runtime("timers"))
    async with made.begin() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.execute(
            text("INSERT INTO alarm SELECT 'a' || n, CAST(:now AS timestamptz) - n * interval '1 s', CAST(:now AS timestamptz) "
                 "FROM generate_series(100, 119) n"),
            {"now": NOW},
        )  # fmt: skip
    yield made
    await made.dispose()


def firing(column, bad=(), fired=None):
    """Fires as services do: what is due, at most so many, then it is due no more."""

    async def fire(tx, limit=AT_MOST):
        due = alarm.c[column]
        first = select(alarm.c.id).where(due <= tx.now).order_by(due, alarm.c.id).limit(limit)
        ids = list((await tx.connection.execute(first)).scalars())
        await tx.connection.execute(update(alarm).where(alarm.c.id.in_(ids)).values({due: None}))
        for id_ in ids:
            if id_ in bad:
                raise KeyError(id_)
        if fired is not None:
            fired.append((column, len(ids)))
        return len(ids)

    return Timer(fire, alarm.c[column])


async def left(engine, column):
    async with engine.begin() as connection:
        due = alarm.c[column]
        found = await connection.execute(select(alarm.c.id, due).where(due.is_not(None)))
        return {id_: at for id_, at in found}  # noqa: C416 - rows are no pairs to `dict`


@pytest.mark.servers
async def test_two_rows_that_raise_wait_and_all_others_fire(engine, caplog):
    bad = {"a103", "a119"}
    kinds = [firing("due_at", bad), firing("again_at", {"a110"})]
    timers = Timers(engine, "support", kinds)
    assert await timers.fire(NOW, None)
    hour = NOW + timedelta(hours=1)
    assert await left(engine, "due_at") == dict.fromkeys(bad, hour)
    assert await left(engine, "again_at") == {"a110": hour}
    names = {"timer:alarm.due_at/a103", "timer:alarm.due_at/a119", "timer:alarm.again_at/a110"}
    assert set(timers.aside) == names
    assert timers.waiting == 3
    assert {r.event_id for r in caplog.records if "set aside" in r.message} == names

    bad.clear()  # mended: they fire when they are due again
    assert await timers.fire(hour, None)
    assert await left(engine, "due_at") == {}
    assert set(timers.aside) == {"timer:alarm.again_at/a110"}


@pytest.mark.servers
async def test_whoever_was_due_before_a_bad_row_has_fired_when_it_is_found(engine, monkeypatch):
    """Each batch is a transaction of its own: the process dies as the row is to be set aside."""
    timers = Timers(engine, "support", [firing("due_at", {"a104"}), firing("again_at")])

    async def dies(*given):
        raise SystemExit

    monkeypatch.setattr(timers, "_park", dies)
    with pytest.raises(SystemExit):
        await timers.fire(NOW, None)
    assert sorted(await left(engine, "due_at")) == ["a100", "a101", "a102", "a103", "a104"]


@pytest.mark.servers
async def test_batches_fire_in_order_of_due_time_whichever_kind_it_is(engine):
    fired = []
    async with engine.begin() as connection:
        earlier = update(alarm).values(again_at=alarm.c.due_at - timedelta(seconds=10))
        await connection.execute(earlier)
    timers = Timers(engine, "support", [firing(each, (), fired) for each in ("due_at", "again_at")])
    timers._limits = [5, 5]
    assert await timers.fire(NOW, None)
    assert fired == [
        ("again_at", 5), ("again_at", 10), ("due_at", 5), ("due_at", 10), ("again_at", 5),
        ("due_at", 5),
    ]  # fmt: skip


@pytest.mark.servers
async def test_with_nothing_due_nothing_is_called(engine):
    async def never(tx, limit=AT_MOST):
        raise AssertionError

    timers = Timers(engine, "support", [Timer(never, alarm.c.due_at)])
    assert await timers.fire(NOW - timedelta(days=1), None)
    assert timers.waiting == 0


@pytest.mark.servers
async def test_timers_that_raise_whatever_is_due_rest_and_the_others_fire(engine):
    calls = []

    async def broken(tx, limit=AT_MOST):
        calls.append(limit)
        raise ValueError("always")

    timers = Timers(engine, "support", [Timer(broken), firing("due_at")])
    assert await timers.fire(NOW, None)
    assert await timers.fire(NOW, None)
    assert await left(engine, "due_at") == {}
    assert calls == [AT_MOST, 1]
    assert timers.waiting == 1
