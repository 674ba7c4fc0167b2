"""What becomes of an effect: every step, and what holds after any number of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.effects import machine
from shared.effects.effect import (
    Accepted,
    Away,
    Effect,
    NotNow,
    Policy,
    Refused,
    Suppressed,
    Uncertain,
)
from shared.effects.machine import WrongState

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
S = timedelta(seconds=1)
ONCE = Policy(attempts=3)
TWICE = replace(ONCE, repeats=1)


def effect(state="planned", **more) -> Effect:
    values = {
        "id": "e1", "kind": "mail", "about": "ann", "payload": {}, "secret": None, "state": state,
        "attempts": 0, "repeats": 0, "planned_at": NOON, "due_at": NOON,
        "deadline_at": NOON + timedelta(hours=1), **more,
    }  # fmt: skip
    return Effect(**values)


def told(after: Effect) -> tuple:
    wait = (after.due_at - NOON).total_seconds()
    return after.state, after.attempts, after.repeats, wait, after.why


@pytest.mark.parametrize(
    ("before", "policy", "outcome", "expected"),
    [
        pytest.param({}, ONCE, Accepted(), ("accepted", 0, 0, 0, None), id="taken"),
        pytest.param({}, ONCE, Refused("550"), ("failed", 0, 0, 0, "550"), id="never taken"),
        pytest.param({}, ONCE, NotNow("450"), ("planned", 1, 0, 5, "450"), id="not now"),
        pytest.param(
            {"attempts": 1}, ONCE, NotNow("450"), ("planned", 2, 0, 10, "450"), id="twice"
        ),
        pytest.param(
            {"attempts": 2}, ONCE, NotNow("450"), ("failed", 3, 0, 0, "450"), id="three times"
        ),
        pytest.param(
            {"attempts": 2}, ONCE, Away("refused"), ("planned", 2, 0, 5, "refused"),
            id="nobody there: no try",
        ),
        pytest.param({}, ONCE, Uncertain("cut"), ("unknown", 0, 0, 0, "cut"), id="not repeatable"),
        pytest.param({}, TWICE, Uncertain("cut"), ("planned", 0, 1, 5, "cut"), id="repeatable"),
        pytest.param(
            {"repeats": 1}, TWICE, Uncertain("cut"), ("unknown", 0, 1, 0, "cut"), id="no third time"
        ),
        pytest.param(
            {"repeats": 1}, TWICE, Refused("550"), ("unknown", 0, 1, 0, "550"),
            id="the first may have happened",
        ),
        pytest.param(
            {"deadline_at": NOON + S}, ONCE, NotNow("450"), ("planned", 1, 0, 1, "450"),
            id="due at its deadline at the latest",
        ),
    ],
)  # fmt: skip
def test_how_a_try_ends(before, policy, outcome, expected):
    after = machine.settle(effect("dispatched", lease="l", **before), outcome, policy, NOON)
    assert told(after) == expected
    assert after.lease is None
    assert after.is_settled == (after.settled_at is not None)


@pytest.mark.parametrize(
    ("state", "policy", "expected"),
    [
        pytest.param("claimed", ONCE, ("planned", 1, 0, 5, "process_died"), id="nothing happened"),
        pytest.param("dispatched", ONCE, ("unknown", 0, 0, 0, "process_died"), id="may have"),
        pytest.param("dispatched", TWICE, ("planned", 0, 1, 5, "process_died"), id="done again"),
    ],
)
def test_what_a_dead_process_leaves(state, policy, expected):
    assert told(machine.lapse(effect(state, lease="l"), policy, NOON)) == expected


def test_one_that_kills_whoever_takes_it_has_an_end():
    one = effect()
    for _ in range(ONCE.attempts):
        one = machine.lapse(machine.claim(one, "l", NOON), ONCE, NOON)
    assert told(one) == ("failed", 3, 0, 10, "process_died")


@pytest.mark.parametrize(("late", "state"), [(-S, "claimed"), (0 * S, "failed"), (S, "failed")])
def test_a_deadline(late, state):
    one = effect()
    after = machine.claim(one, "l", one.deadline_at + late)
    assert (after.state, after.why) == (state, "too_late" if state == "failed" else None)


def test_what_speaks_against_it_suppresses_it():
    after = machine.suppress(effect("claimed", lease="l"), Suppressed("no_consent"), NOON)
    assert told(after) == ("suppressed", 0, 0, 0, "no_consent")


@pytest.mark.parametrize(
    ("resolution", "state", "repeats"),
    [("accepted", "accepted", 0), ("failed", "failed", 0), ("again", "planned", 1)],
)
def test_a_person_resolves_what_nobody_knows(resolution, state, repeats):
    after = machine.resolve(effect("unknown", settled_at=NOON), resolution, NOON + S)
    assert (after.state, after.repeats, after.why) == (state, repeats, "resolved")


STEPS = {
    "suppressed": lambda one: machine.suppress(one, Suppressed("x"), NOON),
    "dispatch": machine.dispatch,
    "accepted": lambda one: machine.settle(one, Accepted(), ONCE, NOON),
    "lapse": lambda one: machine.lapse(one, ONCE, NOON),
    "claim": lambda one: machine.claim(one, "l", NOON),
    "resolve": lambda one: machine.resolve(one, "again", NOON),
}
LEADS_ON = {
    ("planned", "claim"), ("claimed", "suppressed"), ("claimed", "dispatch"),
    ("claimed", "lapse"), ("dispatched", "accepted"), ("dispatched", "lapse"),
    ("unknown", "resolve"),
}  # fmt: skip
STATES = ("planned", "claimed", "dispatched", "accepted", "failed", "unknown", "suppressed")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", STEPS)
def test_only_these_steps_lead_on(state, step):
    if (state, step) in LEADS_ON:
        STEPS[step](effect(state))
    else:
        with pytest.raises(WrongState):
            STEPS[step](effect(state))


def test_a_lease_must_outlast_an_act():
    with pytest.raises(ValueError, match="twice as long"):
        Policy(within=timedelta(minutes=2))


class World:
    """The outside: counts what really happened."""

    def __init__(self) -> None:
        self.acts = 0
        self.doubted = 0  # acts and no-acts that nobody was told of


ENDS = st.sampled_from(
    ["died claimed", "suppressed", "refused claimed", "died before", "died after", "accepted",
     "refused", "not now", "away", "cut before", "cut after"]
)  # fmt: skip


def one_try(one: Effect, end: str, policy: Policy, world: World, now: datetime) -> Effect:
    claimed = machine.claim(one, "l", now)
    if claimed.is_settled:
        return claimed
    match end:
        case "died claimed":
            return machine.lapse(claimed, policy, now)
        case "suppressed":
            return machine.suppress(claimed, Suppressed("x"), now)
        case "refused claimed":
            return machine.settle(claimed, Refused("x"), policy, now)
    dispatched = machine.dispatch(claimed)
    world.acts += end in {"died after", "accepted", "cut after"}
    world.doubted += end in {"died before", "died after", "cut before", "cut after"}
    match end:
        case "died before" | "died after":
            return machine.lapse(dispatched, policy, now)
        case "accepted":
            return machine.settle(dispatched, Accepted(), policy, now)
        case "refused":
            return machine.settle(dispatched, Refused("x"), policy, now)
        case "not now":
            return machine.settle(dispatched, NotNow("x"), policy, now)
        case "away":
            return machine.settle(dispatched, Away("x"), policy, now)
    return machine.settle(dispatched, Uncertain("x"), policy, now)


@given(st.lists(ENDS, max_size=30), st.integers(0, 2), st.integers(1, 4))
def test_never_more_often_than_permitted_and_never_called_what_it_is_not(ends, repeats, attempts):
    policy = Policy(repeats=repeats, attempts=attempts)
    world, one, now = World(), effect(), NOON
    for end in ends:
        now = max(now, one.due_at)
        one = one_try(one, end, policy, world, now)
        if one.is_settled:
            break
    assert world.acts <= 1 + repeats
    assert world.doubted <= 1 + repeats
    if one.state == "accepted":
        assert world.acts >= 1
    if one.state in {"failed", "suppressed"}:
        assert world.acts == 0  # what may have happened is never called so
    if not one.is_settled:
        assert one.state == "planned"
        assert one.due_at <= one.deadline_at
