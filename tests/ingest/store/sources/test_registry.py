"""The registry in memory, against the one in PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text

from services.ingest.domain.sources.ownership import Ownership
from services.ingest.domain.sources.source import Source
from services.ingest.errors import Away
from services.ingest.handlers.sources import change_registry
from services.ingest.store.sources import notices
from services.ingest.store.sources.registry import Registry
from services.ingest.store.sources.sources import Sources
from services.ingest.store.tables import boot
from shared.db.engine import make_engine
from shared.stream.transaction import transaction
from tests.ingest.conftest import UNITS

pytestmark = pytest.mark.servers

T = datetime(2026, 3, 1, tzinfo=UTC)


async def register(engine, *ids: str, now: datetime = T) -> None:
    async with transaction(engine, "ingest", now) as tx:
        wanted = [Source(id_, "device", model="cam-2") for id_ in ids]
        await change_registry.register(UNITS.within(tx), wanted)


async def claim(engine, id_: str, customer: str, now: datetime = T) -> None:
    async with transaction(engine, "ingest", now) as tx:
        await change_registry.claim(UNITS.within(tx), [(id_, customer)])


async def test_one_query_brings_owners_and_boots(engine):
    await register(engine, "cam-1", "cam-2")
    await claim(engine, "cam-1", "ann")
    async with engine.begin() as connection:
        seen = {"source": "cam-1", "boot": "a" * 16, "first_seen": T, "last_seen": T}
        await connection.execute(insert(boot).values(**seen))
    registry = Registry(engine, 1_000)
    assert registry.known(["cam-1", "nobody"]) == ({}, {"cam-1", "nobody"})
    found = await registry.fetch({"cam-1", "cam-2", "nobody"})
    assert found.keys() == {"cam-1", "cam-2"}
    assert found["cam-1"].owners == (Ownership("ann", T),)
    assert found["cam-1"].boots == {"a" * 16: T}
    assert (found["cam-2"].status, found["cam-2"].model) == ("registered", "cam-2")
    assert registry.known(["cam-1", "cam-2"]) == (found, set())


async def test_the_least_recently_heard_leave_first(engine):
    await register(engine, "a", "b", "c")
    registry = Registry(engine, 2)
    await registry.fetch({"a"})
    await registry.fetch({"b"})
    registry.known(["a"])
    await registry.fetch({"c"})
    assert registry.known(["a", "b", "c"])[1] == {"b"}


async def test_a_row_that_is_only_seeded_is_nobody(engine):
    async with transaction(engine, "ingest", T) as tx:  # a claim of an unknown id seeds nothing
        assert await Sources(tx.connection).lock(["cam-1"]) == {}
        assert await Sources(tx.connection).lock(["cam-1"], seed_kind="device") == {}
    assert await Registry(engine, 10).fetch({"cam-1"}) == {}


async def test_what_changes_while_it_is_read_is_not_kept(engine):
    await register(engine, "cam-1")
    registry = Registry(engine, 10)
    async with engine.begin() as connection:
        await connection.execute(text("LOCK TABLE ownership IN ACCESS EXCLUSIVE MODE"))
        reading = asyncio.create_task(registry.fetch({"cam-1"}))
        await asyncio.sleep(0.2)
        registry.forget(["cam-1"])
    assert (await reading).keys() == {"cam-1"}
    assert registry.known(["cam-1"])[1] == {"cam-1"}
    assert registry.forgotten == 1


async def test_what_is_being_changed_is_named_and_loaded_anew_after_it(engine):
    await register(engine, "cam-1", "cam-2")
    registry = Registry(engine, 10)
    await registry.fetch({"cam-1", "cam-2"})
    with registry.changing(["cam-1", "cam-1"]):
        with registry.changing(["cam-1"]):
            assert registry.in_change() == {"cam-1"}
        assert registry.in_change() == {"cam-1"}
        await registry.fetch({"cam-1"})
    assert registry.in_change() == set()
    assert registry.known(["cam-1", "cam-2"])[1] == {"cam-1"}
    assert registry.forgotten == 2


async def test_other_processes_hear_of_changes(engine, store_database):
    heard, began = asyncio.Queue(), asyncio.Event()
    task = asyncio.create_task(notices.listen(store_database, heard.put_nowait, began.set))
    try:
        await asyncio.wait_for(began.wait(), 10)
        several = [f"source-with-a-long-name-{n:040}" for n in range(300)]
        await register(engine, *several)
        told: list[str] = []
        async with asyncio.timeout(90):
            while len(told) < 300:
                told += await heard.get()
        assert sorted(told) == sorted(several)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_after_a_lost_connection_everything_is_asked_anew(
    engine, store_database, monkeypatch
):
    monkeypatch.setattr(notices, "CHECK_S", 0.1)
    monkeypatch.setattr(notices, "RETRY_S", 0.1)
    began = asyncio.Queue()
    task = asyncio.create_task(
        notices.listen(store_database, lambda _: None, lambda: began.put_nowait(1))
    )
    try:
        await asyncio.wait_for(began.get(), 10)
        async with engine.connect() as connection:
            await connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%LISTEN%' AND pid <> pg_backend_pid() OR query = 'SELECT 1' AND pid <> pg_backend_pid()")
            )  # fmt: skip
        await asyncio.wait_for(began.get(), 10)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_database_that_is_away_is_no_answer(free_port):
    engine = make_engine(f"postgresql+asyncpg://u:p@127.0.0.1:{free_port}/x")
    with pytest.raises(Away):
        await Registry(engine, 10).fetch({"cam-1"})
    await engine.dispose()


async def test_two_claims_at_once_have_one_winner(engine):
    await register(engine, "cam-1")
    outcomes = await asyncio.gather(
        *(_try_claim(engine, customer) for customer in ("ann", "bob", "eve"))
    )
    assert sorted(outcomes) == [False, False, True]
    (source,) = (await Registry(engine, 10).fetch({"cam-1"})).values()
    assert len(source.owners) == 1


async def _try_claim(engine, customer: str) -> bool:
    async with transaction(engine, "ingest", T) as tx:
        done = await change_registry.claim(UNITS.within(tx), [("cam-1", customer)])
    return bool(done.changed)


async def test_a_hundred_registrations_of_one_id_are_one(engine):
    await asyncio.gather(*(register(engine, "cam-1", "cam-2") for _ in range(10)))
    async with engine.connect() as connection:
        rows = (await connection.execute(text("SELECT count(*) FROM outbox"))).scalar_one()
    assert rows == 2


async def test_ownership_that_began_at_the_same_moment(engine):
    await register(engine, "cam-1")
    await claim(engine, "cam-1", "ann")
    async with transaction(engine, "ingest", T) as tx:
        done = await change_registry.move(UNITS.within(tx), "cam-1", "bob", "device")
    owners = done.sources["cam-1"].owners
    assert owners[1].since == T + timedelta(microseconds=1)
    (source,) = (await Registry(engine, 10).fetch({"cam-1"})).values()
    assert source.owners == owners
