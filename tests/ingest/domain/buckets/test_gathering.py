"""When does a small chunk wait for more?"""

import pytest

from services.ingest.domain.buckets.gathering import SMALL, Gathering


def after(rate: int, *, most_s: float = 0.002, seconds: float = 1.0) -> Gathering:
    """A second of so many messages a second, one by one."""
    made = Gathering(most_s)
    for n in range(int(rate * seconds)):
        made.came(1, 100 + n / rate)
    return made


@pytest.mark.parametrize(
    ("rate", "waiting", "wait_s"),
    [
        (10, 1, 0.0),
        (500, 1, 0.0),
        (1_900, 1, 0.0),
        (2_500, 1, 0.002),
        (20_000, SMALL - 1, 0.002),
        (20_000, SMALL, 0.0),
    ],
)
def test_only_where_more_come_in_the_moment_and_never_with_enough(rate, waiting, wait_s):
    assert after(rate).wait_s(waiting) == wait_s


def test_nothing_waits_where_the_wait_is_switched_off_or_nothing_has_come():
    assert after(20_000, most_s=0).wait_s(1) == 0
    assert Gathering(0.002).wait_s(1) == 0


def test_after_a_silence_the_first_does_not_wait():
    made = after(20_000)
    made.came(1, 160.0)
    assert made.wait_s(1) == 0
