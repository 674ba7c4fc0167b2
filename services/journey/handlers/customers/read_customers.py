"""A customer as people are shown it, and the row in the audit that says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.journey.domain.customers.state import State
from services.journey.domain.customers.subscription import subscription
from services.journey.domain.customers.wanted import Wanted
from services.journey.domain.days import seconds
from services.journey.handlers.customers import audited
from services.journey.handlers.ports import Store, Unit
from shared.errors import NotFound
from shared.events.customer_changed import Subscription


@dataclass(frozen=True, slots=True)
class Known:
    """All there is to know of a customer as of `now`, epoch seconds.

    Attributes:
        row, profile, purchases, history: rows of the tables; a customer only heard of has no profile.
        told: the subscription as it was written last.
        present: the subscription as it stands.
    """

    row: Any
    now: int
    state: State
    profile: Any | None
    told: Subscription | None
    present: Subscription | None
    purchases: Sequence[Any]
    history: Sequence[Any]


async def known(store: Store, id_: str, now: int) -> Known:
    """Read it. Raises NotFound: nothing was ever heard of this customer."""
    reader = store.reader
    row = await reader.find(id_)
    if row is None:
        raise NotFound("customer", id_)
    state, told = await reader.state(row), await reader.subscription(id_)
    return Known(
        row=row,
        now=now,
        state=state,
        profile=await reader.profile(id_),
        told=told,
        present=subscription(state.terms, now, told),
        purchases=await reader.purchases(id_),
        history=await reader.history(id_),
    )


async def read_customer(unit: Unit, id_: str, *, profile: bool = True) -> Known:
    """Show a customer; with the profile it is audited. Raises NotFound.

    Args:
        profile: whether the caller sees it.
    """
    customer_known = await known(unit.store, id_, seconds(unit.now))
    if profile and customer_known.profile is not None:
        audited.read(unit, id_)
    return customer_known


async def listed(
    unit: Unit, wanted: Wanted, after: str | None, limit: int, *, names: bool
) -> Sequence[Any]:
    """Customers of a page and one more; whose names are shown is audited."""
    rows = await unit.store.reader.listed(wanted, after, limit + 1)
    if names:
        audited.listed(unit, [row.id for row in rows[:limit] if row.name is not None])
    return rows


async def read_contact(unit: Unit, id_: str) -> Any | None:
    """How to reach a customer, audited; None: nothing is known."""
    profile = await unit.store.reader.profile(id_)
    if profile is not None:
        unit.audit("contact.read", audited.KIND, id_)
    return profile


def note_export(unit: Unit, id_: str) -> None:
    """Everything about a customer is given out."""
    unit.audit("customer.export", audited.KIND, id_)


async def present(store: Store, id_: str, now: int) -> Subscription | None:
    """The subscription as of `now`, epoch seconds; None: there is none."""
    row = await store.reader.find(id_)
    if row is None:
        return None
    state = await store.reader.state(row)
    return subscription(state.terms, now, await store.reader.subscription(id_))


async def read_purchase(store: Store, customer: str, purchase: str) -> Any:
    """One purchase. Raises NotFound."""
    if await store.reader.find(customer) is None:
        raise NotFound("customer", customer)
    purchases = await store.owned.purchases(customer)
    if purchase not in purchases:
        raise NotFound("purchase", purchase)
    return purchases[purchase]
