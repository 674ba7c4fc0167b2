"""How a subscription stands at a moment, from everything billing said, in whatever order it came.

The facts and the row that others see are both told from here: there is one truth.
"""

from dataclasses import dataclass

import msgspec

from services.journey.domain.customers.state import Term, last
from services.journey.domain.days import moment_of, seconds
from shared.events.customer_changed import Subscription


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """What holds from `term` on.

    Attributes:
        base: the subscription that was set last; None: a renewal of one we do not know.
    """

    term: Term
    base: Term | None

    @property
    def status(self) -> str:
        """`trial`, `active`, `cancelled` or `ended`."""
        return self.term.status

    @property
    def renews_at(self) -> int | None:
        """End of the term, epoch seconds."""
        return self.term.renews_at


def states_until(terms: list[Term], until: int) -> list[SubscriptionState]:
    """All that held one after the other up to `until`; a renewal that changes nothing is none."""
    states: list[SubscriptionState] = []
    base: Term | None = None
    for term in terms:
        if term.at > until:
            break
        if not term.renewal:
            base = term
        elif states and states[-1].status == "active" and states[-1].renews_at == term.renews_at:
            continue
        states.append(SubscriptionState(term, base))
    return states


def state_at(terms: list[Term], t: int) -> SubscriptionState | None:
    """How it stands at `t`; None: there is no subscription."""
    newest = last(terms, t)
    if newest is None or not newest.renewal:  # most are: what was set needs nothing before it
        return None if newest is None else SubscriptionState(newest, newest)
    states = states_until(terms, t)
    return states[-1] if states else None


def renewals(terms: list[Term], t: int) -> list[Term]:
    """The renewals up to `t` that made a term longer."""
    if not any(term.renewal for term in terms):
        return []
    return [state.term for state in states_until(terms, t) if state.term.renewal]


def subscription(terms: list[Term], t: int, row: Subscription | None = None) -> Subscription | None:
    """The subscription as of `t`.

    Args:
        row: as it was written before terms told all of it: plan and price of old ones.
    """
    state = state_at(terms, t)
    if state is None:
        return None
    told = row if state.base is None else state.base.given or row
    if told is None or (state.base is state.term and state.base.given is not None):
        return told
    ends = state.renews_at
    renews_at = told.renews_at
    if ends is None or renews_at is None or seconds(renews_at) != ends:
        renews_at = None if ends is None else moment_of(ends)
    return msgspec.structs.replace(told, status=state.status, renews_at=renews_at)
