"""Reasons that are kept for good: they must not say who is meant."""

from services.journey.domain.customers.customer import Profile
from services.journey.domain.erasures.erasure import names_person
from services.journey.errors import ReasonNamesPerson
from services.journey.handlers.ports import Unit


async def names_nobody(unit: Unit, customer: str, reason: str) -> None:
    """Go on if a reason may be kept. Raises ReasonNamesPerson: it says who is meant."""
    row = await unit.store.reader.profile(customer)
    known = None if row is None else Profile(row.name, row.email, row.phone, row.address)
    if names_person(reason, known):
        raise ReasonNamesPerson
