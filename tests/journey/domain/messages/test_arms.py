"""Who is compared with whom: the same however often it is asked, and as many as wanted."""

from collections import Counter

import pytest

from services.journey.domain.messages.arms import arm, held_out

CUSTOMERS = [f"c-{n}" for n in range(20_000)]


def test_a_share_is_held_out_and_stays_so_as_the_share_grows():
    small = {one for one in CUSTOMERS if held_out("salt", "renewal", one, 0.05)}
    large = {one for one in CUSTOMERS if held_out("salt", "renewal", one, 0.10)}
    assert len(small) / len(CUSTOMERS) == pytest.approx(0.05, abs=0.006)
    assert len(large) / len(CUSTOMERS) == pytest.approx(0.10, abs=0.008)
    assert small < large


def test_two_plays_and_two_installations_draw_anew():
    both = sum(
        held_out("salt", "renewal", one, 0.1) and held_out("salt", "upsell", one, 0.1)
        for one in CUSTOMERS
    )
    assert both / len(CUSTOMERS) == pytest.approx(0.01, abs=0.004)
    assert any(
        held_out("salt", "renewal", one, 0.1) != held_out("other", "renewal", one, 0.1)
        for one in CUSTOMERS
    )


def test_arms_come_in_their_shares_beside_the_holdout():
    in_play = [one for one in CUSTOMERS if not held_out("salt", "renewal", one, 0.2)]
    counts = Counter(arm("salt", "renewal", one, {"a": 3, "b": 1, "c": 0}) for one in in_play)
    assert counts["a"] / len(in_play) == pytest.approx(0.75, abs=0.015)
    assert counts["c"] == 0


@pytest.mark.parametrize("shares", [{}, {"a": 0}, {"a": 2, "b": -1}])
def test_shares_that_are_none_are_refused(shares):
    with pytest.raises(ValueError, match="weights"):
        arm("salt", "renewal", "c-1", shares)
