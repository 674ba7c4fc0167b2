"""Stage history: a pure function of the state, walked from one moment of change to the next."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.journey.domain.customers.state import State, planned
from services.journey.domain.facts import BY_NAME
from services.journey.domain.facts.active_days_30d import FORGOTTEN
from services.journey.domain.stages.journey_map import START, JourneyMap, Stage

DAY = 86_400
FOREVER = 2**62  # a moment that never comes
REVISED_DAYS = 400  # history older than this before the last evaluation is never rewritten


@dataclass(frozen=True, slots=True)
class Entry:
    """A customer entered `stage` at `at` (epoch seconds), because of `cause`.

    Attributes:
        cause: identity of an event, or `timer:<fact>`.
    """

    at: int
    stage: str
    previous: str | None
    cause: str


@dataclass(frozen=True, slots=True)
class Flip:
    """The next moment at which time alone may change something, and the facts that do."""

    at: int
    facts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk found.

    Attributes:
        kept: how many of the known entries still stand.
        entries: those that follow them.
        revised: whether entries that had been told before were taken back.
        until: the moment evaluated up to.
        due: when the next timer must fire, None if never.
    """

    kept: int
    entries: tuple[Entry, ...]
    revised: bool
    until: int
    due: int | None


def next_flip(journey: JourneyMap, state: State, stage: str | None, t: int) -> Flip | None:
    """The earliest moment after t at which a comparison that matters to `stage` may change."""
    earliest: int | None = None
    facts: set[str] = set()
    for comparison in journey.asked.get(stage or START, ()):
        at = BY_NAME[comparison.fact].changes_after(state, t, comparison)
        if at is None or (earliest is not None and at > earliest):
            continue
        if earliest is None or at < earliest:
            earliest, facts = at, set()
        facts.add(comparison.fact)
    return None if earliest is None else Flip(earliest, frozenset(facts))


def events_in(
    journey: JourneyMap, state: State, after: int, until: int
) -> list[tuple[int, list[tuple[str, str]]]]:
    """Moments in (after, until] with events, ascending, each with (cause, fact) sorted."""
    reasons: dict[int, list[tuple[str, str]]] = {}
    for fact in journey.facts:
        for mark in BY_NAME[fact].events(state, after, until):
            reasons.setdefault(mark.at, []).append((mark.cause, fact))
    return [(at, sorted(reasons[at])) for at in sorted(reasons)]


def _cause(stage: Stage, events: Sequence[tuple[str, str]], flip: Flip | None) -> str:
    """Why `stage` was entered: an event of its facts, a timer of them, or what else there was."""
    relevant = [cause for cause, fact in events if fact in stage.facts and cause != FORGOTTEN]
    if relevant:
        return relevant[0]
    if flip is not None:
        return "timer:" + min(flip.facts & stage.facts or flip.facts)
    return events[0][0]


def _enter(
    journey: JourneyMap, state: State, stage: str | None, at: int,
    events: Sequence[tuple[str, str]], flip: Flip | None,
) -> list[Entry]:  # fmt: skip
    """The stages entered at one moment: each at most once, so that it always ends."""
    entries: list[Entry] = []
    seen = {stage}
    while (
        following := journey.following(stage, state, at)
    ) is not None and following.name not in seen:
        entries.append(Entry(at, following.name, stage, _cause(following, events, flip)))
        stage = following.name
        seen.add(stage)
    return entries


def forward(
    journey: JourneyMap, state: State, stage: str | None, after: int, until: int, quiet: float = 0
) -> tuple[list[Entry], int | None]:
    """Walk (after, until] from `stage`.

    Args:
        quiet: it is known that time alone changes nothing before this moment.
    Returns: the stages entered, and when the next timer is due (> until; None: never): time alone
        changes something, or an event comes into effect that is known already.
    """
    entries: list[Entry] = []
    moments = events_in(journey, state, after, FOREVER)
    index, t = 0, after
    while True:
        at, events = moments[index] if index < len(moments) else (FOREVER, [])
        flip = next_flip(journey, state, stage, t) if at > until or at >= quiet else None
        quiet = 0
        if at <= until and (flip is None or at <= flip.at):
            t, now = at, flip if flip is not None and flip.at == at else None
            index += 1
        elif flip is not None and flip.at <= until:
            t, events, now = flip.at, [], flip
        else:
            due = at if flip is None else min(at, flip.at)
            return entries, None if due == FOREVER else due
        entered = _enter(journey, state, stage, t, events, now)
        if entered:
            entries += entered
            stage = entered[-1].stage


def evaluate(
    journey: JourneyMap, state: State, history: Sequence[Entry], evaluated: int,
    since: int | None, until: int, due: int | None = 0,
) -> Walk:  # fmt: skip
    """Bring the history up to `until`.

    Args:
        history: all entries known, or at least the last one where `since` is later.
        evaluated: the moment the history is known up to.
        since: from when on the state was changed; earlier than `evaluated`: a late event, and the
            history is written anew from there. None: nothing but time has passed.
        due: what the last walk said, or a moment before it; it saves looking for it again.
    """
    until = max(until, evaluated)
    start = evaluated
    quiet = float("inf") if due is None else due
    if since is not None and since <= evaluated:
        start = max(since - 1, evaluated - REVISED_DAYS * DAY)
        quiet = 0
    kept = len(history)
    while kept and history[kept - 1].at > start:
        kept -= 1
    stage = history[kept - 1].stage if kept else None
    passed, next_due = forward(journey, state, stage, start, until, quiet)
    told = history[kept:]
    same = 0
    while same < min(len(told), len(passed)) and told[same] == passed[same]:
        same += 1
    entries = tuple(passed[same:])
    ahead = planned(state, until)
    if ahead is not None:
        next_due = ahead if next_due is None else min(next_due, ahead)
    return Walk(kept + same, entries, len(told) > same, until, next_due)
