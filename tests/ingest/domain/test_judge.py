"""May it speak, and what is stamped."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.domain.addresses import parse, up
from services.ingest.domain.decode import decode
from services.ingest.domain.judge import closed, content_id, judge, may_speak, too_many_boots
from services.ingest.domain.ownership import Ownership
from services.ingest.domain.source import Source

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
    assert judge(event(at="2024-03-01T13:00:00Z"), Source("cam-1", "device"), NOW) == "bad_time"


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
