"""How fast mails go to one domain: never faster than said, nobody is passed over, in turn."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.journey.domain.messages.rate import MINUTE, Rate, domain_of

NOON = datetime(2026, 5, 13, 12, tzinfo=UTC)


@given(
    per_minute=st.integers(1, 100),
    waits=st.lists(st.integers(0, 200), min_size=1, max_size=200),
)
def test_turns_come_in_order_and_never_faster_than_said(per_minute, waits):
    rate, now, full_at, turns = Rate(per_minute), NOON, NOON, []
    for wait in waits:
        now += timedelta(seconds=wait)
        turn = rate.turn(full_at, now)
        full_at = turn.full_at
        assert turn.at >= now
        turns.append(turn.at)
    assert turns == sorted(turns)
    for n, first in enumerate(turns):
        # a bucket that was full at the beginning of a minute is filled once more during it
        within = [at for at in turns[n:] if at < first + MINUTE]
        assert len(within) <= 2 * per_minute


def test_as_many_as_a_minute_takes_go_at_once_and_the_next_have_their_turns():
    rate, full_at, turns = Rate(60), NOON, []
    for _ in range(63):
        at, full_at = rate.turn(full_at, NOON)
        turns.append((at - NOON).total_seconds())
    assert turns == [0.0] * 60 + [1.0, 2.0, 3.0]


def test_a_domain_is_known_by_no_name():
    assert domain_of("ann@Lind.example") == domain_of("bob@lind.example ")
    assert "lind" not in domain_of("ann@lind.example")
