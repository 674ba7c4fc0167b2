"""The run loop against real Kafka and PostgreSQL: once each, in whatever way things go wrong."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest
from bench import BOOT, NOON, TOPIC, record, until, usage
from sqlalchemy import text

from shared.clock import WallClock
from shared.db import ledger_rows
from shared.db.audit import Author, Entry
from shared.events import Dropped, codec
from shared.stream import apply, batch, quarantine
from shared.stream.consumer import Consumer
from shared.stream.replay import replay
from shared.stream.source import Source

pytestmark = pytest.mark.servers


async def counted(bench):
    async with bench.engine.begin() as connection:
        return (await ledger_rows.cardinality(connection)).get(TOPIC, 0)


async def test_duplicates_reordering_and_gaps_count_once(bench):
    events = [usage(seq) for seq in range(100) if seq != 50]
    sent = [record(e, e.seq % 6) for e in events] + [
        record(e, (e.seq + 1) % 6) for e in events[::-1]
    ]
    await bench.send(sent)
    async with bench.consumer() as consumer:
        await until(lambda: sum(p.next_offset for p in consumer.source.positions.values()) == 198)
    assert await bench.effects() == {str(e.seq): 1 for e in events}
    assert await counted(bench) == 99


async def test_a_restart_goes_on_where_the_database_says(bench):
    await bench.send([record(usage(seq)) for seq in range(10)])
    async with bench.consumer():
        await until(lambda: bench.has(10))
    await bench.send([record(usage(seq)) for seq in range(10, 20)])
    async with bench.consumer():
        await until(lambda: bench.has(20))
    assert set((await bench.effects()).values()) == {1}


async def test_a_later_event_under_a_known_seq_is_a_conflict(bench):
    await bench.send([record(usage(1)), record(usage(1, minutes=60)), record(usage(2))])
    async with bench.consumer():
        await until(lambda: bench.has(2))
    assert await bench.effects() == {"1": 1, "2": 1}
    ((id_, reason),) = (await bench.quarantined()).items()
    assert (id_.partition("~")[0], reason) == (f"{BOOT}:1", "seq_conflict")


async def test_every_other_event_under_a_known_seq_is_kept_whatever_its_clock_says(bench):
    """A counter lost under the same boot: clock at 1970, in between, and ahead; resends are silent."""
    first = [usage(seq) for seq in range(1, 6)]
    others = [
        usage(seq, minutes=minutes)
        for seq in range(1, 6)
        for minutes in (-29_540_000 + seq, 1.5, 9_000 + seq)  # 1970, between, next week
    ]
    resent = [msgspec.structs.replace(e, sent=NOON, received_at=NOON, late=True) for e in first]
    same_time = [usage(seq, command="other") for seq in range(1, 6)]
    await bench.send([record(e) for e in first])
    async with bench.consumer():
        await until(lambda: bench.has(5))
        for sent in ([*others, *resent], [*same_time, *others], [*resent, usage(6)]):
            await bench.send([record(e) for e in sent])
        await until(lambda: bench.has(6))
    kept = await bench.quarantined()
    assert set(kept.values()) == {"seq_conflict"}
    assert len(kept) == len(others) + len(same_time)
    assert set((await bench.effects()).values()) == {1}


async def test_conflicts_of_one_source_beyond_a_hundred_become_a_number(bench):
    await bench.send([record(usage(1))])
    await bench.send([record(usage(1, minutes=n)) for n in range(2, 302)])
    await bench.send([record(usage(2))])
    async with bench.consumer() as consumer:
        await until(lambda: bench.has(2))
        assert consumer.source.stopped == {}
        assert consumer.facts() == {"quarantine": "300 records in the last hour"}
    async with bench.engine.begin() as connection:
        assert await quarantine.counts(connection) == [
            {"topic": TOPIC, "reason": "seq_conflict", "count": 300}
        ]
        newest = await quarantine.rows(connection, 500)
    assert len(newest) == 101
    assert sum(row["size"] is None for row in newest) == 1


def garbage(count, key=lambda n: b"d:cam-1"):
    return [{**record(usage(n)), "value": b"{%d" % n, "key": key(n)} for n in range(count)]


# id, records in one partition with another's good ones around them, is it stopped
FLOODS = [
    ("one source's garbage", garbage(300), False),
    ("four sources' garbage", garbage(300, lambda n: b"d:cam-%d" % (n % 4)), False),
    ("what everybody sends cannot be read", garbage(60, lambda n: b"d:cam-%d" % n), True),
    ("records of nobody", garbage(60, lambda _: None), True),
    ("one source's events cannot be handled", [record(usage(n, command="soup")) for n in range(300, 360)], False),
    ("everybody's cannot", [record(usage(n, source=f"dev-{n}", command="soup")) for n in range(60)], True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("records", "stops"), [pytest.param(*row[1:], id=row[0]) for row in FLOODS]
)
async def test_only_what_many_sources_send_stops_a_partition(bench, records, stops):
    bench.poison = {"soup"}
    fine = [record(usage(1_000 + n, source=f"fine-{n}")) for n in range(8)]
    await bench.send([*fine[:4], *records, *fine[4:]])
    async with bench.consumer() as consumer:
        if stops:
            await until(lambda: (TOPIC, 0) in consumer.source.stopped, seconds=120)
            assert consumer.source.stopped[TOPIC, 0].startswith("too_much_poison: ")
            assert len(await bench.quarantined()) <= 50
        else:
            await until(lambda: bench.has(8), seconds=120)
            assert consumer.source.stopped == {}
            assert len(await bench.quarantined()) == len(records)
            assert consumer.facts() == {"quarantine": f"{len(records)} records in the last hour"}


async def test_a_batch_that_times_out_is_halved_and_one_record_that_does_is_set_aside(
    bench, monkeypatch
):
    monkeypatch.setattr("shared.stream.consumer.BACKOFF_S", (0.05, 0.1))
    sizes = []

    async def handle(tx, received):
        sizes.append(len(received))
        await tx.connection.execute(text("SET LOCAL statement_timeout = 150"))
        if any(one.event.command == "slow" for one in received):
            await tx.connection.execute(text("SELECT pg_sleep(3)"))
        await bench.handle(tx, received)

    events = [usage(seq, command="slow" if seq == 3 else None) for seq in range(8)]
    await bench.send([record(e) for e in events])
    source = Source(bench.group, [TOPIC], bench.bootstrap, bench.engine, session_s=6.0)
    consumer = Consumer(source, bench.engine, WallClock(), {TOPIC: handle})
    running = asyncio.create_task(consumer.run())
    await until(lambda: bench.has(7), seconds=120)
    consumer.stop()
    await running
    assert list(await bench.quarantined()) == [f"{BOOT}:3"]
    assert sizes[:4] == [8, 8, 8, 4]
    assert set((await bench.effects()).values()) == {1}


async def test_poison_is_set_aside_uncounted_and_replayed_through_the_same_door(bench):
    bench.poison = {"soup"}
    events = [usage(seq, command="soup" if seq == 3 else None) for seq in range(6)]
    await bench.send(
        [*(record(e) for e in events), {"topic": TOPIC, "value": b"{", "partition": 0}]
    )
    async with bench.consumer():
        await until(lambda: bench.has(5))
        await until(lambda: _holds(bench, 2))
    assert sorted(await bench.effects()) == ["0", "1", "2", "4", "5"]
    assert await counted(bench) == 5
    ids = {reason: id_ for id_, reason in (await bench.quarantined()).items()}
    assert sorted(ids) == ["RuntimeError", "undecodable"]

    poisoned = f"/cam-1/usage#{BOOT}:3"
    again = await _replay(bench, poisoned)
    assert again == {poisoned: "failed again: RuntimeError"}
    bench.poison = set()
    assert await _replay(bench, poisoned) == {poisoned: "replayed"}
    assert await _replay(bench, poisoned) == {poisoned: "gone"}
    assert await counted(bench) == 6
    assert set((await bench.effects()).values()) == {1}
    query = text("SELECT id, after ->> 'outcome' FROM audit ORDER BY n")
    async with bench.engine.connect() as connection:
        audited = [tuple(row) for row in await connection.execute(query)]
    assert audited == [(poisoned, "failed again: RuntimeError"), (poisoned, "replayed")]


async def test_a_report_that_the_database_refuses_is_kept_with_its_bytes(bench, monkeypatch):
    """Whatever it was that let it through: it is set aside and replayed, the others flow."""
    allowed = batch.explanation
    refused = {"too": "many"}

    def explanation(event):
        if refused and event.source == "cam-9":
            return allowed(msgspec.structs.replace(event, stream="u\0"))  # PostgreSQL refuses it
        return allowed(event)

    monkeypatch.setattr(apply, "explanation", explanation)
    report = Dropped(at=NOON, boot=BOOT, source="cam-9", stream="usage", ranges=[(4, 9)])
    bad = {
        **record(usage(0)),
        "value": codec.encode(report),
        "headers": [("ce_id", b"r"), ("ce_source", b"/cam-9/usage")],
    }
    good = {**bad, "value": codec.encode(msgspec.structs.replace(report, source="cam-8"))}
    await bench.send([record(usage(1)), good, bad, record(usage(2))])
    async with bench.consumer():
        await until(lambda: bench.has(2))
        await until(lambda: _holds(bench, 1))
    assert await bench.quarantined() == {"r": "DBAPIError"}
    refused.clear()
    assert await _replay(bench, "/cam-9/usage#r") == {"/cam-9/usage#r": "replayed"}
    async with bench.engine.begin() as connection:
        found = await connection.execute(
            text("SELECT source, dropped::text FROM ledger WHERE dropped <> '{}' ORDER BY 1")
        )
        assert [tuple(row) for row in found] == [("cam-8", "{[4,10)}"), ("cam-9", "{[4,10)}")]


async def _holds(bench, count):
    return len(await bench.quarantined()) == count


async def _replay(bench, id_):
    now = datetime(2026, 3, 2, tzinfo=UTC)
    oncall = Author("account:oncall", "person")

    def audited(id_, outcome):
        return Entry(oncall, "quarantine.replay", "record", id_, after={"outcome": outcome})

    return await replay(bench.engine, "bench", {TOPIC: bench.handle}, [id_], now, audited)


async def test_a_recreated_topic_stops_the_partition_instead_of_skipping(bench):
    await bench.send([record(usage(seq)) for seq in range(10)])
    async with bench.consumer():
        await until(lambda: bench.has(10))
    await bench.make_topic()
    await bench.send([record(usage(seq)) for seq in range(100, 120)])
    async with bench.consumer() as consumer:
        await until(lambda: (TOPIC, 0) in consumer.source.stopped)
        why = consumer.source.stopped[(TOPIC, 0)]
    assert why == "log_diverged: another record stands at offset 9 than the one we have applied"
    assert len(await bench.effects()) == 10, "nothing was applied from the other log"


async def test_a_topic_recreated_under_a_running_consumer_stops_it_too(bench):
    await bench.send([record(usage(seq)) for seq in range(10)])
    async with bench.consumer() as consumer:
        await until(lambda: bench.has(10))
        await bench.make_topic()
        await bench.send([record(usage(100, minutes=100))])
        await until(lambda: (TOPIC, 0) in consumer.source.stopped, seconds=120)
    assert len(await bench.effects()) == 10


async def test_a_topic_that_is_away_holds_up_no_other(bench, monkeypatch):
    await bench.send([record(usage(seq), seq % 6) for seq in range(12)])
    async with bench.consumer() as consumer:
        await until(lambda: bench.has(12), seconds=60)
        knows = consumer.source.consumer.partitions_for_topic
        monkeypatch.setattr(
            consumer.source.consumer, "partitions_for_topic", lambda topic: knows(topic) - {5}
        )
        consumer.source.reread([(TOPIC, 5), (TOPIC, 4)])
        await bench.send([record(usage(100 + n), n) for n in range(6)])
        await until(lambda: bench.has(17), seconds=60)
        assert (TOPIC, 5) not in consumer.source.positions
        monkeypatch.undo()
        await until(lambda: bench.has(18), seconds=60)


async def test_two_consumers_share_and_hand_over_without_a_second_effect(bench):
    async with bench.consumer() as first:
        await until(lambda: len(first.source.positions) == 6)
        await bench.send([record(usage(seq), seq % 6) for seq in range(300)])
        async with bench.consumer() as second:
            await until(lambda: len(second.source.positions) == 3)
            await bench.send([record(usage(seq), seq % 6) for seq in range(300, 600)])
            await until(lambda: bench.has(600))
        await bench.send([record(usage(seq), seq % 6) for seq in range(600, 700)])
        await until(lambda: bench.has(700))
    assert set((await bench.effects()).values()) == {1}
    assert await counted(bench) == 700


async def test_database_away_then_back_loses_and_repeats_nothing(bench, postgres):
    await bench.send([record(usage(seq), seq % 6) for seq in range(50)])
    async with bench.consumer() as consumer:
        await until(lambda: bench.has(50))
        await postgres.kill()
        await bench.send([record(usage(seq), seq % 6) for seq in range(50, 100)])
        await until(lambda: "postgresql" in consumer.waiting)
        await postgres.start()
        await until(lambda: _has_after_outage(bench, 100))
        await until(lambda: not consumer.waiting)
    assert set((await bench.effects()).values()) == {1}
    assert NOON.tzinfo is UTC


async def _has_after_outage(bench, count):
    try:
        return await bench.has(count)
    except OSError:
        return False


async def test_sources_whose_numbers_are_full_of_holes_are_counted_and_named_in_the_log(
    bench, monkeypatch, caplog
):
    monkeypatch.setattr("shared.stream.consumer.GAPS_EVERY_S", 0.1)
    monkeypatch.setattr(ledger_rows, "MANY_GAPS", 3)
    now = datetime.now(UTC)
    sent = [msgspec.structs.replace(usage(seq), at=now) for seq in range(0, 10, 2)]
    await bench.send([record(event) for event in sent])
    async with bench.consumer() as consumer:
        said = await until(lambda: consumer.facts().get("fragmented_seq"))
    assert said == "1 sources with more than 3 gaps in a day"
    assert [found.sources for found in caplog.records if found.message == "fragmented_seq"] == [
        ["cam-1"]
    ]
