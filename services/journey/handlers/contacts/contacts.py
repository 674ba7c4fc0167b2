"""People of a business account: added, changed, removed, and what they want to get."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from services.journey.domain.contacts.contact import MOST, Consent, Contact, Reach
from services.journey.errors import HouseholdHasNoContacts, TooManyContacts
from services.journey.handlers.customers.create_customers import SERVICE
from services.journey.handlers.ports import Unit
from shared import ids
from shared.errors import NotFound

KIND = "customer"  # of the audit: whoever asks for an account finds its people
Unchanged = Callable[[Contact | None], None]
"""Raises when the contact is not the one the caller has read."""


async def listed(unit: Unit, customer: str) -> Sequence[Contact]:
    """All of an account; that their names were shown is audited. Raises NotFound."""
    if await unit.store.reader.find(customer) is None:
        raise NotFound("customer", customer)
    people = await unit.store.contacts.of(customer)
    if people:
        unit.audit("contact.list", KIND, customer)
    return people


async def read(unit: Unit, customer: str, id_: str) -> Contact:
    """One with address and number, audited. Raises NotFound."""
    person = await _find(unit, customer, id_)
    unit.audit("contact.read", KIND, customer, after={"contact": id_})
    return person


async def add(unit: Unit, customer: str, reach: Reach) -> Contact:
    """There is one more. Raises: NotFound; HouseholdHasNoContacts; TooManyContacts."""
    account = await _hold(unit, customer)
    if account.kind != "business":
        raise HouseholdHasNoContacts(customer)
    if len(await unit.store.contacts.of(customer)) >= MOST:
        raise TooManyContacts(MOST)
    added = Contact(added_id(unit), customer, reach)
    await unit.store.contacts.add(added, unit.now)
    told = [name for name in Reach.__slots__ if getattr(reach, name) is not None]
    after = {"contact": added.id, "role": reach.role, "told": told}
    unit.audit("contact.add", KIND, customer, after=after)
    return added


def added_id(unit: Unit) -> str:
    """The id of the contact that this request adds, whenever it is sent."""
    return ids.derived(SERVICE, unit.cause, "contact")


async def change(
    unit: Unit, customer: str, id_: str, reach: Reach, unchanged: Unchanged
) -> Contact:
    """They are so now. Raises: NotFound; what `unchanged` raises."""
    before = await _held(unit, customer, id_, unchanged)
    changed = [n for n in Reach.__slots__ if getattr(reach, n) != getattr(before.reach, n)]
    if not changed:
        unit.audit("contact.read", KIND, customer, after={"contact": id_})  # the answer shows them
        return before
    after = replace(before, reach=reach)
    await unit.store.contacts.change(after)
    unit.audit("contact.change", KIND, customer, after={"contact": id_, "changed": changed})
    return after


async def want(
    unit: Unit, customer: str, id_: str, consent: Consent, unchanged: Unchanged
) -> Contact:
    """What they want to get is this, as they just said. Raises: NotFound; what `unchanged` raises."""
    before = await _held(unit, customer, id_, unchanged)
    said = replace(consent, at=unit.now, who=unit.who.subject)
    after = replace(before, consent=said)
    await unit.store.contacts.change(after)
    said_now = {"contact": id_, **_of(said)}
    unit.audit("contact.consent", KIND, customer, before=_of(before.consent), after=said_now)
    return after


async def remove(unit: Unit, customer: str, id_: str, unchanged: Unchanged) -> None:
    """They are forgotten. Raises: NotFound; what `unchanged` raises."""
    await _held(unit, customer, id_, unchanged)
    await unit.store.contacts.remove(id_)
    unit.audit("contact.remove", KIND, customer, before={"contact": id_})


def _of(said: Consent) -> dict[str, Any]:
    return {"left": list(said.left), "promotion": said.promotion}


async def _hold(unit: Unit, customer: str) -> Any:
    held = await unit.store.customers.hold_existing([customer])
    if customer not in held:
        raise NotFound("customer", customer)
    return held[customer]


async def _held(unit: Unit, customer: str, id_: str, unchanged: Unchanged) -> Contact:
    await _hold(unit, customer)
    person = await _find(unit, customer, id_)
    unchanged(person)
    return person


async def _find(unit: Unit, customer: str, id_: str) -> Contact:
    person = await unit.store.contacts.find(customer, id_)
    if person is None:
        raise NotFound("contact", id_)
    return person
