"""Every reason for which bytes are refused, and what is kept of what is not."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.messages.decode import decode
from services.ingest.domain.messages.elements import Ask, Refused
from services.ingest.domain.rejects.reasons import REASONS
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


def dropped(*ranges) -> bytes:
    """A report of what was dropped."""
    return raw(type="dropped", seq=None, by=None, stream="usage", ranges=list(ranges))


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
    pytest.param(dropped([5, 3]), "out_of_range", "ranges", id="dropped backwards"),
    pytest.param(dropped([0, 2**53 - 1]), "out_of_range", "ranges", id="dropped everything"),
    pytest.param(dropped([7, 7 + 2**20]), "out_of_range", "ranges", id="dropped 2^20 and one"),
    pytest.param(dropped([0, 2**19], [2**30, 2**30 + 2**19 - 1]), "out_of_range", "ranges", id="dropped too many together"),
    pytest.param(dropped(*[[n, n] for n in range(501)]), "out_of_range", "ranges", id="dropped in 501 ranges"),
    pytest.param(text("by", '"automation", "by": "person"'), "duplicate_key", "by", id="a known field twice"),
    pytest.param(text("at", f'"{AT}", "at": "{AT}"'), "duplicate_key", "at", id="the same twice"),
    pytest.param(text("by", '"person", "b\\u0079" : "person"'), "duplicate_key", "by", id="twice, once in escapes"),
    pytest.param(text("by", '"person", "by"\n: "person"'), "duplicate_key", "by", id="twice, once with a blank"),
    pytest.param(b'{"n":1e999', "malformed_json", "", id="truncated behind 1e999"),
    pytest.param(b'{"n":1e999,"m":NaN}', "not_a_number", "", id="NaN behind 1e999"),
    pytest.param(b'{"n":1e999,"a":' + b"[" * 10_000, "too_deep", "", id="deep behind 1e999"),
    pytest.param(text("note", r'"\ud800", "n": 1e999'), "malformed_json", "", id="N2 half a character beside 1e999"),
    pytest.param(text("\\udc00", "1e999"), "malformed_json", "", id="N2 half a character as a name"),
    pytest.param(text("at", "1e999"), "bad_time", "at", id="at beyond floats"),
]  # fmt: skip


def _is_element(payload: bytes) -> bool:
    """Whether it can stand in an array: what is no JSON has no elements. Python's is kinder."""
    try:
        found = json.loads(payload.decode(), parse_int=str)
    except (ValueError, RecursionError):
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


@pytest.mark.parametrize(
    "ranges",
    [
        pytest.param([], id="none"),
        pytest.param([[0, 0]], id="one number"),
        pytest.param([[2**53 - 1, 2**53 - 1]], id="the last number"),
        pytest.param([[7, 6 + 2**20]], id="2^20 numbers"),
        pytest.param([[0, 2**19 - 1], [2**30, 2**30 + 2**19 - 1]], id="2^20 together"),
        pytest.param([[2 * n, 2 * n] for n in range(500)], id="500 ranges"),
    ],
)
def test_what_may_be_reported_as_dropped(ranges):
    (found,) = decode(dropped(*ranges), "usage", "cam-1")
    assert isinstance(found, Dropped)
    assert [list(pair) for pair in found.ranges] == ranges


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        pytest.param("lens", "lens", id="a word"),
        pytest.param("rear lens 2", "rear lens 2", id="words"),
        pytest.param("Ann Lens", "Ann Lens", id="words like a name: written down"),
        pytest.param("cpu/0 (left): #1", "cpu/0 (left): #1", id="signs"),
        pytest.param("Geha\u0308use", "Geh\u00e4use", id="decomposed"),
        pytest.param(" Geh\u00e4use\u00a0", "Geh\u00e4use", id="composed, blanks around"),
        pytest.param("\u0e01\u0e34", "\u0e01\u0e34", id="Thai"),
        pytest.param("of ann@example.org", "[mail]", id="an address"),
        pytest.param("+49 170 5550142", "[phone]", id="a telephone number"),
        pytest.param("Ann, at home", "[text]", id="prose"),
        pytest.param("le\u202ens", "[text]", id="an override"),
        pytest.param("le\x1bns", "[text]", id="a control character"),
    ],
)
def test_a_component_has_one_form_and_holds_nobody(sent, told):
    for kind in ("fault", "recovered"):
        (found,) = decode(raw(type=kind, code="hot", by=None, component=sent), "fault", "cam-1")
        assert found.component == told


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        pytest.param("2.4.1-rc.1+build 7", "2.4.1-rc.1+build 7", id="a version"),
        pytest.param("4.2.10-20260301", "4.2.10-20260301", id="with a date"),
        pytest.param("nightly", "nightly", id="a word"),
        pytest.param("2" * 64, "2" * 64, id="64 characters"),
        pytest.param("2" * 65, "[text]", id="65 characters"),
        pytest.param("ann.firmware@example.org", "[mail]", id="an address"),
        pytest.param("Ann Firmware, call +49 170 5550142", "[phone]", id="a telephone number"),
        pytest.param("Ann Firmware", "[text]", id="a name"),
        pytest.param("2.4.1 \u0444", "[text]", id="other letters"),
    ],
)
def test_a_build_holds_nobody(sent, told):
    (found,) = decode(raw(firmware=sent), "usage", "cam-1")
    assert found.firmware == told
    fields = {"type": "firmware_updated", "by": None, "to_firmware": sent, "from_firmware": sent}
    (found,) = decode(raw(**fields), "lifecycle", "cam-1")
    assert (found.to_firmware, found.from_firmware) == (told, told)


def test_masked_names_of_fields_stay_distinct():
    """Cases 21 and 22."""
    plain = {"Uptime": "0T01:11:00", "UptimeSec": 4260, "Heap": 21, "LoadAvg": 19, "POWER1": "ON"}
    (found,) = decode(raw(**plain), "usage", "cam-1")
    assert found.extra == plain
    several = {"Ann B": 1, "Ann C": 2, "a@b.de": 3, "c@d.de": 4, "x" * 70: 5, "x" * 71: 6}
    (found,) = decode(raw(**several), "usage", "cam-1")
    assert found.extra == {
        "[text]": 1, "[text] 2": 2, "[mail]": 3, "[mail] 2": 4, "x" * 64: 5, "x" * 60 + " 2": 6,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "sent", "told"),
    [
        ("contact", True, True),
        ("contact", "open", "open"),
        ("person", 2, 2),
        ("zip_ratio", 0.4, 0.4),
        ("zip_ratio", 0.4321, 0.4321),
        ("person_distance", 2.5, 2.5),
        ("zip", 10115, "[personal]"),
        ("phone", 1_701_234_567, "[personal]"),
        ("address", 48.20817, "[personal]"),
        ("owner", "ann", "[personal]"),
        ("note", "a\u202eb", "[text]"),
        ("gtin", "00012345600012", "00012345600012"),
        ("reached", "00491701234567", "[phone]"),
    ],
)
def test_a_state_or_a_count_is_about_nobody(field, sent, told):
    (found,) = decode(raw(**{field: sent}), "usage", "cam-1")
    assert found.extra == {field: told}


@pytest.mark.parametrize(
    "product", ["00012345600012", "00098765400098", "4006381333931", "0815-47"]
)
def test_article_numbers_are_told_apart(product):
    """Case 23."""
    payload = raw(type="interest_shown", by=None, product=product)
    (found,) = decode(payload, "app", "app-1")
    assert found.product == product
    (found,) = decode(raw(command=product), "usage", "cam-1")
    assert found.command == product


@pytest.mark.parametrize(
    ("written", "reason"),
    [("1", None), ("0.01", None), ("0", None), ("97", "out_of_range"), ('"0.8"', "wrong_type")],
)
def test_a_battery_is_a_share(written, reason):
    """Case 55."""
    payload = text("battery", written).replace(b'"usage"', b'"heartbeat"')
    payload = payload.replace(b'"by": "person"', b'"every_s": 60')
    (found,) = decode(payload, "usage", "cam-1")
    if reason is None:
        assert found.battery == float(written)
    else:
        assert (found.reason, found.detail) == (reason, "battery")


@pytest.mark.parametrize("boot", ["9F1C2AB37D405E68", "9f1c", BOOT + "\n", "x" * 16])
def test_boots_that_are_known_let_no_other_pass(boot):
    (refused,) = decode(raw(boot=boot), "usage", "cam-1", {BOOT: None})
    assert refused.reason == "bad_boot"
    (known,) = decode(raw(), "usage", "cam-1", {BOOT: None})
    assert known.boot == BOOT


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
        "part": "ov5640-b", "owner_name": "ann", "note": "Ann is out", "who": "Ann", "mail": 5_000,
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


@pytest.mark.slow
@given(st.lists(st.dictionaries(_names | st.text(max_size=9), _values, max_size=9), max_size=3))
def test_no_json_breaks_it(several):
    payload = json.dumps([{**GOOD, **changed} for changed in several]).encode()
    for found in decode(payload, "usage", "cam-1"):
        if isinstance(found, Refused):
            assert found.reason in REASONS
        else:
            msgspec.json.encode(found)
