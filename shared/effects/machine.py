"""What becomes of an effect: one pure function per step; `now` comes in, a new effect goes out."""

from dataclasses import replace
from datetime import datetime
from typing import Literal, assert_never

from shared.effects.effect import (
    Accepted,
    Away,
    Deferred,
    Effect,
    NotNow,
    Outcome,
    Policy,
    Refused,
    State,
    Suppressed,
    Uncertain,
)

TOO_LATE = "too_late"
DIED = "process_died"


class WrongState(Exception):
    """This step does not lead on from the state the effect is in."""

    def __init__(self, state: State, wanted: tuple[State, ...]) -> None:
        super().__init__(f"{state}, not {' or '.join(wanted)}")
        self.state = state


def claim(effect: Effect, lease: str, now: datetime) -> Effect:
    """A process takes it; past its deadline it is over instead."""
    _from(effect, "planned")
    if now >= effect.deadline_at:
        return _ended(effect, "failed", TOO_LATE, now)
    return replace(effect, state="claimed", lease=lease)


def suppress(effect: Effect, against: Suppressed, now: datetime) -> Effect:
    """Something spoke against it while it was prepared."""
    _from(effect, "claimed")
    return _ended(effect, "suppressed", against.why, now)


def defer(effect: Effect, told: Deferred) -> Effect:
    """While it was prepared something said: later; at its deadline at the latest."""
    _from(effect, "claimed")
    due_at = min(told.until, effect.deadline_at)
    return replace(effect, state="planned", lease=None, due_at=due_at, why=told.why)


def dispatch(effect: Effect) -> Effect:
    """The act begins: from here on it may have happened."""
    _from(effect, "claimed")
    return replace(effect, state="dispatched")


def prepared(effect: Effect, ready: object, policy: Policy, now: datetime) -> Effect:
    """It has been prepared: dispatched, but for what says that it is not to be done, or not now."""
    match ready:
        case Suppressed():
            return suppress(effect, ready, now)
        case Deferred():
            return defer(effect, ready)
        case Refused():
            return settle(effect, ready, policy, now)
        case _:
            return dispatch(effect)


def settle(effect: Effect, outcome: Outcome, policy: Policy, now: datetime) -> Effect:
    """A try has ended with `outcome`; preparing may end with one that says nothing happened."""
    if isinstance(outcome, Accepted | Uncertain):
        _from(effect, "dispatched")
    else:
        _from(effect, "claimed", "dispatched")
    match outcome:
        case Accepted():
            return _ended(effect, "accepted", None, now)
        case Refused(why):
            return _ended(effect, "failed", why, now)
        case NotNow(why):
            tried = replace(effect, attempts=effect.attempts + 1)
            if tried.attempts >= policy.attempts:
                return _ended(tried, "failed", why, now)
            return _again(tried, why, policy, tried.attempts, now)
        case Away(why):
            return _again(effect, why, policy, 1, now)
        case Uncertain(why):
            return _doubt(effect, why, policy, now)
        case never:
            assert_never(never)


def lapse(effect: Effect, policy: Policy, now: datetime) -> Effect:
    """The lease has run out: whoever had it is dead, or as good as dead."""
    _from(effect, "claimed", "dispatched")
    if effect.state == "claimed":  # counted, so that one that kills whoever takes it has an end
        return settle(effect, NotNow(DIED), policy, now)
    return _doubt(effect, DIED, policy, now)


Resolution = Literal["accepted", "failed", "again"]


def resolve(effect: Effect, resolution: Resolution, now: datetime) -> Effect:
    """A person has found out what became of an unknown one, or wants it done once more."""
    _from(effect, "unknown")
    if resolution == "again":
        return replace(
            effect, state="planned", repeats=effect.repeats + 1, due_at=now, settled_at=None,
            why="resolved",
        )  # fmt: skip
    return replace(effect, state=resolution, settled_at=now, why="resolved")


def word(before: Effect, after: Effect) -> str:
    """What a step has come to, for metrics: its new state, `repeated` or `again`."""
    if after.is_settled:
        return after.state
    return "repeated" if after.repeats > before.repeats else "again"


def _from(effect: Effect, *states: State) -> None:
    if effect.state not in states:
        raise WrongState(effect.state, states)


def _again(effect: Effect, why: str, policy: Policy, tries: int, now: datetime) -> Effect:
    """Planned once more; at its deadline at the latest, to be found too late there."""
    due_at = max(min(now + policy.pause(tries), effect.deadline_at), now)
    return replace(effect, state="planned", lease=None, due_at=due_at, why=why)


def _doubt(effect: Effect, why: str, policy: Policy, now: datetime) -> Effect:
    """It may have happened: done again where that is permitted, else unknown."""
    if effect.repeats >= policy.repeats:
        return _ended(effect, "unknown", why, now)
    repeated = replace(effect, repeats=effect.repeats + 1)
    return _again(repeated, why, policy, repeated.repeats, now)


def _ended(effect: Effect, state: State, why: str | None, now: datetime) -> Effect:
    """Over; what may have happened once before is not called a failure now."""
    if state in {"failed", "suppressed"} and effect.repeats:
        state = "unknown"
    return replace(effect, state=state, lease=None, settled_at=now, why=why)
