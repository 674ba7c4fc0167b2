"""Customers get another CSM: one, some, or a whole portfolio; and back again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from services.journey.domain.portfolios import portfolio
from services.journey.domain.portfolios.portfolio import Handed
from services.journey.handlers.customers.create_customers import SERVICE
from services.journey.handlers.ports import Store, Unit
from shared import ids
from shared.errors import NotFound

Unchanged = Callable[[Any | None], None]
"""Raises when the CSM, None where there is none, is not as the caller has read it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a hand-over came to.

    Attributes:
        id: by which it is undone.
        left: customers of whom nothing changed.
    """

    id: str
    customers: int
    left: int


async def read(store: Store, customer: str) -> Any | None:
    """Who has a customer; None: nobody. Raises NotFound."""
    if await store.reader.find(customer) is None:
        raise NotFound("customer", customer)
    return await store.portfolios.one(customer)


async def set_csm(unit: Unit, customer: str, csm: str | None, unchanged: Unchanged) -> Any | None:
    """This CSM looks after the customer, None: nobody. Raises: NotFound; what `unchanged` raises."""
    if not await unit.store.customers.hold_existing([customer]):
        raise NotFound("customer", customer)
    portfolios = unit.store.portfolios
    unchanged(await portfolios.one(customer))
    present = await portfolios.hold([customer])
    handed = portfolio.hand_over([customer], present, csm)
    if handed:
        await portfolios.hand(ids.random_id(), handed, unit.now, unit.who.subject)
        had = {"csm": present.get(customer)}
        unit.audit("portfolio.set", "customer", customer, before=had, after={"csm": csm})
    return await portfolios.one(customer)


async def hand_over(
    unit: Unit, from_: str | None, to: str | None, customers: Sequence[str] | None
) -> Moved:
    """Give a CSM's whole portfolio, or these customers, to another one.

    Args:
        from_: whose; None: whoever has them.
        customers: None: all that `from_` has. Those that there are not are left.
    """
    portfolios = unit.store.portfolios
    if customers is None:
        present = await portfolios.hold_of(from_ or "")
        wanted = list(present)
    else:
        known = await unit.store.customers.hold_existing(customers)
        present = await portfolios.hold(known)
        wanted = [id_ for id_ in known if from_ is None or present.get(id_) == from_]
    handed = portfolio.hand_over(wanted, present, to)
    asked = len(wanted) if customers is None else len(set(customers))
    moved = await _written(unit, handed, asked)
    if handed:
        after = {"from": from_, "to": to, "customers": moved.customers}
        unit.audit("portfolio.hand_over", "portfolio", moved.id, after=after)
    return moved


async def undo(unit: Unit, id_: str) -> Moved:
    """All go back to whom they had before, but for who was handed on since. Raises NotFound."""
    portfolios = unit.store.portfolios
    done = await portfolios.handed(id_)
    if not done:
        raise NotFound("hand_over", id_)
    customers = [move.customer for move in done]
    await unit.store.customers.hold_existing(customers)
    present = await portfolios.hold(customers)
    back = portfolio.undo(done, present)
    moved = await _written(unit, back, len(done))
    if back:
        after = {"hand_over": moved.id, "customers": moved.customers}
        unit.audit("portfolio.undo", "portfolio", id_, after=after)
    return moved


async def _written(unit: Unit, handed: Sequence[Handed], asked: int) -> Moved:
    id_ = ids.derived(SERVICE, unit.cause, "hand_over")
    if handed:
        await unit.store.portfolios.hand(id_, handed, unit.now, unit.who.subject)
    return Moved(id_, len(handed), asked - len(handed))
