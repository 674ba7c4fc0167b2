"""Whether money that was due did not come."""

from services.journey.domain.customers.state import Mark, State, Term, last
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact

NAME = "payment_failed"


def _renewed(terms: list[Term], after: int, t: int) -> bool:
    return any(after < term.at <= t and term.renewal for term in terms)


def value(state: State, t: int) -> bool:
    """A payment failed, and nothing was renewed since."""
    newest = last(state.said.get(NAME, []), t)
    return newest is not None and not _renewed(state.terms, newest.at, t)


def events(state: State, after: int, until: int) -> list[Mark]:
    """Failures, and the renewals that make up for them."""
    renewals = [term for term in state.terms if term.renewal]
    return [*within(state.said.get(NAME, []), after, until), *within(renewals, after, until)]


FACT = Fact(
    name=NAME,
    says="A payment did not come through, and the subscription was not renewed since.",
    type=bool,
    value=value,
    events=events,
)
