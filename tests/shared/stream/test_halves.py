"""A batch with any bad records ends as one by one would, each partition in order, in few attempts."""

from collections import deque
from math import ceil, log2
from types import SimpleNamespace

import pytest
from bench import TOPIC, record, usage
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.clock import WallClock
from shared.db.offsets import Position
from shared.stream import batches as subject
from shared.stream.batch import Batch, take
from shared.stream.batches import ATTEMPTS, Batches

PLACES = 3


class Twin:
    """A source with its buffers, and the database behind it."""

    group = "twin"
    epoch = 0

    def __init__(self, counts):
        self.buffers, self.positions, self.stopped = {}, {}, {}
        self.effects, self.aside, self.attempts = [], [], 0
        for place, count in enumerate(counts):
            self.buffers[TOPIC, place] = deque(
                SimpleNamespace(offset=n, timestamp=1, **record(usage(n + 1), place))
                for n in range(count)
            )
            self.positions[TOPIC, place] = Position(TOPIC, place, 0)

    def batch(self):
        """Everything that is held, as the run loop takes it."""
        work = Batch(TOPIC)
        for place, held in self.buffers.items():
            take(work, self.positions[place], held, until=None, limit=len(held))
        return work

    def applied(self, moves):
        for position in moves:
            held = self.buffers[position.key]
            while held and held[0].offset < position.next_offset:
                held.popleft()
            self.positions[position.key] = position

    def stop_partition(self, place, reason, _):
        self.stopped[place] = reason
        self.positions.pop(place)
        self.buffers.pop(place)


def written(work):
    return [(one.partition, one.offset) for one, _ in work.events]


def database(twin, bad, monkeypatch):
    """Applies whole or not at all, and refuses positions that are not where it stands."""
    at = dict.fromkeys(twin.positions, 0)

    def moved(work):
        for before, after in work.moves:
            assert before == at[after.key], "a record was left out"
            at[after.key] = after.next_offset

    async def applies(_engine, _service, work, _handle, _now, _brake):
        twin.attempts += 1
        if not bad.isdisjoint(written(work)):
            raise ValueError("poison")
        moved(work)
        twin.effects += written(work)
        return []

    async def sets_aside(_engine, _service, work, _rows, _now):
        moved(work)
        twin.aside += written(work)

    monkeypatch.setattr(subject.apply, "apply", applies)
    monkeypatch.setattr(subject.apply, "set_aside", sets_aside)


def all_of(counts):
    return [(place, n) for place, count in enumerate(counts) for n in range(count)]


@st.composite
def cases(draw):
    counts = draw(st.lists(st.integers(1, 120), min_size=1, max_size=PLACES))
    everything = all_of(counts)
    return counts, draw(st.sets(st.sampled_from(everything), min_size=1, max_size=10))


@settings(max_examples=40)
@given(cases())
async def test_the_same_rows_as_one_by_one_in_few_attempts(case):
    counts, bad = case
    twin = Twin(counts)
    with pytest.MonkeyPatch.context() as monkeypatch:
        database(twin, bad, monkeypatch)
        batches = Batches(twin, None, WallClock(), {TOPIC: None})
        await batches.apply(twin.batch(), None)
    everything = all_of(counts)
    assert twin.effects == [one for one in everything if one not in bad]
    assert twin.aside == sorted(bad)
    assert not any(twin.buffers.values())
    assert twin.attempts <= ATTEMPTS + 2 + 2 * (len(bad) + 1) * ceil(log2(max(len(everything), 2)))
