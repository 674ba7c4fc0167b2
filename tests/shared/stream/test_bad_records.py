"""Rows 35 to 37 of the bad-input matrix: no record of Kafka's ends a process or stops a partition.

Row 36, a record for somebody unknown or deleted, is no poison here: it makes a placeholder or moves
the offset only (protocol-review 16 and 17); the services' interleaving and erasure tests show it.
"""

import json
import logging
from datetime import UTC, datetime
from types import SimpleNamespace

import msgspec
import pytest
from bench import BOOT, TOPIC, record, until, usage
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from shared.db.offsets import Position
from shared.events import codec
from shared.events.samples import SAMPLES
from shared.stream import quarantine
from shared.stream.batch import Batch, take
from shared.stream.quarantine import HEADER_CHARS, HEADERS

GOOD = record(usage(1))
SECRET = "ann@example.org"  # must be in no log


def changed(**fields):
    """The good record with other fields in its value."""
    value = {**json.loads(GOOD["value"]), **fields}
    return json.dumps({k: v for k, v in value.items() if v is not None}).encode()


def headers(**other):
    return [(name, other.pop(name, value)) for name, value in GOOD["headers"]] + list(other.items())


def dropped(*ranges, **other):
    """The report of a ring, as ingest writes it."""
    report = {"type": "dropped", "stream": "usage", "ranges": list(ranges), "seq": None, **other}
    return {"value": changed(**report)}


UNSEQUENCED = changed(seq=None, boot=None)
# id, what is other than in the good record, reason (None: it is applied)
ROWS = [
    ("35 null key", {"key": None}, None),
    ("35 key that is no text", {"key": b"\xff\x00"}, None),
    ("35 tombstone", {"value": None}, "no_value"),
    ("35 no bytes", {"value": b""}, "undecodable"),
    ("35 garbage", {"value": b"\x00\xff\xfe\x80"}, "undecodable"),
    ("35 another format's magic", {"value": b"\x00\x00\x00\x00\x07avro"}, "undecodable"),
    ("35 truncated", {"value": GOOD["value"][:-9]}, "undecodable"),
    ("35 10,000 arrays deep", {"value": b"[" * 10_000}, "undecodable"),
    ("35 null", {"value": b"null"}, "undecodable"),
    ("35 unknown type", {"value": changed(type="teleported")}, "undecodable"),
    ("35 another version", {"value": changed(type="usage.v2")}, "undecodable"),
    ("35 no type", {"value": changed(type=None)}, "undecodable"),
    ("35 a field's type", {"value": changed(count=SECRET)}, "undecodable"),
    ("35 boot with a line break", {"value": changed(boot=f"{BOOT}\n")}, "undecodable"),
    ("35 time without zone", {"value": changed(at="2026-03-01T12:00:00")}, "undecodable"),
    ("35 NUL in a text", {"value": changed(command="a\0b")}, "nul_in_string"),
    ("35 NUL in the source", {"value": changed(source="a\0b")}, "nul_in_string"),
    ("35 a backslash before u0000", {"value": changed(command=r"a\u0000b")}, None),
    ("21 a report's range the wrong way round", dropped([5, 3]), "out_of_range"),
    ("21 a report of every number", dropped([0, 2**53 - 1]), "out_of_range"),
    ("21 a report of 20,000 blocks", dropped([0, 81_919_999]), "out_of_range"),
    ("21 a report of 501 ranges", dropped(*([n, n] for n in range(501))), "out_of_range"),
    ("21 a report about no boot", dropped([1, 2], boot=None), "no_identity"),
    ("37 no headers, sequenced", {"headers": []}, None),
    ("37 no headers, not sequenced", {"value": UNSEQUENCED, "headers": []}, "no_identity"),
    ("37 null header", {"value": UNSEQUENCED, "headers": headers(ce_id=None)}, "no_identity"),
    ("37 header that is no text", {"value": UNSEQUENCED, "headers": headers(ce_id=b"\xff")}, "no_identity"),
    ("37 NUL in a header", {"value": UNSEQUENCED, "headers": headers(ce_id=b"a\0b")}, "no_identity"),
    ("37 identity of 1 kB", {"value": UNSEQUENCED, "headers": headers(ce_source=b"x" * 1_000)}, "no_identity"),
    ("37 header of 900 kB", {"headers": headers(big=b"x" * 900_000)}, None),
    ("37 header of 900 kB on garbage", {"value": b"{", "headers": headers(big=b"x" * 900_000)}, "undecodable"),
    ("37 1,000 headers on garbage", {"value": b"{", "headers": [("h", b"\0")] * 1_000}, "undecodable"),
    ("37 trace header twice", {"headers": [*headers(), ("traceparent", b"x"), ("traceparent", b"\xff\x00")]}, None),
]  # fmt: skip


def taken(key=b"c:ana", value=b"", headers=(), offset=7):
    """What a record becomes, and the position after it."""
    place = Position(TOPIC, 0, offset)
    raw = SimpleNamespace(
        topic=TOPIC, partition=0, offset=offset, key=key, value=value,
        headers=tuple(headers), timestamp=1_772_366_400_000,
    )  # fmt: skip
    work = Batch(TOPIC)
    assert take(work, place, [raw], until=None, limit=10) == 1
    ((before, after),) = work.moves
    assert (before, after.next_offset) == (offset, offset + 1)
    return work


@pytest.mark.parametrize(("other", "reason"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
def test_a_record_is_an_event_or_has_one_reason(other, reason, caplog):
    caplog.set_level(logging.DEBUG)
    fields = {"key": b"c:ana", "value": GOOD["value"], "headers": GOOD["headers"], **other}
    work = taken(**fields)
    assert [each.reason for each in work.aside] == ([] if reason is None else [reason])
    assert len(work.events) == (1 if reason is None else 0)
    assert SECRET not in caplog.text
    assert not any(SECRET in each.detail for each in work.aside)


_bytes = st.none() | st.binary(max_size=60) | st.binary(min_size=500, max_size=2_000)
_headers = st.lists(
    st.tuples(st.sampled_from(["ce_id", "ce_source", "ce_time", "traceparent"]) | st.text(max_size=9), _bytes),
    max_size=6,
)  # fmt: skip
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutated(draw):
    """An event of ours with fields changed or taken away, then bytes changed."""
    fields = json.loads(codec.encode(draw(st.sampled_from(SAMPLES))))
    for name in draw(st.lists(st.sampled_from(sorted(fields)), max_size=3)):
        if draw(st.booleans()):
            fields[name] = draw(_json)
        else:
            fields.pop(name, None)
    value = bytearray(json.dumps(fields).encode())
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(value) - 1))
        value[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(value)


@pytest.mark.slow
@settings(max_examples=300)
@given(key=_bytes, value=_bytes | mutated(), headers=_headers)
def test_nothing_breaks_the_way_in(key, value, headers):
    """One outcome each, the offset moves, and whatever comes out PostgreSQL can hold."""
    work = taken(key, value, headers)
    assert work.size <= 1  # nothing: a beacon
    for received, _ in work.events:
        assert "\0" not in received.id
        assert len(received.id) <= 1_100
        assert received.event.at.tzinfo is not None
        assert b"\\u0000" not in msgspec.json.encode(received.event)
    for each in work.aside:
        assert each.reason in {"no_value", "undecodable", "no_identity", "nul_in_string"}
        assert "\0" not in each.id
        kept = quarantine._headers(each.headers)
        assert len(kept) <= HEADERS
        assert all("\0" not in text and len(text) <= HEADER_CHARS for pair in kept for text in pair)


@pytest.mark.servers
async def test_poison_goes_to_quarantine_and_the_offset_moves(bench, caplog):
    """All of it in one partition of a real Kafka, a good record before and behind each."""
    caplog.set_level(logging.DEBUG, logger="playcaller")
    sent, wanted = [], {}
    for n, (other_id, other, reason) in enumerate(ROWS):
        good = record(usage(1_000 + n))
        if reason is not None:
            coordinates = f"{TOPIC}:0:{len(sent) + 1}"
            # a report has its headers' identity: here each has one of its own
            wanted[f"report:{n}" if "report" in other_id else coordinates] = reason
            named = (
                {"headers": headers(ce_id=f"report:{n}".encode())} if "report" in other_id else {}
            )
            sent += [good, {**GOOD, **named, **other}]
        else:
            sent.append(good)
            sent.append(record(usage(2_000 + n)))
    sent.append(record(usage(3_000)))
    await bench.send(sent)
    async with bench.consumer() as consumer:
        here = consumer.source.positions
        await until(lambda: (TOPIC, 0) in here and here[TOPIC, 0].next_offset == len(sent))
    assert await bench.quarantined() == wanted
    goods = len(sent) - len(wanted)
    assert len(await bench.effects()) == goods
    async with bench.engine.begin() as connection:
        found = await connection.execute(text("SELECT length(headers::text) AS n FROM quarantine"))
        assert max(found.scalars()) < HEADERS * (HEADER_CHARS + 100)
        listed = await quarantine.rows(connection, 100)
    assert datetime.now(UTC) > max(row["quarantined_at"] for row in listed)
    assert SECRET not in caplog.text
