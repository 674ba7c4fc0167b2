"""What fails as a whole: the same outcome as one by one, in order, in far fewer steps."""

from math import ceil, log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.errors import Away
from services.ingest.store.messages.apart import store_apart
from shared.halving import in_halves


@st.composite
def batches(draw):
    """(how many items, which of them are bad)."""
    n = draw(st.integers(1, 600))
    return n, draw(st.sets(st.integers(0, n - 1), max_size=min(n, 12)))


def bound(n, bad):
    """One step a level down to each bad item, and one a level up again behind it."""
    return 2 + 2 * (len(bad) + 1) * ceil(log2(max(n, 2)))


@settings(max_examples=60)
@given(batches())
async def test_every_item_is_settled_once_in_order_and_soon(batch):
    n, bad = batch
    outcome, steps = [], []

    async def settle(part):
        steps.append(part)
        fails = not bad.isdisjoint(part)
        if len(part) == 1 or not fails:
            outcome.extend((item, fails) for item in part)
        return not fails

    await in_halves(range(n), settle)
    assert outcome == [(item, item in bad) for item in range(n)]
    assert len(steps) <= bound(n, bad)


async def test_one_bad_of_500_costs_twenty_steps():
    steps = []

    async def settle(part):
        steps.append(part)
        return 321 not in part

    await in_halves(range(500), settle)
    assert len(steps) <= 2 * 9


async def test_all_bad_cost_little_more_than_one_by_one():
    steps = []

    async def settle(part):
        steps.append(part)
        return False

    await in_halves(range(500), settle)
    assert len(steps) <= 500 + 9


@settings(max_examples=60)
@given(batches())
async def test_rows_refused_for_good_are_stored_without_their_words(batch):
    n, bad = batch
    rows, steps = [], []

    async def store(part):
        steps.append(part)
        if any(isinstance(item, int) and item in bad for item in part):
            raise ValueError("refused")
        rows.extend(part)

    await store_apart(range(n), store, lambda item: f"bare {item}")
    assert rows == [f"bare {item}" if item in bad else item for item in range(n)]
    assert len(steps) <= bound(n, bad) + len(bad)


async def test_a_database_that_is_away_is_no_items_fault():
    async def store(_):
        raise ConnectionRefusedError

    with pytest.raises(Away):
        await store_apart([1, 2, 3], store, lambda item: item)
