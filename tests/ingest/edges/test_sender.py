"""The sender: what waits for whom, with servers that can be switched off."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from services.ingest.domain.buckets.gathering import Gathering
from services.ingest.domain.messages import addresses
from services.ingest.domain.messages.acks import Acks
from services.ingest.domain.messages.message import Message
from services.ingest.domain.sources.source import Source
from services.ingest.edges.messages import bridge as bridge_module
from services.ingest.edges.messages import chunks as chunks_module
from services.ingest.edges.messages import sending as sending_module
from services.ingest.edges.messages.bridge import Bridge, Pace
from services.ingest.errors import Away
from services.ingest.handlers.messages.on_messages import Planner
from shared.clock import WallClock
from shared.events import codec
from shared.stream.producer import RecordRefused

BOOT = "9f1c2ab37d405e68"


class Connection:
    """Counts what may be acknowledged, in order."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.acked: list[int] = []

    def acknowledge(self) -> int:
        count = 0
        while self.messages and self.messages[0].settled:
            self.acked.append(self.messages.pop(0).packet_id)
            count += 1
        return count


class Session:
    def __init__(self, bucket: str) -> None:
        self.bucket = bucket
        self.told: list[dict] = []
        self.stopped = False
        self._end = asyncio.Event()

    def send(self, answers) -> int:
        self.told += [json.loads(a.payload) for a in answers]
        return len(answers)

    async def run(self) -> None:
        await self._end.wait()

    async def stop(self) -> None:
        self.stopped = True
        self._end.set()


class Servers:
    """Registry, plans and Kafka in memory."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self.cached: dict[str, Source] = {}
        self.postgres = True
        self.kafka = asyncio.Event()
        self.kafka.set()
        self.breaks = 0
        self.sent: list = []
        self.rejects: list = []
        self.facts: list = []
        self.order: list = []
        self.plans = self.saves = self.forgotten = 0
        self.changing: set[str] = set()

    def in_change(self) -> set[str]:
        return set(self.changing)

    def known(self, ids):
        ids = set(ids)
        return {i: self.cached[i] for i in ids if i in self.cached}, ids - self.cached.keys()

    async def fetch(self, ids):
        if not self.postgres:
            raise Away("switched off")
        found = {i: self.sources[i] for i in ids if i in self.sources}
        self.cached |= found
        return found

    async def save(self, plan) -> None:
        if not self.postgres:
            raise Away("switched off")
        self.saves += 1
        self.rejects += [reject for _, reject in plan.rejects]

    async def save_facts(self, facts) -> None:
        if not self.postgres:
            raise Away("switched off")
        self.facts += [fact.event.seq for fact in facts]
        self.order += [("fact", fact.event.seq) for fact in facts]

    def hear(self, plan) -> None:
        self.plans += 1

    async def send(self, records) -> None:
        await self.kafka.wait()
        if self.breaks:
            self.breaks -= 1
            raise RuntimeError("the handler is closed")
        if any(b"oversize" in record.value for record in records):
            raise RecordRefused("MessageSizeTooLargeError")
        self.sent += records
        self.order += [("kafka", codec.decode(r.value).seq) for r in records]

    def seqs(self) -> list[int]:
        return [codec.decode(r.value).seq for r in self.sent if r.topic == "device.usage"]


class Harness:
    def __init__(self) -> None:
        self.servers = Servers()
        self.connection = Connection()
        self.bridge = Bridge(
            Planner(WallClock(), None),
            self.servers,
            self.servers,
            self.servers,
            Acks(every=1, after_s=600, answer_s=0),
            Pace(chunk=100, wait_s=0, acks_per_s=1_000),
        )
        self.bridge.sessions.update({b: Session(b) for b in addresses.BUCKETS})
        self.ids = iter(range(1, 99))

    def arrive(self, *messages: tuple[str, object], stream: str = "usage") -> None:
        made = []
        for source, payload in messages:
            sent = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
            topic = addresses.up("device", source, stream)
            made.append(Message(topic, sent, datetime.now(UTC), self.connection, next(self.ids)))
        self.connection.messages += made
        self.bridge.deliver(made)

    def told(self, source: str) -> list[dict]:
        return self.bridge.sessions[addresses.bucket_of(source)].told

    async def until(self, look) -> None:
        async with asyncio.timeout(90):
            while not look():  # noqa: ASYNC110 - any condition
                await asyncio.sleep(0.01)


@pytest.fixture
async def there(monkeypatch):
    monkeypatch.setattr(bridge_module, "RETRY_S", 0.05)
    monkeypatch.setattr(chunks_module, "RETRY_S", 0.05)
    monkeypatch.setattr(sending_module, "RETRY_S", 0.05)
    made = Harness()
    task = asyncio.create_task(made.bridge.run())
    yield made
    made.servers.kafka.set()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def usage(seq: int) -> dict:
    return {
        "type": "usage", "boot": BOOT, "seq": seq, "by": "person",
        "at": datetime.now(UTC).isoformat(),
    }  # fmt: skip


async def test_nothing_is_acknowledged_before_kafka_has_it(there):
    there.servers.sources["cam-1"] = Source("cam-1", "device", version=1)
    there.servers.kafka.clear()
    there.arrive(("cam-1", usage(1)))
    await there.until(lambda: not there.bridge._inbox)
    assert there.connection.acked == []
    assert there.told("cam-1") == []
    there.servers.kafka.set()
    await there.until(lambda: there.connection.acked == [1])
    assert there.told("cam-1") == [{"ack": {"stream": "usage", "boot": BOOT, "seq": [[1, 1]]}}]


async def test_without_the_registry_known_sources_go_on_and_others_wait_in_order(there):
    there.servers.sources |= {i: Source(i, "device", version=1) for i in ("cam-1", "cam-2")}
    there.servers.cached["cam-2"] = there.servers.sources["cam-2"]
    there.servers.postgres = False
    there.arrive(("cam-2", usage(1)), ("cam-1", usage(2)), ("cam-2", usage(3)))
    there.arrive(("cam-1", usage(4)), ("stranger", usage(5)), ("cam-1", {"ask": 7}))
    await there.until(lambda: there.servers.seqs() == [1, 3])
    assert there.connection.acked == [1]  # receive order: 3 waits behind 2
    assert there.bridge.away_s is not None
    there.servers.postgres = True
    await there.until(lambda: there.connection.acked == [1, 2, 3, 4, 5, 6])
    assert there.servers.seqs() == [1, 3, 2, 4]
    assert [r.reason for r in there.servers.rejects] == ["unknown_device"]
    assert {"echo": 7, "stream": "usage"} in there.told("cam-1")
    assert there.bridge.away_s is None


async def test_a_reject_is_stored_before_its_message_is_acknowledged(there):
    there.servers.cached["cam-1"] = Source("cam-1", "device", version=1)
    there.servers.postgres = False
    there.arrive(("cam-1", b"{"), ("cam-1", usage(2)))
    await there.until(lambda: there.servers.sent)
    await asyncio.sleep(0.2)
    assert there.connection.acked == []
    assert there.told("cam-1") == [{"ack": {"stream": "usage", "boot": BOOT, "seq": [[2, 2]]}}]
    there.arrive(("cam-1", usage(3)))  # behind an open reject of its source
    there.servers.postgres = True
    await there.until(lambda: there.connection.acked == [1, 2, 3])
    assert [r.reason for r in there.servers.rejects] == ["malformed_json"]
    assert there.servers.seqs() == [2, 3]
    assert there.told("cam-1")[1]["reject"]["reason"] == "malformed_json"


async def test_what_a_lost_connection_brought_is_left_to_the_broker(there):
    there.servers.postgres = False
    there.arrive(("cam-1", usage(1)))
    await there.until(lambda: there.bridge._chunks.held)
    there.bridge.forget(there.connection)
    assert there.bridge._chunks.held == []


def setup(seq: int) -> dict:
    return {k: v for k, v in usage(seq).items() if k != "by"} | {"type": "setup_completed"}


async def test_a_fact_is_stored_before_kafka_has_it_and_told_after_both(there):
    there.servers.cached["cam-1"] = Source("cam-1", "device", version=1)
    there.arrive(("cam-1", setup(1)), stream="lifecycle")
    await there.until(lambda: there.connection.acked == [1])
    assert there.servers.order == [("fact", 1), ("kafka", 1)]
    there.servers.postgres = False
    there.arrive(("cam-1", setup(2)), ("cam-1", {"ask": 9}), stream="lifecycle")
    await there.until(lambda: there.bridge.away_s is not None)
    there.arrive(("cam-1", usage(3)))
    await asyncio.sleep(0.1)
    assert there.connection.acked == [1]
    assert there.told("cam-1") == [{"ack": {"stream": "lifecycle", "boot": BOOT, "seq": [[1, 1]]}}]
    there.servers.postgres = True
    await there.until(lambda: there.connection.acked == [1, 2, 3, 4])
    assert there.servers.order[2:] == [("fact", 2), ("kafka", 2), ("kafka", 3)]
    assert there.told("cam-1")[1:3] == [
        {"ack": {"stream": "lifecycle", "boot": BOOT, "seq": [[2, 2]]}},
        {"echo": 9, "stream": "lifecycle"},
    ]


class Poisoned(Planner):
    """Fails for a reason nobody knows, before it comes to single messages."""

    def plan(self, messages, sources, *, complete, blocked):
        if any(b"poison" in message.payload for message in messages):
            raise RuntimeError("for a reason nobody knows")
        return super().plan(messages, sources, complete=complete, blocked=blocked)


async def test_a_chunk_that_fails_is_taken_apart_and_the_one_message_refused(there):
    there.bridge._chunks._planner = Poisoned(WallClock(), None)
    there.servers.cached |= {i: Source(i, "device", version=1) for i in ("cam-1", "cam-2")}
    sent = [("cam-1", usage(n)) for n in range(1, 6)]
    there.arrive(*sent, ("cam-2", b'"poison"'), ("cam-2", usage(7)))
    await there.until(lambda: there.connection.acked == [1, 2, 3, 4, 5, 6, 7])
    assert there.servers.seqs() == [1, 2, 3, 4, 5, 7]
    assert [r.reason for r in there.servers.rejects] == ["internal_error"]
    assert there.told("cam-2")[0]["reject"]["reason"] == "internal_error"


async def test_an_event_that_cannot_be_written_is_refused_by_its_identity(there, monkeypatch):
    there.servers.cached["cam-1"] = Source("cam-1", "device", version=1)
    records = there.bridge._chunks._planner._records
    write = records.event

    def fails(event, *rest):
        if event.seq == 2:
            raise RuntimeError("for a reason nobody knows")
        return write(event, *rest)

    monkeypatch.setattr(records, "event", fails)
    there.arrive(("cam-1", [usage(1), usage(2), usage(3)]))
    await there.until(lambda: there.connection.acked == [1])
    assert there.servers.seqs() == [1, 3]
    told = [t["reject"] for t in there.told("cam-1") if "reject" in t]
    assert told == [{"stream": "usage", "reason": "internal_error", "boot": BOOT, "seq": [[2, 2]]}]


def large(event: dict) -> dict:
    return event | {"note": "oversize"}


def without_seq(event: dict) -> dict:
    return {k: v for k, v in event.items() if k not in {"boot", "seq"}}


async def test_what_kafka_takes_never_is_refused_by_its_identity_and_the_rest_goes_on(there):
    there.servers.cached |= {i: Source(i, "device", "c-1", version=1) for i in ("cam-1", "cam-2")}
    there.arrive(
        ("cam-1", [usage(1), large(usage(2)), usage(3)]),
        ("cam-2", large(without_seq(usage(0)))),
        ("cam-2", usage(4)),
        ("cam-1", {"ask": 7}),
    )
    await there.until(lambda: there.connection.acked == [1, 2, 3, 4])
    assert sorted(there.servers.seqs()) == [1, 3, 4]
    assert [(r.source, r.reason, r.seqs) for r in there.servers.rejects] == [
        ("cam-1", "kafka_refused", [[2, 2]]),
        ("cam-2", "kafka_refused", []),
    ]
    assert b"oversize" in there.servers.rejects[0].payload
    assert there.told("cam-1") == [
        {"ack": {"stream": "usage", "boot": BOOT, "seq": [[1, 1], [3, 3]]}},
        {"echo": 7, "stream": "usage"},
        {"reject": {"stream": "usage", "reason": "kafka_refused", "boot": BOOT, "seq": [[2, 2]]}},
    ]
    assert [t["reject"]["reason"] for t in there.told("cam-2") if "reject" in t] == [
        "kafka_refused"
    ]
    news = [r for r in there.servers.sent if r.topic == "ingest.rejected"]
    assert len(news) == 2


async def test_a_fact_that_kafka_takes_never_is_refused_though_it_waited_for_its_row(there):
    there.servers.cached["cam-1"] = Source("cam-1", "device", version=1)
    there.servers.postgres = False
    there.arrive(("cam-1", large(setup(1))), ("cam-1", setup(2)), stream="lifecycle")
    await there.until(lambda: there.bridge.away_s is not None)
    there.servers.postgres = True
    await there.until(lambda: there.connection.acked == [1, 2])
    assert [(r.reason, r.seqs) for r in there.servers.rejects] == [("kafka_refused", [[1, 1]])]
    acks = [t["ack"]["seq"] for t in there.told("cam-1") if "ack" in t]
    assert acks == [[[2, 2]]]


async def test_a_failure_that_is_no_messages_fault_refuses_nobody(there):
    there.servers.cached["cam-1"] = Source("cam-1", "device", version=1)
    there.servers.breaks = 3
    there.arrive(("cam-1", usage(1)))
    await there.until(lambda: there.connection.acked == [1])
    assert there.servers.seqs() == [1]
    assert there.servers.rejects == []


async def test_a_single_message_goes_at_once_however_long_a_chunk_may_wait(there):
    there.servers.cached["cam-1"] = Source("cam-1", "device", version=1)
    there.bridge._gathering = Gathering(60.0)
    there.arrive(("cam-1", usage(1)))
    await there.until(lambda: there.connection.acked == [1])


async def test_the_end_finishes_the_chunk_tells_and_leaves():
    made = Harness()
    made.bridge._acks = Acks(every=100, after_s=600, answer_s=0)
    made.servers.cached["cam-1"] = Source("cam-1", "device", version=1)
    made.servers.kafka.clear()
    task = asyncio.create_task(made.bridge.run())
    made.arrive(("cam-1", usage(1)))
    await made.until(lambda: not made.bridge._inbox)
    task.cancel()
    await asyncio.sleep(0.05)
    made.servers.kafka.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert made.connection.acked == [1]
    assert made.told("cam-1") == [{"ack": {"stream": "usage", "boot": BOOT, "seq": [[1, 1]]}}]
    assert all(session.stopped for session in made.bridge.sessions.values())


async def test_a_bucket_that_is_taken_ends_the_process():
    made = Harness()

    async def taken() -> None:
        raise Away("stands for any error of a session")

    made.bridge.sessions["3"].run = taken
    with pytest.raises(Away):
        await made.bridge.run()
