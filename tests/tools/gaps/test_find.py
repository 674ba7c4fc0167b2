"""What is missing, where, and what explains it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.gaps.find import NOBODY, Counted, Stream, gaps, union, without

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
OF = Stream("cam-1", "usage", "9f1c2ab37d405e68")


@pytest.mark.parametrize(
    ("journey", "analytics", "known", "expected"),
    [
        pytest.param([(0, 9)], [(0, 9)], {}, [], id="all there"),
        pytest.param([], [], {}, [], id="nothing sent"),
        pytest.param([(0, 3), (5, 9)], [(0, 3), (5, 9)], {}, [(3, 4, NOBODY, "")], id="nobody has them"),
        pytest.param([(0, 9)], [(0, 4)], {}, [(4, 8, "analytics", "")], id="one has them"),
        pytest.param([(0, 9)], [], {}, [(0, 8, "analytics", "")], id="one has nothing"),
        pytest.param(
            [(0, 3), (5, 9)], [(0, 3), (5, 9)], {NOBODY: {"refused: bad_at": [(4, 5)]}},
            [(3, 3, NOBODY, ""), (4, 4, NOBODY, "refused: bad_at")], id="one of two refused",
        ),
        pytest.param(
            [(0, 9)], [(0, 7), (8, 9)], {"analytics": {"in quarantine: KeyError": [(7, 8)]}},
            [(7, 7, "analytics", "in quarantine: KeyError")], id="in quarantine",
        ),
    ],
)  # fmt: skip
def test_what_is_missing(journey, analytics, known, expected):
    counted = {"journey": Counted(journey, first_at=NOON), "analytics": Counted(analytics)}
    found = gaps(OF, counted, known)
    assert [(gap.first, gap.last, gap.where, gap.why) for gap in found] == expected
    assert all(gap.since == NOON for gap in found)


def test_what_the_device_dropped_is_explained_whoever_was_told():
    counted = {"journey": Counted([(0, 3), (9, 10)], [(2, 8)]), "analytics": Counted([(0, 3), (9, 10)])}  # fmt: skip
    found = gaps(OF, counted, {})
    assert [(gap.first, gap.last, gap.why) for gap in found] == [
        (3, 7, "the device dropped them"),
        (8, 8, ""),
    ]


numbers = st.sets(st.integers(0, 40))


def ranges(of):
    return union([(n, n + 1) for n in of])


@given(numbers, numbers)
def test_ranges_are_sets(one, other):
    def members(of):
        return {n for first, end in of for n in range(first, end)}

    assert members(union(ranges(one), ranges(other))) == one | other
    assert members(without(ranges(one), ranges(other))) == one - other
