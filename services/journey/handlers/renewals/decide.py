"""Terms that end soon are shown, and what came of one is written down."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.journey.domain.renewals.outcome import OVERDUE, Decided, Outcome, Reason, Whose
from services.journey.handlers.customers import audited
from services.journey.handlers.ports import Unit
from shared.errors import NotFound


async def listed(
    unit: Unit,
    within: timedelta,
    after: tuple[datetime, str] | None,
    limit: int,
    *,
    names: bool,
    whose: Whose,
) -> Sequence[Any]:
    """Terms of a page and one more; whose names are shown is audited."""
    since, until = unit.now - OVERDUE, unit.now + within
    rows = await unit.store.renewals.listed(since, until, after, limit + 1, whose)
    if names:
        audited.listed(unit, [row.customer for row in rows[:limit] if row.name is not None])
    return rows


async def decide(
    unit: Unit,
    customer: str,
    term_ends: datetime,
    outcome: Outcome,
    reason: Reason | None,
    unchanged: Callable[[Any | None], None],
) -> Decided:
    """Write down what came of a term that ends, or has ended; saying it again changes nothing.

    Args:
        unchanged: raises when what was said so far is not what the caller has read.
    Raises: NotFound: no such customer, or their term does not end then.
    """
    if not await unit.store.customers.hold_existing([customer]):
        raise NotFound("customer", customer)
    present = await unit.store.reader.subscription(customer)
    before = await unit.store.renewals.decided(customer, term_ends)
    if before is None and (present is None or present.renews_at != term_ends):
        raise NotFound("term", f"of {customer} that ends {term_ends.isoformat()}")
    unchanged(before)
    if before is not None and (before.outcome, before.reason) == (outcome, reason):
        return Decided(customer, term_ends, outcome, reason, before.who, before.at)
    decided = Decided(customer, term_ends, outcome, reason, unit.who.subject, unit.now)
    await unit.store.renewals.decide(decided)
    was = None if before is None else {"outcome": before.outcome, "reason": before.reason}
    became = {"outcome": outcome, "reason": reason, "term_ends": term_ends}
    unit.audit("customer.renewal", audited.KIND, customer, before=was, after=became)
    return decided
