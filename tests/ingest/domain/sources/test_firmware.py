"""What a source runs by its own word, and what it ran."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.domain.sources.firmware import history, note
from services.ingest.domain.sources.source import Source

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def source(told=None) -> Source:
    return Source("cam-1", "device", model="cam-2", firmware="1.0", told=told)


@pytest.mark.parametrize(
    ("told", "said", "at", "is_update", "noted", "runs"),
    [
        pytest.param(None, "1.0", NOON, False, None, "1.0", id="as registered"),
        pytest.param(None, None, NOON, False, None, "1.0", id="tells none"),
        pytest.param(None, "2.0", NOON, False, ("2.0", NOON), "2.0", id="another"),
        pytest.param(("2.0", NOON), "3.0", NOON + HOUR, False, ("3.0", NOON + HOUR), "3.0", id="newer"),
        pytest.param(("2.0", NOON), "1.0", NOON - HOUR, False, None, "2.0", id="an event of before"),
        pytest.param(("2.0", NOON), "1.5", NOON - HOUR, True, ("1.5", NOON - HOUR), "2.0", id="a late update"),
    ],
)  # fmt: skip
def test_what_an_event_says_of_the_firmware(told, said, at, is_update, noted, runs):
    device = source(told)
    assert note(device, said, at, is_update=is_update) == noted
    assert device.runs == runs


def test_a_history_begins_with_the_registration_and_tells_changes_only():
    told = [("1.0", NOON), ("2.0", NOON + HOUR), ("2.0", NOON + 2 * HOUR), ("1.0", NOON + 3 * HOUR)]
    ran = [("1.0", NOON - HOUR), ("2.0", NOON + HOUR), ("1.0", NOON + 3 * HOUR)]
    assert history("1.0", NOON - HOUR, told) == ran
    assert history(None, NOON, []) == []
