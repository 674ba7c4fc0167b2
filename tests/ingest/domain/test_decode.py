"""Every reason for which bytes are refused, and what is kept of what is not."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.decode import decode
from services.ingest.domain.elements import Ask, Refused
from services.ingest.domain.reasons import REASONS
from shared.events import Dropped, Fault, Usage

BOOT = "9f1c2ab37d405e68"
AT = "2026-03-01T07:12:30Z"
GOOD = {"type": "usage", "boot": BOOT, "seq": 7, "at": AT, "sent": AT, "by": "person"}


def raw(**changed) -> bytes:
    """GOOD with fields changed; None takes one away."""
    fields = {k: v for k, v in {**GOOD, **changed}.items() if v is not None}
    return json.dumps(fields).encode()


def text(field: str, written: str) -> bytes:
    """GOOD with one field written just so."""
    rest = {k: v for k, v in GOOD.items() if k != field}
    return json.dumps(rest).encode()[:-1] + f', "{field}": {written}}}'.encode()


PAYLOADS = [
    pytest.param(b"", "empty", "", id="no bytes"),
    pytest.param(b"[]", "empty", "", id="array of nothing"),
    pytest.param(raw(note="x" * 65_536), "too_large", "", id="over 64 KiB"),
    pytest.param(b"\xff\xfe{}", "not_utf8", "", id="not utf-8"),
    pytest.param(raw(command="@@").replace(b"@@", b"\xff"), "not_utf8", "", id="not utf-8 inside"),
    pytest.param(b"{", "malformed_json", "", id="truncated"),
    pytest.param(b"\xef\xbb\xbf" + raw(), "malformed_json", "", id="byte order mark"),
    pytest.param(raw() + b"x", "malformed_json", "", id="more behind it"),
    pytest.param(text("command", r'"\ud800"'), "malformed_json", "", id="lone surrogate"),
    pytest.param(b"\x1f\x8b\x08\x00", "not_utf8", "", id="gzip"),
    pytest.param(b"[" + raw() + b",", "malformed_json", "", id="truncated array"),
    pytest.param(text("count", "NaN"), "not_a_number", "", id="NaN"),
    pytest.param(text("count", "-Infinity"), "not_a_number", "", id="Infinity"),
    pytest.param(b"[" * 10_000, "too_deep", "", id="10,000 arrays deep"),
    pytest.param(b'{"a":' * 5_000, "too_deep", "", id="objects deep"),
    pytest.param(b"null", "not_an_object", "", id="null"),
    pytest.param(b"1", "not_an_object", "", id="number"),
    pytest.param(b'"usage"', "not_an_object", "", id="text"),
    pytest.param(b"[1]", "not_an_object", "", id="array of a number"),
    pytest.param(b"[" + b",".join([b"{}"] * 501) + b"]", "too_many_elements", "", id="501 events"),
    pytest.param(b"{}", "missing_field", "type", id="empty object"),
    pytest.param(raw(type=None), "missing_field", "type", id="no type"),
    pytest.param(raw(type=7), "wrong_type", "type", id="type is a number"),
    pytest.param(raw(type="teleported"), "unknown_type", "teleported", id="unknown type"),
    pytest.param(raw(type="USAGE"), "unknown_type", "USAGE", id="type in capitals"),
    pytest.param(raw(type="beacon"), "unknown_type", "beacon", id="our own type"),
    pytest.param(raw(type="fault", code="x"), "wrong_stream", "fault", id="other stream"),
    pytest.param(raw(at=None), "missing_field", "at", id="no at"),
    pytest.param(raw(by=None), "missing_field", "by", id="no by"),
    pytest.param(raw(boot=None), "missing_field", "boot", id="seq without boot"),
    pytest.param(raw(count="many"), "wrong_type", "count", id="count is text"),
    pytest.param(raw(command={"a": 1}), "wrong_type", "command", id="command is an object"),
    pytest.param(raw(by="robot"), "out_of_range", "by", id="no such by"),
    pytest.param(raw(count=0), "out_of_range", "count", id="count too small"),
    pytest.param(text("count", "1e999"), "out_of_range", "count", id="count beyond floats"),
    pytest.param(raw(command="x" * 257), "out_of_range", "command", id="text too long"),
    pytest.param(raw(seq=-1), "bad_seq", "seq", id="seq negative"),
    pytest.param(raw(seq=2**53), "bad_seq", "seq", id="seq too large"),
    pytest.param(text("seq", "9" * 5_000), "bad_seq", "seq", id="seq of 5,000 digits"),
    pytest.param(raw(seq=1.5), "bad_seq", "seq", id="seq a fraction"),
    pytest.param(text("seq", "1.0"), "bad_seq", "seq", id="seq a float"),
    pytest.param(raw(seq=True), "bad_seq", "seq", id="seq a truth"),
    pytest.param(raw(seq="1"), "bad_seq", "seq", id="seq a text"),
    pytest.param(raw(boot="9f1c2ab37d405e6"), "bad_boot", "boot", id="boot of 60 bits"),
    pytest.param(raw(boot="9F1C2AB37D405E68"), "bad_boot", "boot", id="boot in capitals"),
    pytest.param(raw(boot="a" * 65), "bad_boot", "boot", id="boot too long"),
    pytest.param(raw(at="2026-03-01T07:12:30"), "bad_time", "at", id="at without zone"),
    pytest.param(raw(sent="2026-03-01T07:12:30"), "bad_time", "sent", id="sent without zone"),
    pytest.param(raw(at="2026-02-30T00:00:00Z"), "bad_time", "at", id="no such day"),
    pytest.param(raw(at="2016-12-31T23:59:60Z"), "bad_time", "at", id="leap second"),
    pytest.param(raw(at=1_772_349_150_000), "bad_time", "at", id="at a number"),
    pytest.param(raw(at="yesterday"), "bad_time", "at", id="at a word"),
    pytest.param(raw(source="cam-2"), "source_mismatch", "source", id="somebody else"),
    pytest.param(raw(source=7), "source_mismatch", "source", id="source a number"),
    pytest.param(raw(**{f"f{n}": n for n in range(65)}), "too_many_fields", "", id="65 unknown"),
    pytest.param(raw(command="a\0b"), "nul_in_string", "command", id="NUL"),
    pytest.param(raw(note="a\0b"), "nul_in_string", "note", id="NUL in an unknown field"),
    pytest.param(text("seq", '7, "seq": 8'), "duplicate_key", "seq", id="seq twice"),
    pytest.param(raw(type="dropped", seq=None, stream="fault", ranges=[[1, 2]]), "wrong_stream", "stream", id="dropped of another stream"),
    pytest.param(raw(type="dropped", seq=None, boot=None, stream="usage", ranges=[[1, 2]]), "missing_field", "boot", id="dropped without boot"),
    pytest.param(raw(type="dropped", seq=None, stream="usage", ranges=[[-1, 2]]), "out_of_range", "ranges", id="dropped before zero"),
]  # fmt: skip


def _is_element(payload: bytes) -> bool:
    """Whether it can stand in an array: what is no JSON has no elements."""
    try:
        found = msgspec.json.decode(payload)
    except msgspec.ValidationError:
        return True  # a number out of range
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(found, dict) and len(payload) < 60_000


@pytest.mark.parametrize(("payload", "reason", "detail"), PAYLOADS)
def test_what_is_refused_and_why(payload, reason, detail):
    (found,) = decode(payload, "usage", "cam-1")
    assert isinstance(found, Refused)
    assert (found.reason, found.detail) == (reason, detail)
    assert reason in REASONS


ELEMENTS = [p for p in PAYLOADS if _is_element(p.values[0])]


@pytest.mark.parametrize(("payload", "reason", "detail"), ELEMENTS)
def test_one_bad_element_never_rejects_its_array(payload, reason, detail):
    found = decode(b"[" + raw(seq=1) + b"," + payload + b"," + raw(seq=2) + b"]", "usage", "cam-1")
    first, second, third = found
    assert (first.seq, third.seq) == (1, 2)
    assert (second.reason, second.detail) == (reason, detail)
    assert second.raw == payload


def test_a_refused_element_keeps_its_identity_where_it_can_be_read():
    (found,) = decode(raw(by="robot"), "usage", "cam-1")
    assert (found.boot, found.seq) == (BOOT, 7)
    (found,) = decode(raw(seq=-1), "usage", "cam-1")
    assert (found.boot, found.seq) == (None, None)


def test_what_is_good_is_typed():
    (found,) = decode(raw(command="live_view", source="cam-1"), "usage", "cam-1")
    assert isinstance(found, Usage)
    assert (found.boot, found.seq, found.command, found.count) == (BOOT, 7, "live_view", 1)
    (found,) = decode(raw(type="fault", code="hot"), "fault", "cam-1")
    assert isinstance(found, Fault)
    (found,) = decode(raw(type="dropped", seq=None, stream="usage", ranges=[[1, 2]]), "usage", "c")
    assert isinstance(found, Dropped)
    assert found.ranges == [(1, 2)]


def test_500_events_are_not_too_many():
    several = [{**GOOD, "seq": n, "boot": BOOT} for n in range(500)]
    several = [{k: v for k, v in e.items() if k != "sent"} for e in several]
    payload = json.dumps(several, separators=(",", ":")).encode()
    assert len(payload) < 65_536
    assert [event.seq for event in decode(payload, "usage", "cam-1")] == list(range(500))


def test_exactly_64_kib_is_not_too_large():
    room = 65_536 - len(raw(note=""))
    (found,) = decode(raw(note="x" * room), "usage", "cam-1")
    assert found.extra == {"note": "x" * 256}


def test_unknown_scalars_are_kept_and_masked():
    unknown = {"mood": "call +49 170 1234567", "n": 3, "x": 0.5, "ok": True, "nested": {"a": 1}}
    (found,) = decode(raw(**unknown), "usage", "cam-1")
    assert found.extra == {"mood": "[text]", "n": 3, "x": 0.5, "ok": True}
    (found,) = decode(raw(**{f"f{n}": n for n in range(64)}), "usage", "cam-1")
    assert len(found.extra) == 64


def test_of_unknown_fields_words_stay_and_what_may_be_about_people_does_not():
    told = {
        "part": "ov5640-b", "owner_name": "ann", "note": "Ann is out", "who": "Ann", "mail": 5,
        "Ann Example": 1, "reached": "+49 170 1234567",
    }  # fmt: skip
    (found,) = decode(raw(**told), "usage", "cam-1")
    assert found.extra == {
        "part": "ov5640-b", "owner_name": "[personal]", "note": "[text]", "who": "[text]",
        "mail": "[personal]", "[text]": 1, "reached": "[phone]",
    }  # fmt: skip


def test_free_text_is_masked_in_known_fields_too():
    (found,) = decode(raw(command="mail ann@example.org"), "usage", "cam-1")
    assert found.command == "mail [mail]"


def test_what_ingest_stamps_cannot_be_sent():
    (found,) = decode(raw(extra={"a": "ann@example.org"}, late=True), "usage", "cam-1")
    assert found.extra == {}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'{"ask":7}', 7),
        (b' { "ask" : 0 }', None),
        (b'{"ask": 9007199254740991}', 9007199254740991),
        (b'{"ask":-1}', None),
        (b'{"ask":"7"}', None),
        (b'{"ask":7,"boot":1}', None),
    ],
)
def test_an_ask_is_alone(payload, expected):
    (found,) = decode(payload, "usage", "cam-1")
    if expected is None:
        assert isinstance(found, Refused)
    else:
        assert found == Ask(expected)


@given(st.binary(max_size=300))
def test_no_bytes_break_it(payload):
    for found in decode(payload, "usage", "cam-1"):
        assert not isinstance(found, Refused) or found.reason in REASONS


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_names = st.sampled_from([*GOOD, "source", "extra", "count", "command", "customer", "firmware"])


@given(st.lists(st.dictionaries(_names | st.text(max_size=9), _values, max_size=9), max_size=3))
def test_no_json_breaks_it(several):
    payload = json.dumps([{**GOOD, **changed} for changed in several]).encode()
    for found in decode(payload, "usage", "cam-1"):
        if isinstance(found, Refused):
            assert found.reason in REASONS
        else:
            msgspec.json.encode(found)
