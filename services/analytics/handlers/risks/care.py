"""People contact customers at risk, or leave them alone for a while."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from services.analytics.domain.risks.care import Contact, Outcome, Snooze, gravity, holds, may_last
from services.analytics.errors import SnoozeTooLong
from services.analytics.handlers.ports import Store, Unit
from shared import ids
from shared.errors import NotFound


async def contacted(unit: Unit, customer: str, outcome: Outcome, note: str) -> Contact:
    """Keep that the caller has contacted a customer. Raises: NotFound: nothing is known of them."""
    await _tier(unit.store, customer)
    id_ = _contact_id(unit)
    contact = Contact(id_, customer, unit.now, unit.who.subject, outcome, note)
    await unit.store.contacts.add(contact)
    after = {"contact": id_, "outcome": outcome}  # the note stands in the contact only
    unit.audit("risk.contact", "customer", customer, after=after)
    return contact


async def contacts_of(store: Store, customer: str, limit: int) -> Sequence[Mapping[str, Any]]:
    """The newest contacts, the newest first. Raises: NotFound: nothing is known of the customer."""
    rows = await store.contacts.of(customer, limit)
    if not rows:
        await _tier(store, customer)
    return rows


async def contact_of(unit: Unit, customer: str) -> Contact:
    """The contact that this very request has made before. Raises: NotFound: it was erased."""
    contact = await unit.store.contacts.one(_contact_id(unit))
    if contact is None:
        raise NotFound("customer", customer)
    return contact


async def snoozed(unit: Unit, customer: str, until: date, reason: str) -> Snooze:
    """Leave a customer out of the list until a day, or until they get worse by a tier.

    Raises: NotFound; SnoozeTooLong: the day is not in the future, or too far in it.
    """
    tier, today = await _tier(unit.store, customer), unit.now.date()
    if not may_last(until, today):
        raise SnoozeTooLong(until, today)
    snooze = Snooze(customer, until, gravity(tier), unit.now, unit.who.subject, reason)
    await unit.store.snoozes.put(snooze)
    unit.audit("risk.snooze", "customer", customer, after={"until": until, "tier": tier})
    return snooze


async def woken(unit: Unit, customer: str) -> None:
    """Put a customer into the list again. Raises: NotFound: they were not left out of it."""
    if not await unit.store.snoozes.end(customer):
        raise NotFound("snooze", customer)
    unit.audit("risk.wake", "customer", customer)


async def snooze_of(store: Store, customer: str, now: datetime) -> tuple[Snooze, bool]:
    """A customer's snooze, and whether it still holds. Raises: NotFound: there is none."""
    snooze = await store.snoozes.of(customer)
    if snooze is None:
        raise NotFound("snooze", customer)
    return snooze, holds(snooze, await _tier(store, customer), now.date())


async def snooze_now(unit: Unit, customer: str) -> tuple[Snooze, bool]:
    """The same, for a request that comes again."""
    return await snooze_of(unit.store, customer, unit.now)


def _contact_id(unit: Unit) -> str:
    return ids.derived("analytics", unit.cause, "contact")


async def _tier(store: Store, customer: str) -> str:
    row = await store.risks.of(customer)
    if row is None:
        raise NotFound("customer", customer)
    tier: str = row["tier"]
    return tier
