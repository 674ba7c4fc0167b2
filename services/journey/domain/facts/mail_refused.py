"""What came of mails to the customer's address."""

from services.journey.domain.customers.state import Dated, State, last
from services.journey.domain.facts.events import within
from services.journey.domain.facts.fact import Fact

NAME = "mail_refused"


def value(state: State, t: int) -> str | None:
    """The newest of what was said."""
    newest: Dated | None = last(state.said.get(NAME, []), t)
    return None if newest is None else str(newest.value)


FACT = Fact(
    name=NAME,
    says="Why nothing is sent to their address: bounced, complained, asked; lifted: it is again; "
    "unknown: it always was.",
    type=str,
    value=value,
    events=lambda state, after, until: within(state.said.get(NAME, []), after, until),
    words=("bounced", "complained", "asked", "lifted"),
)
