"""Who a customer is and how to reach them, told anew: it stays in one table, and no event carries it."""

from collections.abc import Callable
from typing import Any

from services.journey.domain.customers.customer import Profile
from services.journey.handlers.customers import audited
from services.journey.handlers.customers.change_customers import known
from services.journey.handlers.ports import Unit
from shared.errors import NotFound

Unchanged = Callable[[Any], None]
"""Raises when the profile is not the one the caller has read."""


async def read_profile(unit: Unit, id_: str) -> Any:
    """Their personal data, audited. Raises: NotFound: nobody has handed this customer in."""
    row = await unit.store.reader.profile(id_)
    if row is None:
        raise NotFound("customer", id_)
    audited.read(unit, id_)
    return row


async def change_profile(unit: Unit, id_: str, told: Profile, unchanged: Unchanged) -> None:
    """The profile is this. Raises: NotFound; what `unchanged` raises."""
    await known(unit, id_)
    row = await unit.store.reader.profile(id_)
    unchanged(row)
    changed = [name for name in told.__slots__ if getattr(told, name) != getattr(row, name, None)]
    if not changed:
        audited.read(unit, id_)  # the answer shows the profile
        return
    await unit.store.owned.save_profiles({id_: told})
    audited.profiled(unit, id_, changed)
