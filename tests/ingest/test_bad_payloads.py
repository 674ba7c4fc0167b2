"""Rows 1 to 20 of the bad-input matrix, from the bytes to what becomes of them.

tests/ingest/domain/messages/test_decode.py has every reason with both sides of its edge; here each row of the
matrix is one line with its number, through decode, judge and plan, and some through the real broker.
Row 7's 3 MB never get past the broker. Rows 16 and 17, an identity told twice, are the consumers'
business: `seq_conflict` in tests/shared/stream/test_consumer.py; an event without `seq` is its
content, so that another payload is another event.
"""

import copy
import json
import logging
import zlib
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.domain.messages import addresses
from services.ingest.domain.messages.elements import STREAM_EVENTS
from services.ingest.domain.messages.message import Message
from services.ingest.domain.rejects.reasons import REASONS
from services.ingest.domain.rejects.rejects import MAX_BYTES, answer
from services.ingest.domain.sources.source import Source
from services.ingest.handlers.messages.on_messages import Planner
from shared.events import Telemetry, codec
from shared.events.samples import BY_TYPE
from shared.masking import MAX_TEXT
from tests.ingest.device import usage

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOOT = "9f1c2ab37d405e68"
AT = "2026-03-01T11:59:58Z"
GOOD = {"type": "usage", "boot": BOOT, "seq": 7, "at": AT, "sent": AT, "by": "person"}
MAIL, PHONE = "ann.example@example.org", "+49 170 1234567"
RTL, HOMOGLYPH = "pers\u202eno", "p\u0435rson"  # an override; a Cyrillic e


def raw(**changed) -> bytes:
    """GOOD with fields changed; None takes one away."""
    return json.dumps({k: v for k, v in {**GOOD, **changed}.items() if v is not None}).encode()


def text(field: str, written: str) -> bytes:
    """GOOD with one field written just so."""
    rest = {k: v for k, v in GOOD.items() if k != field}
    return json.dumps(rest).encode()[:-1] + f', "{field}": {written}}}'.encode()


BOMB = zlib.compress(b"0" * 10_000_000)
CBOR = b"\xa4dtypeeusageddboot\xf5"

# row and what it is, payload, reason
REFUSED = [
    ("1 empty", b"", "empty"),
    ("1 white space", b" \n", "malformed_json"),
    ("2 not UTF-8", b"\xff\xfe{}", "not_utf8"),
    ("2 overlong form", raw(command="@@").replace(b"@@", b"\xc0\x80"), "not_utf8"),
    ("2 lone surrogate", text("command", r'"\ud800"'), "malformed_json"),
    ("3 truncated", raw()[:-1], "malformed_json"),
    ("3 only a brace", b"{", "malformed_json"),
    ("4 null", b"null", "not_an_object"),
    ("4 number", b"1", "not_an_object"),
    ("4 text", b'"x"', "not_an_object"),
    ("4 array of arrays", b"[[]]", "not_an_object"),
    ("4 empty array", b"[]", "empty"),
    ("5 seq twice", text("seq", '1, "seq": 2'), "duplicate_key"),
    ("5 an unknown field twice", text("note", '1, "note": 2'), "duplicate_key"),
    ("6 arrays 10,000 deep", b"[" * 10_000, "too_deep"),
    ("6 objects 10,000 deep", b'{"a":' * 10_000, "too_deep"),
    ("6 deep in an unknown field", text("note", "[" * 10_000 + "]" * 10_000), "too_deep"),
    ("7 65,537 bytes", raw(note="x" * (65_537 - len(raw(note="")))), "too_large"),
    ("7 3 MB", b"[" + b"0," * 1_500_000 + b"0]", "too_large"),
    ("8 NaN", text("count", "NaN"), "not_a_number"),
    ("8 Infinity", text("count", "Infinity"), "not_a_number"),
    ("8 1e999", text("count", "1e999"), "out_of_range"),
    ("9 seq -1", raw(seq=-1), "bad_seq"),
    ("9 seq 1.5", raw(seq=1.5), "bad_seq"),
    ("9 seq as text", raw(seq="1"), "bad_seq"),
    ("9 seq true", raw(seq=True), "bad_seq"),
    ("9 seq 2^53", raw(seq=2**53), "bad_seq"),
    ("9 seq 2^63", raw(seq=2**63), "bad_seq"),
    ("10 year 0001", raw(at="0001-01-01T00:00:00Z", sent=None), "bad_time"),
    ("10 year 9999", raw(at="9999-12-31T23:59:59Z", sent=None), "bad_time"),
    ("10 nanoseconds", raw(at=1_772_366_398_000_000_000), "bad_time"),
    ("10 no zone", raw(at="2026-03-01T11:59:58"), "bad_time"),
    ("10 leap second", raw(at="2016-12-31T23:59:60Z"), "bad_time"),
    ("11 NUL", raw(command="a\0b"), "nul_in_string"),
    ("11 NUL in a name", raw(**{"a\0b": 1}), "nul_in_string"),
    ("11 N1 NUL in an unknown type", raw(type="a\0b"), "unknown_type"),
    ("11 N1 NUL in a name there twice", text("a\\u0000b", '1, "a\\u0000b": 2'), "duplicate_key"),
    (
        "2 N2 half a character beside 1e999",
        text("command", r'"\ud800", "n": 1e999'),
        "malformed_json",
    ),
    ("12 seq of a million digits", text("seq", "9" * 60_000), "bad_seq"),
    ("12 count of many digits", text("count", "9" * 60_000), "out_of_range"),
    ("13 unknown version", raw(type="usage.v2"), "unknown_type"),
    ("13 no type", raw(type=None), "missing_field"),
    ("13 null type", text("type", "null"), "wrong_type"),
    ("14 1,000 unknown fields", raw(**{f"f{n}": n for n in range(1_000)}), "too_many_fields"),
    ("15 enum in capitals", raw(by="PERSON"), "out_of_range"),
    ("15 enum with emoji", raw(by="\U0001f9d1"), "out_of_range"),
    ("15 enum with an override", raw(by=RTL), "out_of_range"),
    ("15 enum with a homoglyph", raw(by=HOMOGLYPH), "out_of_range"),
    ("15 boot with a line break", raw(boot=f"{BOOT}\n"), "bad_boot"),
    ("15 boot in full width", raw(boot="\uff19" * 16), "bad_boot"),
    ("15 source in capitals", raw(source="CAM-1"), "source_mismatch"),
    ("18 gzip", b"\x1f\x8b" + BOMB, "not_utf8"),
    ("18 deflate bomb", BOMB, "not_utf8"),
    ("18 CBOR", CBOR, "not_utf8"),
    ("18 bomb in base64", b"H4sIAAAAAAAA", "malformed_json"),
    ("20 __proto__ as type", raw(type="__proto__"), "unknown_type"),
    ("20 SQL as by", raw(by="person'; DROP TABLE ledger; --"), "out_of_range"),
]
# row and what it is, payload, fields of the record
TAKEN = [
    ("4 array of one", b"[" + raw() + b"]", {}),
    ("10 a clock two days ahead", raw(at="2026-03-03T12:00:00Z", sent="2026-03-03T12:00:00Z"), {"clock_suspect": True}),
    ("12 seq of 16 digits", raw(seq=2**53 - 1), {"seq": 2**53 - 1}),
    ("14 64 unknown fields", raw(**{f"f{n}": n for n in range(64)}), {"extra": {f"f{n}": n for n in range(64)}}),
    ("19 mail in free text", raw(command=f"mail {MAIL}"), {"command": "mail [mail]"}),
    ("19 telephone in free text", raw(command=f"call {PHONE}"), {"command": "call [phone]"}),
    ("19 mail in an unknown field", raw(mood=MAIL), {"extra": {"mood": "[mail]"}}),
    ("19 telephone in an unknown name", raw(**{PHONE: 1}), {"extra": {"[phone]": 1}}),
    ("20 __proto__", text("__proto__", '{"admin": true}'), {}),
    ("20 SQL", raw(command="'; DROP TABLE ledger; --"), {"command": "'; DROP TABLE ledger; --"}),
    ("20 HTML", raw(command="<img src=x onerror=a()>"), {"command": "<img src=x onerror=a()>"}),
    ("20 formula", raw(command="=cmd()"), {"command": "=cmd()"}),
]  # fmt: skip
CAM = Source("cam-1", "device", model="cam-2", version=1)


class Fixed:
    def now(self) -> datetime:
        return NOW


def plan(payload: bytes, stream: str = "usage", topic: str | None = None):
    planner = Planner(Fixed(), None)
    messages = [Message(topic or addresses.up("device", "cam-1", stream), payload, NOW)]
    planner.sources_of(messages)
    # what a plan does to a source must not reach the next one
    return planner.plan(messages, {"cam-1": copy.deepcopy(CAM)}, complete=True, blocked=set())


def each(rows):
    return [pytest.param(*row[1:], id=f"row {row[0]}") for row in rows]


@pytest.mark.parametrize(("payload", "reason"), each(REFUSED))
def test_it_is_refused_for_one_reason_and_kept(payload, reason, caplog):
    caplog.set_level(logging.DEBUG)
    found = plan(payload)
    ((address, reject),) = found.rejects
    assert reject.reason == reason
    assert reject.reason in REASONS
    assert found.taken == found.bound  # acknowledged to the broker, after the reject is stored
    assert reject.payload == payload[:MAX_BYTES]
    (news,) = found.records
    assert news.topic == "ingest.rejected"
    assert len(news.value) < 600  # never the bytes
    assert len(answer(address, reject).payload) < 400
    assert caplog.text == ""


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(raw(type="a\0b"), id="N1 NUL in an unknown type"),
        pytest.param(text("a\\u0000b", '1, "a\\u0000b": 2'), id="N1 NUL in a name there twice"),
        pytest.param(text("type", r'"\ud800", "n": 1e999'), id="N2 lone surrogate in a type"),
    ],
)
def test_a_reject_holds_nothing_that_no_table_can(payload):
    ((address, reject),) = plan(payload).rejects
    assert "\0" not in reject.detail
    reject.detail.encode()
    answer(address, reject)


@pytest.mark.parametrize(("payload", "expected"), each(TAKEN))
def test_it_is_taken_and_does_no_harm(payload, expected, caplog):
    caplog.set_level(logging.DEBUG)
    found = plan(payload)
    assert found.rejects == []
    (record,) = found.records
    event = json.loads(record.value)
    assert {name: event[name] for name in expected} == expected
    assert not {"__proto__", "admin"} & event.keys()
    everything = record.value + record.key + b"".join(value for _, value in record.headers)
    for personal in (MAIL, PHONE, "1234567"):
        assert personal.encode() not in everything
    assert caplog.text == ""


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("CAM-1", id="row 15 capitals"),
        pytest.param("c\u0430m-1", id="row 15 a homoglyph"),
        pytest.param("cam\u202e-1", id="row 15 an override"),
        pytest.param("cam-\U0001f4f7", id="row 15 an emoji"),
        pytest.param("c" * 65, id="row 15 too long"),
        pytest.param("cam-1\n", id="row 15 a line break"),
        pytest.param("../cam-1", id="row 20 a path"),
    ],
)
def test_an_id_that_is_none_is_refused_by_its_topic(source):
    found = plan(raw(), topic=f"pc/v1/0/devices/{source}/up/usage")
    ((_, reject),) = found.rejects
    assert reject.reason == "bad_topic"
    (news,) = found.records
    assert source.encode() not in news.value


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)

# one strangeness each, as JSON text; two or three of them meet in a message
STRANGE = [
    '"a\\u0000b"', r'"\ud800"', r'"\udc00\ud800"', r'"\ud83d\ude00"', "1e999", "-1e999", "NaN",
    "Infinity", "9" * 400, "-" + "9" * 5_000, "1" + "0" * 19, "1e-999", "true", "null", '""', '"x"', "{}",
    "[[]]", '{"a":{"a":1,"a":2}}', "[" * 2_000 + "]" * 2_000, '{"a":' * 1_200 + "1" + "}" * 1_200,
    "[[0,9007199254740991]]", "[[5,3]]", '"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-12:00"',
    '"2026-03-01T12:00:00"', '"\u202e\ufeff\u2028"', '"Geha\u0308use ann@example.org +49 170 1234567"',
    '"' + "x" * 3_000 + '"', "[1,", "\ufeff1", "'x'", "01", '"\x1f"',
]  # fmt: skip
_strange_names = st.sampled_from(
    ["type", "boot", "seq", "at", "sent", "by", "command", "code", "component", "ranges", "stream",
     "firmware", "source", "extra", "count", "every_s", "note", r"\u0000", r"\ud800", "to_firmware",
     "Ann B", "a@b.de", "", r"\u0062y"]
)  # fmt: skip


@st.composite
def strange(draw):
    """A stream and an array or object in which several kinds of strangeness meet."""
    stream = draw(st.sampled_from(["usage", "fault", "lifecycle"]))
    elements = []
    for kind in draw(st.lists(st.sampled_from(STREAM_EVENTS[stream]), min_size=1, max_size=4)):
        good = codec.encode(BY_TYPE[kind]).decode()
        more = draw(st.lists(st.tuples(_strange_names, st.sampled_from(STRANGE)), max_size=3))
        pairs = [f'"{name}"{draw(st.sampled_from(["", " "]))}:{value}' for name, value in more]
        if draw(st.booleans()):
            elements.append(good[:-1] + "".join(f",{pair}" for pair in pairs) + "}")
        else:  # before the good ones, or in place of them
            rest = good[1:] if draw(st.booleans()) else '"seq":1}'
            elements.append("{" + "".join(f"{pair}," for pair in pairs) + rest)
    elements += draw(st.lists(st.sampled_from(STRANGE), max_size=1))
    written = "[" + ",".join(elements) + "]" if len(elements) > 1 else elements[0]
    before = draw(st.sampled_from(["", "", "", "\ufeff", " \n", "\0"]))
    return stream, (before + written).encode("utf-8", "surrogatepass")


@st.composite
def mutated(draw):
    """A stream and a payload of its events: fields changed, then bytes."""
    stream = draw(st.sampled_from(["usage", "fault", "lifecycle"]))
    elements = []
    for kind in draw(st.lists(st.sampled_from(STREAM_EVENTS[stream]), min_size=1, max_size=4)):
        fields = json.loads(codec.encode(BY_TYPE[kind]))
        for name in draw(
            st.lists(st.sampled_from(sorted(fields)) | st.text(max_size=9), max_size=3)
        ):
            if draw(st.booleans()):
                fields[name] = draw(_json)
            else:
                fields.pop(name, None)
        elements.append(fields)
    value = bytearray(json.dumps(elements if len(elements) > 1 else elements[0]).encode())
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(value) - 1))
        value[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return stream, bytes(value)


def texts(value):
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def elements_of(payload: bytes) -> int | None:
    """How many elements an array has, by Python's kinder reader; None: it is no array."""
    try:
        sent = json.loads(payload.decode(), parse_int=str)
    except (ValueError, RecursionError):
        return None
    return len(sent) if isinstance(sent, list) and 0 < len(sent) <= 500 else None


def is_sound(stream: str, payload: bytes) -> None:
    """One outcome for each element; whatever is written can be read again, stored, and is bounded."""
    found = plan(payload, stream)
    events = [codec.decode(r.value) for r in found.records if r.topic != "ingest.rejected"]
    refused = sum(reject.elements for _, reject in found.rejects)
    assert len(events) + refused + len(found.asks) == (elements_of(payload) or 1)
    for event in events:
        assert isinstance(event, Telemetry)
        assert event.source == "cam-1"
        assert event.at.tzinfo is not None
        assert event.at <= NOW
    for record in found.records:
        assert len(record.value) <= 2 * len(payload) + 1_000
        assert all(
            "\0" not in t and len(t) <= MAX_TEXT for t in texts(msgspec.json.decode(record.value))
        )
        assert all(b"\0" not in value and b"\n" not in value for _, value in record.headers)
    for address, reject in found.rejects:
        assert reject.reason in REASONS
        assert reject.reason != "internal_error"  # the net is for what nobody thought of
        assert len(reject.payload) <= MAX_BYTES + 2 * 500
        assert len(answer(address, reject).payload) < 16_000
        for told in (reject.topic, reject.source, reject.stream, reject.detail, reject.boot or ""):
            assert b"\0" not in told.encode()


@pytest.mark.slow
@settings(max_examples=250)
@given(strange())
def test_no_two_kinds_of_strangeness_at_once_break_it(given_):
    is_sound(*given_)


@pytest.mark.slow
@settings(max_examples=300)
@given(mutated())
def test_no_mutation_of_a_good_payload_breaks_it(given_):
    is_sound(*given_)


@pytest.mark.slow
@settings(max_examples=200)
@given(
    st.sampled_from(["usage", "fault", "lifecycle"]),
    st.binary(max_size=300) | _json.map(lambda v: json.dumps(v).encode()),
)
def test_no_bytes_and_no_json_break_it(stream, payload):
    is_sound(stream, payload)


THROUGH_THE_BROKER = [
    row for row in REFUSED
    if row[0] in {
        "2 not UTF-8", "3 truncated", "4 null", "11 N1 NUL in an unknown type",
        "11 N1 NUL in a name there twice", "2 N2 half a character beside 1e999", "5 seq twice", "6 arrays 10,000 deep",
        "7 65,537 bytes", "8 NaN", "9 seq 2^63", "10 no zone", "11 NUL", "12 count of many digits",
        "13 unknown version", "14 1,000 unknown fields", "15 enum with a homoglyph",
        "18 deflate bomb", "20 SQL as by",
    }
]  # fmt: skip


@pytest.mark.servers
async def test_through_the_real_broker_into_the_reject_table(ingest):
    source = await ingest.registered("bad")
    device = ingest.device(source)
    for _, payload, reason in THROUGH_THE_BROKER:
        device.publish("usage", payload)
        assert (await device.heard("reject"))["reject"]["reason"] == reason
    device.publish("usage", usage(1, command=f"call {PHONE}", mood=MAIL))
    device.publish("usage", usage(2, by=MAIL))
    assert (await device.heard("reject"))["reject"]["reason"] == "out_of_range"
    device.publish("usage", {"ask": 1})
    await device.heard("echo")
    page = await ingest.get("/v1/rejects", source=source, limit=100)
    reasons = [reject["reason"] for reject in page["items"]]
    assert sorted(reasons) == sorted([*(row[2] for row in THROUGH_THE_BROKER), "out_of_range"])
    log = ingest.process.log.read_text("utf-8")
    for personal in (MAIL, PHONE, "DROP TABLE"):
        assert personal not in log
