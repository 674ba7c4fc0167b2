"""What billing told wrongly: corrected or withdrawn; facts and stages are those of what remains."""

from collections.abc import Callable

from services.journey.domain.customers import fold
from services.journey.domain.customers.customer import Purchase
from services.journey.domain.customers.state import Mark, Term
from services.journey.domain.days import seconds
from services.journey.errors import TermInUse
from services.journey.handlers.customers import audited
from services.journey.handlers.customers.change_customers import begin, known
from services.journey.handlers.customers.reasons import names_nobody
from services.journey.handlers.ports import Unit
from services.journey.handlers.stages.advance import update_stages
from services.journey.handlers.stages.on_stages import on_stages
from shared.errors import NotFound

Unchanged = Callable[[str, Purchase], None]
"""Raises when a purchase is not as the caller has read it."""


async def correct_purchase(
    unit: Unit, customer: str, id_: str, truth: Purchase | None, why: str, unchanged: Unchanged
) -> None:
    """A purchase was `truth`; None: it never was.

    Args:
        why: kept in the audit.
    Raises: NotFound; ReasonNamesPerson; what `unchanged` raises.
    """
    await names_nobody(unit, customer, why)
    held = await known(unit, customer)
    purchases = await unit.store.owned.purchases(customer)
    if id_ not in purchases:
        raise NotFound("purchase", id_)
    before = purchases[id_]
    unchanged(id_, before)
    if truth == before:
        return
    if truth is None:
        del purchases[id_]
        await unit.store.owned.drop_purchase(id_)
    else:
        purchases[id_] = truth
        await unit.store.products.note([truth.product])
        await unit.store.owned.change_purchase(id_, truth)
    marks = [Mark(seconds(bought.at), f"purchase:{name}") for name, bought in purchases.items()]
    since = min(seconds(bought.at) for bought in (before, truth) if bought is not None)
    work = await begin(unit, held)
    work.fold(lambda state: fold.set_purchases(state, marks, since), unit.cause)
    await on_stages(unit, await update_stages(unit, [work], until=work.now))
    if truth is None:
        audited.withdrawn(unit, customer, id_, before, why)
    else:
        audited.corrected(unit, customer, id_, before, truth, why)


async def withdraw_term(unit: Unit, customer: str, id_: str, why: str) -> Term:
    """A change of the subscription or a renewal never was, or will not be; returns it.

    Args:
        why: kept in the audit.
    Raises: NotFound; ReasonNamesPerson; TermInUse: a renewal renews what it set.
    """
    await names_nobody(unit, customer, why)
    held = await known(unit, customer)
    work = await begin(unit, held)
    terms = work.state.terms
    corrected = next((term for term in terms if term.id == id_), None)
    if corrected is None:
        raise NotFound("term", id_)
    rest = [term for term in terms if term is not corrected]
    if rest and rest[0].renewal and not corrected.renewal:
        raise TermInUse(id_)
    work.fold(lambda state: fold.unsubscribe(state, corrected), unit.cause)
    await on_stages(unit, await update_stages(unit, [work], until=work.now))
    audited.unsubscribed(unit, customer, corrected, why)
    return corrected
