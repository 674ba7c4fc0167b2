"""Simulated time per bucket."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.domain.buckets.beacons import BucketClocks, Tick, Waiting, read

T = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(hours=6)


def tick(steps: int) -> Tick:
    return Tick(T + steps * STEP, 21_600.0)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'{"now":"2026-01-01T00:00:00Z","step_s":21600}', tick(0)),
        (b'{"now":"2026-01-01T02:00:00+02:00","step_s":21600}', tick(0)),
        (b'{"now":"2026-01-01T00:00:00","step_s":21600}', None),
        (b'{"now":"2026-01-01T00:00:00Z","step_s":0}', None),
        (b'{"now":"2026-01-01T00:00:00Z"}', None),
        (b"", None),
        (b"\xff", None),
    ],
)
def test_reading(payload, expected):
    assert read(payload) == expected


def test_a_message_is_received_at_the_open_steps_end():
    clocks = BucketClocks({})
    assert clocks.received_at("3") is None
    assert clocks.advance("3", tick(0))
    assert clocks.received_at("3") == T + STEP
    assert clocks.received_at("4") is None


def test_a_beacon_that_comes_again_moves_nothing():
    clocks = BucketClocks({"3": tick(2)})
    assert not clocks.advance("3", tick(2))
    assert not clocks.advance("3", tick(1))
    assert clocks.ticks["3"] == tick(2)


def test_the_service_is_as_far_as_its_last_bucket():
    clocks = BucketClocks({"3": tick(2)})
    assert clocks.simulated("34") is None
    clocks.advance("4", tick(1))
    assert clocks.simulated("34") == T + STEP
    assert clocks.simulated("3") == T + 2 * STEP


def test_beacons_of_one_moment_become_one():
    waiting = Waiting()
    waiting.add("b", tick(1))
    waiting.add("a", tick(1))
    waiting.add("c", tick(2))
    assert waiting.buckets == {"a", "b", "c"}
    first, second = waiting.take()
    assert (first.at, first.origins, first.step_s) == (T + STEP, ["a", "b"], 21_600.0)
    assert (second.at, second.origins) == (T + 2 * STEP, ["c"])
    assert waiting.take() == []
    assert waiting.buckets == set()
