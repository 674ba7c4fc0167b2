"""May it speak, and what is stamped."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from services.ingest.domain.messages.addresses import parse, up
from services.ingest.domain.messages.decode import decode
from services.ingest.domain.messages.judge import (
    closed,
    content_id,
    judge,
    may_speak,
    too_many_boots,
)
from services.ingest.domain.sources.ownership import Ownership
from services.ingest.domain.sources.source import Source

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BOOT = "9f1c2ab37d405e68"
CAM = parse(up("device", "cam-1", "usage"))


def event(at: str = "2026-03-01T11:00:00Z", sent: str = "2026-03-01T12:00:00Z", more: str = ""):
    text = f'{{"type":"usage","boot":"{BOOT}","seq":1,"at":"{at}","sent":"{sent}","by":"person"{more}}}'
    (found,) = decode(text.encode(), "usage", "cam-1")
    return found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(None, "unknown_device", id="unknown"),
        pytest.param(Source("cam-1", "app"), "unknown_device", id="an app of that name"),
        pytest.param(Source("cam-1", "device", retired=True), "retired", id="retired"),
        pytest.param(Source("cam-1", "device"), None, id="registered"),
    ],
)
def test_who_may_speak(source, expected):
    assert may_speak(source, CAM) == expected


def test_what_is_stamped():
    source = Source(
        "cam-1", "device", model="cam-2", firmware="1.0", owners=(Ownership("ann", NOW - DAY),)
    )
    found = event(more=',"customer":"eve","late":true,"model":"x","clock_suspect":true')
    assert judge(found, source, NOW) is None
    assert (found.source, found.customer, found.model, found.firmware) == (
        "cam-1",
        "ann",
        "cam-2",
        "1.0",
    )
    assert (found.received_at, found.raw_at, found.late, found.clock_suspect) == (
        NOW,
        None,
        False,
        False,
    )


def test_firmware_the_device_tells_is_believed():
    found = event(more=',"firmware":"2.0"')
    assert judge(found, Source("cam-1", "device", firmware="1.0"), NOW) is None
    assert found.firmware == "2.0"


def test_a_wrong_clock_is_corrected_and_marked():
    found = event(at="2026-03-01T13:00:00Z", sent="2026-03-01T14:00:00Z")
    assert judge(found, Source("cam-1", "device"), NOW) is None
    assert found.at == NOW - timedelta(hours=1)
    assert found.raw_at == found.sent_at == datetime(2026, 3, 1, 13, tzinfo=UTC)
    assert found.clock_suspect


def test_an_impossible_time():
    found = event(at="2024-03-01T13:00:00Z")
    assert judge(found, Source("cam-1", "device"), NOW) is None
    assert (found.at, found.clock_suspect) == (NOW, True)  # it was sent then
    msgspec.structs.force_setattr(found, "sent", None)
    msgspec.structs.force_setattr(found, "at", NOW - 401 * DAY)
    assert judge(found, Source("cam-1", "device"), NOW) == "bad_time"


MOVED = Source(
    "cam-1",
    "device",
    owners=(
        Ownership("ann", NOW - 9 * DAY, NOW - HOUR),
        Ownership("bob", NOW - HOUR),
    ),
)


@pytest.mark.parametrize(
    ("at", "sent", "owner"),
    [
        pytest.param("2026-03-01T10:00:00Z", "2026-03-01T12:00:00Z", "ann", id="a right clock"),
        pytest.param("2026-03-01T11:59:00Z", "2026-03-01T12:00:00Z", "bob", id="after the move"),
        pytest.param(
            "2026-03-01T09:00:00Z", "2026-03-01T09:00:00Z", "bob", id="case 4: 3 h behind"
        ),
        pytest.param("2026-03-01T10:00:00Z", None, "bob", id="nothing shows the clock to be right"),
        pytest.param("2026-03-01T11:54:00Z", "2026-03-01T11:54:00Z", "bob", id="6 min behind"),
        pytest.param("2026-02-20T10:00:00Z", "2026-02-20T10:00:00Z", "bob", id="corrected"),
        pytest.param("2026-03-01T10:00:00Z", "2026-03-01T14:00:00Z", "bob", id="2 h ahead"),
        pytest.param("1970-01-01T00:00:05Z", "2026-03-01T12:00:00Z", "bob", id="two clocks"),
    ],
)
def test_a_clock_that_may_be_wrong_does_not_say_whose_it_is(at, sent, owner):
    found = event(at=at, sent=sent or at)
    if sent is None:
        msgspec.structs.force_setattr(found, "sent", None)
    assert judge(found, MOVED, NOW) is None
    assert found.customer == owner


def test_what_waited_for_us_is_its_owners_then():
    found = event(at="2026-03-01T10:00:00Z", sent="2026-03-01T10:00:00Z")
    assert judge(found, MOVED, NOW, NOW - 3 * HOUR) is None
    assert (found.customer, found.clock_suspect) == ("ann", False)


@pytest.mark.parametrize(("days", "expected"), [(400, False), (401, True)])
def test_a_boot_is_closed_after_400_days(days, expected):
    source = Source("cam-1", "device", boots={BOOT: NOW - days * DAY})
    assert closed(source, BOOT, NOW) == expected
    assert not closed(source, "f" * 16, NOW)


@pytest.mark.parametrize(
    ("begun", "expected"),
    [
        pytest.param([], False, id="none"),
        pytest.param([NOW - HOUR] * 19, False, id="19 today"),
        pytest.param([NOW - HOUR] * 20, True, id="20 today"),
        pytest.param([NOW - DAY, *[NOW - HOUR] * 19], False, id="the first of 20 a day ago"),
    ],
)
def test_a_source_begins_at_most_20_boots_in_a_day(begun, expected):
    assert too_many_boots(Source("cam-1", "device", begun=begun), NOW) == expected


def test_the_content_id_does_not_change_with_the_time_of_sending():
    first, again = event(), event(sent="2026-03-01T13:30:00Z")
    other = event(at="2026-03-01T11:00:01Z")
    assert content_id(first) == content_id(again) != content_id(other)
    assert content_id(first).startswith("h:")
    assert len(content_id(first)) == 66


@pytest.mark.parametrize(
    ("first", "again"),
    [
        pytest.param(',"rssi":-60,"heap":21', ',"heap":21,"rssi":-60', id="case 15: another order"),
        pytest.param(',"n":1', ',"n":1.0', id="a point"),
        pytest.param(',"n":100', ',"n":1e2', id="an exponent"),
        pytest.param(',"n":0', ',"n":-0.0', id="minus nothing"),
        pytest.param(',"count":1', "", id="a default written out"),
        pytest.param(',"command":"\u00e4"', ',"command":"a\u0308"', id="decomposed letters"),
        pytest.param(',"n":"\u00e4"', ',"n":"a\u0308"', id="decomposed in an unknown field"),
    ],
)
def test_the_content_id_is_of_what_it_says_not_how(first, again):
    assert content_id(event(more=first)) == content_id(event(more=again))
    assert content_id(event(more=first)) != content_id(event(more=',"n":2'))


@pytest.mark.parametrize("at", ["2026-03-01T12:00:00+01:00", "2026-03-01T11:00:00.000z"])
def test_the_content_id_is_of_the_moment(at):
    assert content_id(event(at=at)) == content_id(event())
