"""The guard: nobody erased reaches a handler, and an erasure and a writer never cross."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from shared.db import erased
from shared.db.audit import Author, Entry
from shared.db.engine import make_engine
from shared.events import (
    CohortDropped,
    CustomerChanged,
    Erased,
    ErasureDone,
    Fault,
    RegistryChanged,
    RiskChanged,
    TicketChanged,
    Usage,
    codec,
)
from shared.stream import erasure, quarantine
from shared.stream.quarantine import Quarantined
from shared.stream.record import Received
from shared.stream.replay import replay
from shared.stream.transaction import transaction

pytestmark = pytest.mark.servers

T = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOOT = "9f1c2ab37d405e68"


@pytest.fixture
async def engine(postgres):
    made = make_engine(await postgres.runtime("erasure"))
    yield made
    await made.dispose()


class Remembering:
    """Handlers that remember what reached them."""

    def __init__(self, engine):
        self.engine, self.seen, self.forgotten, self.answers = engine, [], [], []
        self.handle = erasure.guarded(self._see, self._erase, self._answer)

    async def _see(self, tx, batch):
        self.seen += [one.event for one in batch]

    async def _erase(self, tx, subjects):
        self.forgotten += subjects
        return ["cam-1"]

    async def _answer(self, tx, batch):
        self.answers += [one.event for one in batch]

    async def take(self, *events, erasing=False):
        self.seen.clear()
        async with transaction(self.engine, "support", T, erasing=erasing) as tx:
            batch = [Received(e, f"id-{n}", e.TOPIC, 0, n, T, T) for n, e in enumerate(events)]
            await self.handle(tx, batch)
        return self.seen


@pytest.fixture
def remembering(engine):
    return Remembering(engine)


def usage(customer, **more):
    return Usage(at=T, by="person", source="cam-1", customer=customer, boot=BOOT, seq=1, **more)


def registry(**more):
    return RegistryChanged(at=T, source="cam-1", kind="device", version=2, **more)


RISK = RiskChanged(
    at=T, customer="ann", tier="watch", previous="none", why="usage_drop", day=T.date(),
    posterior=0.9, severity=0.5, risk=0.2, expected_per_day=3.0, recent_per_day=1.0,
)  # fmt: skip
TICKET = {"at": T, "ticket": "t", "change": "opened", "state": "open", "version": 1}


async def test_an_erasure_is_applied_remembered_and_answered(remembering, engine):
    assert await remembering.take(Erased(at=T, customer="ann"), erasing=True) == []
    assert remembering.forgotten == ["ann"]
    async with engine.connect() as connection:
        assert await erased.page(connection, "", 9) == {"ann": T}
        (row,) = await connection.execute(text("SELECT topic, key, value FROM outbox"))
    assert (row.topic, row.key) == ("support.activity", "c:ann")
    assert codec.decode(row.value) == ErasureDone(at=T, customer="ann", service="support")


async def test_of_records_about_the_erased_only_what_is_not_about_them_is_left(remembering):
    await remembering.take(Erased(at=T, customer="ann"), erasing=True)
    told = [
        (usage("ann"), usage(None)),
        (usage("bob"), usage("bob")),
        (CustomerChanged(at=T, customer="ann", version=9), None),
        (RISK, None),
        (TicketChanged(**TICKET, customer="ann"), TicketChanged(**TICKET)),
        (registry(change="claimed", customer="ann"), registry(change="claimed")),
        (
            registry(change="moved", customer="bob", previous_customer="ann"),
            registry(change="moved", customer="bob"),
        ),
        (CohortDropped(at=T, cohort="eu", day=T.date(), factor=0.2, members=9),) * 2,
    ]
    seen = await remembering.take(*(event for event, _ in told))
    assert seen == [left for _, left in told if left is not None]


async def test_in_one_batch_what_comes_before_the_erasure_is_left_out_too(remembering):
    known = CustomerChanged(at=T, customer="ann", version=1)
    other = CustomerChanged(at=T, customer="bob", version=1)
    assert await remembering.take(known, other, Erased(at=T, customer="ann"), erasing=True) == [
        other
    ]


async def test_answers_reach_whoever_asked_and_no_handler(remembering):
    answer = ErasureDone(at=T, customer="ann", service="ingest")
    assert await remembering.take(answer, usage("bob")) == [usage("bob")]
    assert remembering.answers == [answer]


async def test_an_erasure_waits_for_writers_and_who_begins_later_sees_it(remembering, engine):
    seen = []

    async def write():
        async with transaction(engine, "support", T) as tx:
            seen.append(await erased.known(tx.connection, ["ann"]))

    async with transaction(engine, "support", T) as tx:
        before = await erased.known(tx.connection, ["ann"])
        erasing = asyncio.create_task(remembering.take(Erased(at=T, customer="ann"), erasing=True))
        await asyncio.sleep(0.2)
        later = asyncio.create_task(write())
        await asyncio.sleep(0.2)
        assert remembering.forgotten == [], "it waits for the writer under way"
        assert seen == [], "who comes later waits for the erasure"
    await asyncio.gather(erasing, later)
    assert (before, remembering.forgotten, seen) == (set(), ["ann"], [{"ann"}])


def aside(n, event, key, value=None):
    source = codec.telemetry_source(event)
    made = codec.headers(event, source=source, id_=f"{BOOT}:{n}", subject=None)
    value = codec.encode(event) if value is None else value
    return Quarantined(f"r-{n}", event.TOPIC, 0, n, key, value, made, "KeyError", "", T, T)


async def test_quarantine_is_purged_of_what_names_them_and_no_more(remembering, engine):
    fault = {"at": T, "code": "hot", "source": "cam-1", "boot": BOOT}
    async with engine.begin() as connection:
        await quarantine.add(
            connection,
            [
                aside(1, usage("ann"), b"c:ann"),
                aside(2, Fault(**fault, customer="ann"), b"d:cam-1"),
                aside(3, Fault(**fault), b"d:cam-1", b"\xff not JSON"),
                aside(4, Fault(**fault, customer="anna"), b"d:cam-1"),
                aside(5, usage("bob"), b"c:bob"),
            ],
        )
    await remembering.take(Erased(at=T, customer="ann"), erasing=True)
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT id FROM quarantine ORDER BY id"))
        assert list(found.scalars()) == ["r-4", "r-5"]


async def test_a_restored_quarantine_replays_without_the_erased(remembering, engine):
    await remembering.take(Erased(at=T, customer="ann"), erasing=True)
    remembering.seen.clear()
    async with engine.begin() as connection:
        await quarantine.add(connection, [aside(1, usage("ann"), b"c:ann")])

    def audited(id_, outcome):
        return Entry(Author("account:1", "person"), "quarantine.replay", "record", id_, why=outcome)

    handlers = {"device.usage": remembering.handle}
    done = await replay(engine, "support", handlers, ["r-1"], T, audited)
    assert done == {"r-1": "replayed"}
    assert remembering.seen == [usage(None)], "counted, without effect on anybody"


async def test_at_start_the_whole_list_is_applied_again(engine, monkeypatch):
    monkeypatch.setattr(erasure, "AT_ONCE", 2)
    names = ["ann", "bob", "cy", "dan", "eve"]
    async with engine.begin() as connection:
        await erased.add(connection, dict.fromkeys(names, T))
    told = []

    async def erase(tx, subjects):
        told.append(list(subjects))
        return []

    assert await erasure.at_start(engine, "support", erase, T) == 5
    assert told == [["ann", "bob"], ["cy", "dan"], ["eve"]]
