import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.fleet.ranges import Ranges

pairs = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8)))


@pytest.mark.slow
@given(pairs)
def test_ranges_are_the_set_of_what_was_added(added):
    ranges, plain = Ranges(), set()
    for first, length in added:
        ranges.add(first, first + length)
        plain |= set(range(first, first + length + 1))
    assert set(ranges) == plain
    assert len(ranges) == len(plain)
    assert all(a[1] + 1 < b[0] for a, b in zip(ranges.pairs(), ranges.pairs()[1:], strict=False))
    assert all((n in ranges) == (n in plain) for n in range(70))


@pytest.mark.slow
@given(pairs, pairs)
def test_without_is_the_difference_of_the_sets(one, two):
    a = Ranges((f, f + n) for f, n in one)
    b = Ranges((f, f + n) for f, n in two)
    assert set(a.without(b)) == set(a) - set(b)
