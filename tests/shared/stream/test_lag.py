"""The state of a group from its offsets: each rule, and both sides of each edge."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.stream.lag import STALLED_S, Offsets, Progress, allowed_s, judge

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def before(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def moved(*seconds_ago: float) -> Progress:
    """Partitions whose offsets were last seen to change so long ago."""
    return Progress(since={n: before(ago) for n, ago in enumerate(seconds_ago)})


READ = Offsets(100, 0, 100, None)


@pytest.mark.parametrize(
    ("offsets", "members", "progress", "state", "messages", "seconds"),
    [
        pytest.param([READ], 1, moved(900), "OK", 0, 0.0, id="all read, however long ago"),
        pytest.param([Offsets(90, 0, 100, before(9.5))], 1, moved(1), "OK", 10, 9.5, id="unread, within the limit"),
        pytest.param([Offsets(90, 0, 100, before(10))], 1, moved(1), "OK", 10, 10.0, id="unread, at the limit"),
        pytest.param([Offsets(90, 0, 100, before(10.1))], 1, moved(1), "BEHIND", 10, 10.1, id="over the limit"),
        pytest.param([READ, Offsets(0, 0, 5, before(30)), Offsets(3, 0, 5, before(40))], 1, moved(1, 1, 1), "BEHIND", 7, 40.0, id="the oldest of all partitions"),
        pytest.param([Offsets(90, 0, 100, before(70))], 1, moved(STALLED_S - 1), "BEHIND", 10, 70.0, id="not yet stalled"),
        pytest.param([Offsets(90, 0, 100, before(70))], 1, moved(STALLED_S), "STALLED", 10, 70.0, id="stalled"),
        pytest.param([READ, Offsets(90, 0, 100, before(70))], 1, moved(1, 70), "STALLED", 10, 70.0, id="one partition stalled"),
        pytest.param([READ], 0, moved(1), "MISSING", 0, 0.0, id="no members, nothing unread"),
        pytest.param([Offsets(90, 0, 100, before(99))], 0, moved(99), "MISSING", 10, 99.0, id="no members comes before stalled"),
        pytest.param([Offsets(-1, 0, 0, None)], 1, moved(900), "OK", 0, 0.0, id="an empty topic, never committed"),
        pytest.param([Offsets(-1, 7, 12, before(3))], 1, moved(1), "OK", 5, 3.0, id="never committed: unread from the start"),
        pytest.param([Offsets(5, 7, 12, before(3))], 1, moved(1), "BEHIND", 5, 3.0, id="records removed unread"),
        pytest.param([Offsets(101, 0, 100, None)], 1, moved(1), "UNKNOWN", 0, 0.0, id="more read than there is"),
        pytest.param([Offsets(101, 0, 100, None)], 0, moved(1), "UNKNOWN", 0, 0.0, id="untrusted comes before missing"),
        pytest.param([Offsets(90, 0, 100, None)], 1, moved(1), "UNKNOWN", 10, None, id="the record could not be read"),
        pytest.param([Offsets(90, 0, 100, NOW + timedelta(seconds=2))], 1, moved(1), "OK", 10, 0.0, id="the broker's clock is ahead"),
    ],
)  # fmt: skip
def test_state(
    offsets: list[Offsets],
    members: int,
    progress: Progress,
    state: str,
    messages: int,
    seconds: float | None,
) -> None:
    found = judge("device.fault", "support", dict(enumerate(offsets)), members, progress, NOW)

    assert (found.state, found.lag_messages, found.lag_seconds) == (state, messages, seconds)
    assert bool(found.why) is (state != "OK")


@pytest.mark.parametrize(
    ("group", "topic", "seconds"),
    [
        ("support", "device.fault", 10.0),
        ("support", "app.usage", 60.0),
        ("journey", "app.usage", 60.0),
        ("analytics", "device.fault", 900.0),
        ("somebody", "app.usage", 60.0),
    ],
)
def test_how_long_a_record_may_wait(group: str, topic: str, seconds: float) -> None:
    assert allowed_s(group, topic) == seconds


def test_progress_is_a_move_seen_between_two_samples() -> None:
    progress = Progress()

    progress.note({0: 5, 1: 7}, before(50))
    assert progress.last is None
    progress.note({0: 5, 1: 8}, before(30))
    assert progress.last == before(30)
    progress.note({0: 5, 1: 8}, before(10))

    assert progress.last == before(30)
    assert progress.since == {0: before(50), 1: before(30)}


def test_a_group_set_back_is_not_progress() -> None:
    progress = Progress()
    progress.note({0: 5}, before(50))
    progress.note({0: 2}, before(30))

    assert (progress.last, progress.since) == (None, {0: before(30)})
