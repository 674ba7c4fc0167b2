"""Hand-offs: owner and clock move at acceptance, and at nothing else; any order of what people do."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import handoff
from shared.handoff import HandOff, HandOffRefused, Held

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minute: float) -> datetime:
    return NOON + minute * MINUTE


def wanted(**more) -> HandOff:
    values = {
        "id": "h1", "subject": "ticket:t1", "giver": "L1", "taker": "partner", "reason": "parts",
        "summary": "Lens is loose", "next_step": "Send another", "offered_at": NOON,
        "offered_by": "ann", "expires_at": at(15), **more,
    }  # fmt: skip
    return HandOff(**values)


OFFERED = handoff.offer(wanted(), "L1", [])
ACCEPTED = handoff.accept(OFFERED, "partner", "pat", at(5))


def test_owner_and_clock_move_when_it_is_accepted():
    assert (OFFERED.owner, OFFERED.due_at, OFFERED.waited) == ("L1", at(15), None)
    assert (ACCEPTED.owner, ACCEPTED.due_at, ACCEPTED.waited) == ("partner", None, 5 * MINUTE)
    assert list(handoff.held("L1", at(-10), at(20), [ACCEPTED])) == [
        Held("L1", at(-10), at(5)), Held("partner", at(5), at(20)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "state", "by"),
    [
        (lambda one: handoff.decline(one, "partner", "pat", "no parts", at(5)), "declined", "pat"),
        (lambda one: handoff.withdraw(one, "L1", "ann", at(5)), "withdrawn", "ann"),
        (lambda one: handoff.expire(one, at(5_000)), "expired", None),
    ],
)
def test_nothing_moves_when_it_is_not(act, state, by):
    one = act(OFFERED)
    assert (one.state, one.owner, one.settled_by, one.due_at) == (state, "L1", by, None)
    assert list(handoff.held("L1", NOON, at(20), [one])) == [Held("L1", NOON, at(20))]


@pytest.mark.parametrize(
    ("minute", "state"), [(14.99, "offered"), (15, "expired"), (60, "expired")]
)
def test_it_expires_at_its_time_whenever_somebody_looks(minute, state):
    one = handoff.expire(OFFERED, at(minute))
    assert one.state == state
    assert one.settled_at == (at(15) if state == "expired" else None)


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda: handoff.accept(OFFERED, "L2", "x", at(1)), "for partner to say"),
        (lambda: handoff.accept(OFFERED, "partner", "x", at(15)), "it is expired"),
        (lambda: handoff.accept(OFFERED, "partner", "x", at(-1)), "not offered yet"),
        (lambda: handoff.accept(ACCEPTED, "partner", "x", at(6)), "it is accepted"),
        (lambda: handoff.withdraw(ACCEPTED, "L1", "x", at(6)), "it is accepted"),
        (lambda: handoff.withdraw(OFFERED, "partner", "x", at(1)), "for L1 to say"),
        (lambda: handoff.decline(OFFERED, "partner", "x", " ", at(1)), "why: expected"),
        (lambda: handoff.offer(wanted(summary=" "), "L1", []), "summary: expected"),
        (lambda: handoff.offer(wanted(taker="L1"), "L1", []), "taker: expected another team"),
        (lambda: handoff.offer(wanted(expires_at=NOON), "L1", []), "expires_at: expected"),
        (lambda: handoff.offer(wanted(), "L1", [OFFERED]), "offered already"),
        (lambda: handoff.offer(wanted(), "partner", [ACCEPTED]), "not L1's to give"),
    ],
)
def test_what_cannot_be_is_refused(act, says):
    with pytest.raises(HandOffRefused, match=says):
        act()


def test_who_has_accepted_may_hand_it_on():
    back = wanted(giver="partner", taker="L2", offered_at=at(20), expires_at=at(30))
    assert handoff.offer(back, "partner", [ACCEPTED]).state == "offered"


TEAMS = ("L1", "L2", "partner")
DEEDS = st.tuples(
    st.sampled_from(("offer", "accept", "decline", "withdraw")),
    st.sampled_from(TEAMS), st.sampled_from(TEAMS), st.integers(0, 20),
)  # fmt: skip


def done(deed, giver, taker, story, owner, now):
    """The story after somebody did or tried something; what is refused changes nothing."""
    try:
        if deed == "offer":
            one = wanted(id=str(len(story)), giver=giver, taker=taker, offered_at=now,
                         expires_at=now + 15 * MINUTE)  # fmt: skip
            return [*story, handoff.offer(one, owner, story)]
        if not story:
            return story
        last = story[-1]
        match deed:
            case "accept":
                last = handoff.accept(last, taker, "x", now)
            case "decline":
                last = handoff.decline(last, taker, "x", "no", now)
            case _:
                last = handoff.withdraw(last, giver, "x", now)
    except HandOffRefused:
        return story
    return [*story[:-1], last]


@given(st.lists(DEEDS, max_size=25), st.randoms(use_true_random=False))
def test_at_every_moment_one_team_owns_it_and_only_acceptance_moves_it(deeds, random):
    story, now, owner, moves = [], NOON, "L1", 0
    story = [replace(wanted(), id="0")]
    for deed, giver, taker, minutes in deeds:
        now += minutes * MINUTE
        story = [handoff.expire(one, now) for one in story]
        before = story
        story = done(deed, giver, taker, story, owner, now)
        assert sum(one.state == "offered" for one in story) <= 1
        if deed == "accept" and story != before:
            assert story[-1].giver == owner  # only who owns it gives it
            owner, moves = story[-1].taker, moves + 1
    shuffled = random.sample(story, len(story))
    held = list(handoff.held("L1", NOON, now + MINUTE, shuffled))
    assert held[-1].team == owner
    assert (held[0].start, held[-1].end) == (NOON, now + MINUTE)
    assert all(one.end == two.start for one, two in itertools.pairwise(held))
    assert len(held) <= moves + 1
    total = sum((one.end - one.start for one in held), timedelta(0))
    assert total == now + MINUTE - NOON
