"""Nothing is sent to an address any more, or something is again; both are facts of its customer."""

from typing import Any

from services.journey.domain.customers.customer import Customer
from services.journey.domain.facts.mail_refused import NAME
from services.journey.domain.messages.suppression import LIFTED, Why
from services.journey.handlers.customers.reasons import names_nobody
from services.journey.handlers.plays.as_played import as_played
from services.journey.handlers.plays.note_fact import note_fact
from services.journey.handlers.ports import Unit
from shared.errors import NotFound

KIND = "suppression"


async def refused(unit: Unit, message: str, address: str, why: Why) -> None:
    """A mail of ours came back from this address; who has been erased meanwhile stays unnamed."""
    row = (await unit.store.messages.several([message])).get(message)
    customer = None if row is None else row.customer
    # a contact's address is none of the customer's: what plays know of theirs stays
    told = row is not None and row.contact is None
    await _suppress(unit, customer, address, why, None, told=told)


async def suppress(unit: Unit, customer: str, why: Why) -> Any:
    """Nothing is sent to a customer's address any more; saying it again changes nothing.

    Raises: NotFound: no such customer, or they have no address.
    """
    profile = await unit.store.reader.profile(customer)
    if profile is None or profile.email is None:
        raise NotFound("mail address", f"of {customer}")
    await _suppress(unit, customer, profile.email, why, unit.who.subject)
    return await unit.store.suppressions.of(profile.email)


async def sent_as(unit: Unit, message: str) -> Any:
    """A message of ours by its Message-ID. Raises NotFound."""
    id_ = message.strip("<> ").partition("@")[0]
    row = (await unit.store.messages.several([id_])).get(id_)
    if row is None:
        raise NotFound("message", message)
    return row


async def lift(unit: Unit, id_: str, reason: str) -> None:
    """Something may be sent there again. Raises NotFound, ReasonNamesPerson."""
    row = await unit.store.suppressions.one(id_)
    if row is None:
        raise NotFound(KIND, id_)
    if row.customer is not None:
        await names_nobody(unit, row.customer, reason)
    held = await _held(unit, row.customer)
    if not await unit.store.suppressions.drop(id_):
        raise NotFound(KIND, id_)
    unit.audit("suppression.lift", KIND, id_, before={"why": row.why}, why=reason)
    if held is not None:
        await note_fact(await as_played(unit), held, NAME, f"lifted:{id_}", LIFTED)


async def _suppress(
    unit: Unit, customer: str | None, address: str, why: Why, who: str | None, *, told: bool = True
) -> None:
    held = await _held(unit, customer)
    whose = None if held is None else held.id
    said = {"at": unit.now, "why": why, "customer": whose, "who": who}
    id_ = await unit.store.suppressions.add(address, said)
    if id_ is None:
        return
    unit.audit("suppression.add", KIND, id_, after={"why": why, "customer": whose})
    if held is not None and told:
        await note_fact(await as_played(unit), held, NAME, f"suppressed:{id_}", why)


async def _held(unit: Unit, customer: str | None) -> Customer | None:
    """The customer, held; None: nobody is named, or they are erased."""
    if customer is None:
        return None
    return (await unit.store.customers.hold_existing([customer])).get(customer)
