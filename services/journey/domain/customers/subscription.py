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
    found: list[SubscriptionState] = []
    base: Term | None = None
    for term in terms:
        if term.at > until:
            break
        if not term.renewal:
            base = term
        elif found and found[-1].status == "active" and found[-1].renews_at == term.renews_at:
            continue
        found.append(SubscriptionState(term, base))
    return found


def state_at(terms: list[Term], t: int) -> SubscriptionState | None:
    """How it stands at `t`; None: there is no subscription."""
    newest = last(terms, t)
    if newest is None or not newest.renewal:  # most are: what was set needs nothing before it
        return None if newest is None else SubscriptionState(newest, newest)
    found = states_until(terms, t)
    return found[-1] if found else None


def renewals(terms: list[Term], t: int) -> list[Term]:
    """The renewals up to `t` that made a term longer."""
    if not any(term.renewal for term in terms):
        return []
    return [one.term for one in states_until(terms, t) if one.term.renewal]


def subscription(terms: list[Term], t: int, row: Subscription | None = None) -> Subscription | None:
    """The subscription as of `t`.

    Args:
        row: as it was written before terms told all of it: plan and price of old ones.
    """
    found = state_at(terms, t)
    if found is None:
        return None
    told = row if found.base is None else found.base.given or row
    if told is None or (found.base is found.term and found.base.given is not None):
        return told
    ends = found.renews_at
    renews_at = told.renews_at
    if ends is None or renews_at is None or seconds(renews_at) != ends:
        renews_at = None if ends is None else moment_of(ends)
    return msgspec.structs.replace(told, status=found.status, renews_at=renews_at)
