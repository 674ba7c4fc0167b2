"""Whose was it: both sides of every edge."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.domain.sources.ownership import Ownership, owner_at

T = datetime(2026, 3, 1, tzinfo=UTC)
DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
MOVED = (Ownership("ann", T, T + 10 * DAY), Ownership("bob", T + 10 * DAY))
RETIRED = (Ownership("ann", T, T + 10 * DAY),)


@pytest.mark.parametrize(
    ("owners", "at", "expected"),
    [
        pytest.param((), T, None, id="never claimed"),
        pytest.param(MOVED, T - DAY, "ann", id="24 h before the first claim"),
        pytest.param(MOVED, T - DAY - INSTANT, None, id="earlier"),
        pytest.param(MOVED, T, "ann", id="at the claim"),
        pytest.param(MOVED, T + 10 * DAY - INSTANT, "ann", id="just before the move"),
        pytest.param(MOVED, T + 10 * DAY, "bob", id="at the move"),
        pytest.param(MOVED, T + 99 * DAY, "bob", id="long after"),
        pytest.param(RETIRED, T + 10 * DAY, None, id="after retirement"),
    ],
)
def test_the_owner(owners, at, expected):
    assert owner_at(owners, at) == expected
