"""What is stored before the broker may forget."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from services.ingest.domain.buckets.beacons import BucketClocks, Tick
from services.ingest.domain.messages import addresses
from services.ingest.domain.messages.message import Message
from services.ingest.domain.sources.firmware import KEPT
from services.ingest.domain.sources.source import Source
from services.ingest.errors import Away
from services.ingest.handlers.messages.on_messages import Planner
from services.ingest.handlers.messages.plan import Plan
from services.ingest.handlers.sources import change_registry
from services.ingest.store.messages.plans import PlanStore
from services.ingest.store.rejects.rejects import Rejects
from services.ingest.store.sources.reader import Reader
from services.ingest.store.tables import boot, bucket, firmware, source, unclaimed_fact
from shared.clock import StreamClock
from shared.db import outbox
from shared.db.engine import make_engine
from shared.events import codec
from shared.stream.transaction import transaction
from tests.ingest.conftest import UNITS

pytestmark = pytest.mark.servers

T = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOOT = "9f1c2ab37d405e68"


class Fixed:
    def now(self) -> datetime:
        return T


def plans(engine, clock=None, clocks=None) -> PlanStore:
    return PlanStore(engine, clock or Fixed(), clocks or BucketClocks({}), addresses.BUCKETS)


def planned(*messages: tuple[str, object], known: Source | None = None) -> Plan:
    made = [
        Message(
            addresses.up("device", "cam-1", stream),
            payload if isinstance(payload, bytes) else json.dumps(payload).encode(),
            T,
        )
        for stream, payload in messages
    ]
    planner = Planner(Fixed(), None)
    planner.sources_of(made)
    sources = {} if known is None else {known.id: known}
    return planner.plan(made, sources, complete=True, blocked=set())


def fact(seq: int = 1, at: datetime = T) -> tuple[str, dict]:
    event = {"type": "setup_completed", "boot": BOOT, "seq": seq, "at": at.isoformat()}
    return "lifecycle", event


async def rows(engine, query) -> list:
    async with engine.connect() as connection:
        return list((await connection.execute(query)).mappings())


async def news(engine) -> list:
    async with engine.connect() as connection:
        return [codec.decode(row.value) for row in await outbox.unpublished(connection, 99)]


async def register(engine, customer: str | None = None) -> Source:
    async with transaction(engine, "ingest", T) as tx:
        source = Source("cam-1", "device", model="m")
        done = await change_registry.register(UNITS.within(tx), [source])
    if customer is not None:
        async with transaction(engine, "ingest", T) as tx:
            done = await change_registry.claim(UNITS.within(tx), [("cam-1", customer)])
    return done.sources["cam-1"]


async def test_the_same_reject_again_is_counted(engine):
    plan = planned(("usage", b"{"), ("usage", b"{"), ("usage", b"["))
    for _ in range(2):
        await plans(engine).save(plan)
    async with engine.connect() as connection:
        store = Rejects(connection)
        page = await store.page(source=None, reason=None, limit=10, before=None)
        assert await store.summary() == {"malformed_json": 6}
        assert sorted(row["times"] for row in page) == [2, 4]
        assert (await store.read(page[0]["id"]))["payload"] in {b"{", b"["}


async def test_curable_rejects_are_kept_longer(engine):
    await plans(engine).save(planned(("usage", b"{"), ("usage", {"type": "nope"})))
    kept = await rows(engine, text("SELECT reason, expires_at - stored_at AS kept FROM reject"))
    assert {r["reason"]: r["kept"].days for r in kept} == {"malformed_json": 14, "unknown_type": 30}


async def test_expired_rejects_are_deleted(engine):
    await plans(engine).save(planned(("usage", b"{"), ("usage", b"[")))
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE reject SET expires_at = now() - interval '1 s' WHERE payload = '['")
        )
    await plans(engine).expire()
    assert [r["payload"] for r in await rows(engine, text("SELECT payload FROM reject"))] == [b"{"]


async def test_cured_rejects_are_not_judged_again(engine):
    plan = planned(
        (
            "usage",
            {"type": "usage", "boot": BOOT, "seq": 1, "by": "person", "at": "2026-03-01T11:00:00Z"},
        )
    )
    await plans(engine).save(plan)
    async with engine.connect() as connection:
        (found,) = await Rejects(connection).curable(["cam-1"], 10)
    assert found["received_at"] == T
    await plans(engine).save(Plan(cured=[found["id"]]))
    async with engine.connect() as connection:
        assert await Rejects(connection).curable(["cam-1"], 10) == []
        assert await Rejects(connection).summary() == {}


async def test_facts_wait_for_the_claim_and_are_adopted_once(engine):
    known = await register(engine)
    plan = planned(
        fact(1), fact(2, T - timedelta(days=29)), fact(3, T - timedelta(days=31)), known=known
    )
    for _ in range(2):  # a redelivery
        await plans(engine).save(plan)
    assert len(await rows(engine, select(unclaimed_fact))) == 3
    await register(engine, customer="ann")
    told = [n for n in await news(engine) if n.change == "adopted"]
    assert [(n.adopted, n.at, n.customer) for n in told] == [
        ("setup_completed", T - timedelta(days=29), "ann"), ("setup_completed", T, "ann"),
    ]  # fmt: skip
    assert await rows(engine, select(unclaimed_fact)) == []


async def test_a_fact_that_meets_a_claim_is_no_orphan(engine):
    unclaimed = await register(engine)
    plan = planned(fact(1), known=unclaimed)  # judged before the claim
    await register(engine, customer="ann")  # claimed meanwhile
    for _ in range(2):
        await plans(engine).save(plan)  # stored after it
    told = [n for n in await news(engine) if n.change == "adopted"]
    assert [(n.adopted_id, n.customer) for n in told] == [(f"/cam-1/lifecycle#{BOOT}:1", "ann")]
    assert await rows(engine, select(unclaimed_fact)) == []


async def test_bucket_clocks_move_the_service(engine):
    clock, clocks = StreamClock(), BucketClocks({})
    plan = Plan()
    for digit in addresses.BUCKETS:
        tick = Tick(T, 3600.0)
        clocks.advance(digit, tick)
        plan.ticks[digit] = tick
    kept = plans(engine, clock, clocks)
    await kept.save(plan)
    assert clock.now() == T
    known, ticks = await kept.buckets()
    assert (known, ticks) == (set(), clocks.ticks)
    (beacon,) = await news(engine)
    assert (beacon.at, beacon.origins, beacon.step_s) == (T, ["ingest"], 3600.0)
    await kept.connected("3", T)
    assert (await kept.buckets())[0] == {"3"}
    (row,) = await rows(engine, select(bucket).where(bucket.c.bucket == "3"))
    assert row["now"] == T


async def test_who_was_heard(engine):
    await register(engine)
    kept = plans(engine)
    later = T + timedelta(days=2)
    kept.hear(Plan(heard={"cam-1": T}, boots={("cam-1", BOOT): T}))
    kept.hear(Plan(heard={"cam-1": later}))
    await kept.write_heard()
    kept.hear(Plan(boots={("cam-1", BOOT): later}))
    await kept.write_heard()
    await kept.write_heard()
    (row,) = await rows(engine, select(source))
    assert row["last_seen"] == later
    (row,) = await rows(engine, select(boot))
    assert (row["first_seen"], row["last_seen"]) == (T, later)


async def test_what_a_device_runs_and_what_it_ran(engine):
    """A late report of before is history; an event without a word about it changes nothing."""
    await register(engine)
    kept, hour = plans(engine), timedelta(hours=1)
    told = [("2.0", T - 2 * hour), ("2.1", T - hour), ("1.9", T - 3 * hour)]
    events = [
        ("lifecycle", {"type": "firmware_updated", "boot": BOOT, "seq": n, "at": at.isoformat(), "to_firmware": name})
        for n, (name, at) in enumerate(told)
    ]  # fmt: skip
    known = Source("cam-1", "device", model="cam", version=1)
    kept.hear(planned(*events, known=known))
    await kept.write_heard()
    async with engine.connect() as connection:
        shown = await Reader(connection).source("cam-1", "device")
        (listed,) = await Reader(connection).sources(
            "device", customer=None, status=None, runs="2.1", limit=5, after=None
        )
        (count,) = await Reader(connection).models("device", T)
    assert [each["firmware"] for each in shown["firmware_history"]] == ["1.9", "2.0", "2.1"]
    assert (shown["firmware"], listed["id"], count["firmware"]) == ("2.1", "cam-1", "2.1")
    flips = [("9" if n % 2 else "8", T + n * hour) for n in range(150)]
    kept.hear(Plan(firmware={"cam-1": flips}))
    await kept.write_heard()
    assert len(await rows(engine, select(firmware))) == KEPT


async def test_a_source_that_begins_boot_after_boot_is_named(engine, caplog):
    kept = plans(engine)
    kept.hear(Plan(boots={("cam-1", f"{n:016x}"): T for n in range(19)}))
    await kept.write_heard()
    assert caplog.messages == []
    kept.hear(Plan(boots={("cam-1", f"{19:016x}"): T}))
    await kept.write_heard()
    assert "cam-1 began 20 boots in a day" in caplog.text


async def test_what_could_not_be_written_is_written_later(engine, free_port):
    away = make_engine(f"postgresql+asyncpg://u:p@127.0.0.1:{free_port}/x")
    kept = plans(away)
    with pytest.raises(Away):
        await kept.save(planned(("usage", b"{")))
    kept.hear(Plan(boots={("cam-1", BOOT): T}))
    with pytest.raises(Away):
        await kept.write_heard()
    kept._engine = engine
    await kept.write_heard()
    assert len(await rows(engine, select(boot))) == 1
    await away.dispose()
