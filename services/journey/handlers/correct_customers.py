"""What billing told wrongly: corrected or withdrawn; facts and stages are those of what remains."""

from collections.abc import Callable

from services.journey.domain import fold
from services.journey.domain.customer import Purchase
from services.journey.domain.days import seconds
from services.journey.domain.state import Mark, Term
from services.journey.errors import PurchaseNotFound, TermInUse, TermNotFound
from services.journey.handlers.advance import settle
from services.journey.handlers.change_customers import begin, known
from services.journey.handlers.ports import Desk

Unchanged = Callable[[str, Purchase], None]
"""Raises when a purchase is not as the caller has read it."""


async def correct_purchase(
    desk: Desk, customer: str, id_: str, truth: Purchase | None, cause: str, unchanged: Unchanged
) -> Purchase:
    """A purchase was `truth`; None: it never was.

    Returns: as it was known.
    Raises: CustomerNotFound, PurchaseNotFound; what `unchanged` raises.
    """
    held = await known(desk, customer)
    purchases = await desk.owned.purchases(customer)
    if id_ not in purchases:
        raise PurchaseNotFound(id_)
    before = purchases[id_]
    unchanged(id_, before)
    if truth == before:
        return before
    if truth is None:
        del purchases[id_]
        await desk.owned.drop_purchase(id_)
    else:
        purchases[id_] = truth
        await desk.owned.change_purchase(id_, truth)
    marks = [Mark(seconds(one.at), f"purchase:{name}") for name, one in purchases.items()]
    since = min(seconds(one.at) for one in (before, truth) if one is not None)
    work = await begin(desk, held, cause)
    work.fold(lambda state: fold.set_purchases(state, marks, since), cause)
    await settle(desk, [work], until=work.now)
    return before


async def withdraw_term(desk: Desk, customer: str, id_: str, cause: str) -> Term:
    """A change of the subscription or a renewal never was, or will not be; returns it.

    Raises: CustomerNotFound, TermNotFound; TermInUse: a renewal renews what it set.
    """
    held = await known(desk, customer)
    work = await begin(desk, held, cause)
    terms = work.state.terms
    found = next((term for term in terms if term.id == id_), None)
    if found is None:
        raise TermNotFound(id_)
    rest = [term for term in terms if term is not found]
    if rest and rest[0].renewal and not found.renewal:
        raise TermInUse(id_)
    work.fold(lambda state: fold.unsubscribe(state, found), cause)
    await settle(desk, [work], until=work.now)
    return found
