"""The fuzzer's nonsense: the same for a seed, and strange in more than one way at a time."""

import contextlib
import json
import random
from datetime import UTC, datetime

import pytest

from services.ingest.domain.messages.decode import MAX_BYTES
from tools.fuzz.strange import STREAMS_OF, payload

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def some(seed, count=600):
    rng = random.Random(seed)
    return [payload(stream, n, rng, NOW) for n in range(count) for stream in STREAMS_OF]


def test_a_seed_gives_the_same_nonsense_again():
    assert some(3, 50) == some(3, 50) != some(4, 50)


def test_every_kind_of_strangeness_comes_up_and_good_events_too():
    made = some(1)
    good = 0
    for raw in made:
        with contextlib.suppress(ValueError, RecursionError):
            good += isinstance(json.loads(raw), dict)
    assert 0.2 < good / len(made) < 0.9
    whole = b"".join(made)
    for kind in (
        rb"\ud800",
        rb"\u0000",
        b"1e999",
        b"NaN",
        b"9" * 60,
        b"[[[[",
        b"1970-01-01",
        b"[5, 3]",
    ):
        assert kind in whole, kind
    both = [raw for raw in made if rb"\ud800" in raw and b"1e999" in raw]
    assert both, "two kinds at once are what ended ingest"


def test_nothing_is_larger_than_a_device_may_send():
    assert max(len(raw) for raw in some(2)) <= MAX_BYTES
