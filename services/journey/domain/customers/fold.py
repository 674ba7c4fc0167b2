"""Events into state. Each fold returns whether anything but sums changed, from the event's time on.

A fold is commutative: the same events in any order give the same state.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from services.journey.domain.customers.state import (
    ACTIVE_DAYS,
    CAUSES,
    EARLY_USES,
    NEWEST,
    Dated,
    Mark,
    State,
    Switch,
    Tally,
    Term,
    keep,
    turn,
)
from services.journey.domain.days import seconds
from services.journey.domain.facts import contact_reason, failed_step, last_app_error
from shared.events import (
    AppError,
    Event,
    FeatureUsed,
    HelpViewed,
    IntegrationLinked,
    IntegrationUnlinked,
    MessageClicked,
    MessageSeen,
    Rating,
    ReferralShared,
    RegistryChanged,
    RiskChanged,
    SetupCompleted,
    SetupStarted,
    SetupStep,
    TicketChanged,
    Usage,
)


def fold(state: State, customer: str, event: Event, cause: str) -> int | None:
    """Fold one event into the customer's state.

    Args:
        customer: whose state it is: a move of a device names two.
        cause: the event's identity.
    Returns: the moment (epoch seconds) from which facts may differ now; None: nothing but sums.
    """
    folding = FOLDS.get(type(event))
    if folding is None:
        return None
    mark = Mark(seconds(event.at), cause)
    return mark.at if folding(state, customer, event, mark) else None


def use(state: State, customer: str, event: Usage | FeatureUsed, mark: Mark) -> bool:
    """Fold a meaningful use."""
    at, cause = mark.at, mark.cause
    state.uses += event.count
    state.last_use = max(state.last_use, at)
    changed = False
    if state.first_use is None or mark < state.first_use:
        state.first_use = mark
        changed = True
    if len(state.early) < EARLY_USES or at <= state.early[-1]:
        changed |= _early(state, at, cause, event.count)
    return _active(state, at, cause) or changed


def _early(state: State, at: int, cause: str, count: int) -> bool:
    """Keep the first uses; of two in one second the one with the smaller identity comes first."""
    early, causes = state.early, state.early_causes
    where = bisect_right(early, at)
    while where and early[where - 1] == at and causes[where - 1] > cause:
        where -= 1
    if where >= EARLY_USES:
        return False
    count = min(count, EARLY_USES - where)
    early[where:where] = [at] * count
    causes[where:where] = [cause] * count
    del early[EARLY_USES:], causes[EARLY_USES:]
    return True


def _active(state: State, at: int, cause: str) -> bool:
    """Keep the first use of the day, of two in one second the one with the smaller identity."""
    active, causes = state.active, state.active_causes
    where = bisect_right(active, at)
    day = state.day(at)
    if where and state.day(active[where - 1]) == day:
        if active[where - 1] == at and causes[where - 1] and cause < causes[where - 1]:
            causes[where - 1] = cause
            return True
        return False
    if where < len(active) and state.day(active[where]) == day:
        active[where] = at
        if len(active) - where <= CAUSES:
            causes[where] = cause
        return True
    active.insert(where, at)
    causes.insert(where, cause)
    if len(active) > CAUSES:
        causes[-CAUSES - 1] = ""
        if where < len(active) - CAUSES:
            causes[where] = ""
    if len(active) > ACTIVE_DAYS:
        del active[0], causes[0]
    return True


def start_setup(state: State, mark: Mark) -> bool:
    """The first beginning of a set-up counts."""
    if state.setup_started is not None and state.setup_started <= mark:
        return False
    state.setup_started = mark
    return True


def complete_setup(state: State, mark: Mark) -> bool:
    """The first completion of a set-up counts."""
    if state.setup_completed is not None and state.setup_completed <= mark:
        return False
    state.setup_completed = mark
    return True


def link(state: State, source: str, platform: str, mark: Mark, *, on: bool) -> bool:
    """A device was linked to a platform or unlinked; the newer event holds."""
    return turn(
        state.integrations, f"{platform}/{source}", Switch(mark.at, mark.at, mark.cause, on)
    )


def register(state: State, customer: str, event: RegistryChanged, mark: Mark) -> bool:
    """A device came to the customer or left; a fact from before its claim counts as its event."""
    if event.change == "adopted":
        mark = Mark(mark.at, event.adopted_id or mark.cause)
        match event.adopted:
            case "setup_started":
                return start_setup(state, mark)
            case "setup_completed":
                return complete_setup(state, mark)
            case "integration_linked" | "integration_unlinked" if event.platform is not None:
                on = event.adopted == "integration_linked"
                return link(state, event.source, event.platform, mark, on=on)
            case _:
                return False
    sources = state.devices if event.kind == "device" else state.apps
    owned = event.customer == customer and event.change != "retired"
    return turn(sources, event.source, Switch(event.version, mark.at, mark.cause, owned))


def _link(
    state: State, customer: str, event: IntegrationLinked | IntegrationUnlinked, mark: Mark
) -> bool:
    on = type(event) is IntegrationLinked
    return link(state, event.source, event.platform, mark, on=on)


def _ticket(state: State, customer: str, event: TicketChanged, mark: Mark) -> bool:
    opened = Switch(event.version, mark.at, mark.cause, event.state == "open")
    changed = turn(state.tickets, event.ticket, opened)
    if event.change != "opened":
        return changed
    return (
        tell(state, contact_reason.NAME, mark, event.fault_code or contact_reason.OTHER) or changed
    )


def tell(state: State, fact: str, mark: Mark, word: str) -> bool:
    """Fold the word that an event tells of a fact."""
    return keep(state.said.setdefault(fact, []), Dated(mark.at, mark.cause, word))


def _app_error(state: State, customer: str, event: AppError, mark: Mark) -> bool:
    tell(state, last_app_error.NAME, mark, event.code)
    return state.app_errors.add(mark)


def _setup_step(state: State, customer: str, event: SetupStep, mark: Mark) -> bool:
    if event.result == "started":
        return False
    word = failed_step.DONE if event.result == "done" else event.step
    return tell(state, failed_step.NAME, mark, word)


Folding = Callable[[State, str, Any, Mark], bool]

FOLDS: dict[type[Event], Folding] = {
    Usage: use,
    FeatureUsed: use,
    SetupStarted: lambda state, customer, event, mark: start_setup(state, mark),
    SetupCompleted: lambda state, customer, event, mark: complete_setup(state, mark),
    IntegrationLinked: _link,
    IntegrationUnlinked: _link,
    HelpViewed: lambda state, customer, event, mark: state.help_views.add(mark),
    AppError: _app_error,
    SetupStep: _setup_step,
    ReferralShared: lambda state, customer, event, mark: state.referrals.add(mark),
    MessageSeen: lambda state, customer, event, mark: state.seen.add(mark),
    MessageClicked: lambda state, customer, event, mark: state.clicks.add(mark),
    Rating: lambda state, customer, event, mark: keep(
        state.ratings, Dated(mark.at, mark.cause, event.stars)
    ),
    RegistryChanged: register,
    TicketChanged: _ticket,
    RiskChanged: lambda state, customer, event, mark: keep(
        state.risks, Dated(mark.at, mark.cause, event.tier)
    ),
}
"""How each event changes a state (state, customer, event, mark); True: not only sums."""


def purchase(state: State, mark: Mark) -> int:
    """Fold a purchase; returns its moment."""
    state.purchases.add(mark)
    return mark.at


def say(state: State, fact: str, mark: Dated) -> int:
    """Fold what is said of a fact that is told beside events; returns its moment."""
    keep(state.said.setdefault(fact, []), mark)
    return mark.at


def set_purchases(state: State, marks: list[Mark], since: int) -> int:
    """These are all purchases there are: one was corrected or withdrawn; returns `since`."""
    ordered = sorted(marks)
    state.purchases = Tally(len(ordered), ordered[-NEWEST:])
    return since


def subscribe(state: State, term: Term) -> int:
    """Fold a change of the subscription or a renewal; returns its moment."""
    if len(state.terms) >= NEWEST:
        _forget_repetition(state.terms)
    keep(state.terms, term)
    return term.at


def _forget_repetition(terms: list[Term]) -> None:
    """Of those that say what the one before and the one after say too, forget the first."""
    said = [(term.status, term.renews_at, term.renewal, term.given) for term in terms]
    for at in range(1, len(terms) - 1):
        if said[at - 1] == said[at] == said[at + 1]:
            del terms[at]
            return


def unsubscribe(state: State, term: Term) -> int:
    """A change of the subscription was never so; returns the first moment that may differ."""
    state.terms.remove(term)
    return term.at


QUARTER = 900  # seconds: the days of every zone begin on such a one


def first_of_quarters(uses: Iterable[tuple[str, Mark]]) -> dict[tuple[str, int], Mark]:
    """The first use of each customer in each quarter of an hour: (customer, quarter) -> use.

    Kept of customers nobody has handed in, so that the days of any zone can be told from them.
    """
    marks_by_purchase: dict[tuple[str, int], Mark] = {}
    for customer, mark in uses:
        key = customer, mark.at // QUARTER
        if key not in marks_by_purchase or mark < marks_by_purchase[key]:
            marks_by_purchase[key] = mark
    return marks_by_purchase


def move_zone(state: State, zone: str, uses: Sequence[Mark] = ()) -> int | None:
    """The customer's days are those of this zone: known uses are sorted into them.

    Args:
        uses: the first ones of quarters of an hour.
    Returns: the first moment that may differ, None where the zone is the same.
    """
    if zone == state.zone:
        return None
    state.zone = zone
    known = dict(zip(state.active, state.active_causes, strict=True))
    known |= {use.at: use.cause for use in uses}
    state.active, state.active_causes = [], []
    for at in sorted(known):
        _active(state, at, known[at])
    return 0
