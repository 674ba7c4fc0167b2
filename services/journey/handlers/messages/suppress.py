"""Nothing is sent to an address any more, or something is again; both are facts of its customer."""

from typing import Any

from services.journey.domain.customers.state import Dated, keep
from services.journey.domain.days import seconds
from services.journey.domain.facts.mail_refused import NAME
from services.journey.domain.messages.suppression import LIFTED, Why
from services.journey.domain.plays.run import Known
from services.journey.handlers.customers.reasons import names_nobody
from services.journey.handlers.plays.as_played import as_played
from services.journey.handlers.plays.move import move
from services.journey.handlers.plays.save import save
from services.journey.handlers.ports import Unit
from shared.errors import NotFound

KIND = "suppression"


async def refused(unit: Unit, message: str, address: str, why: Why) -> None:
    """A mail of ours came back from this address; who has been erased meanwhile stays unnamed."""
    row = (await unit.store.messages.several([message])).get(message)
    await _suppress(unit, None if row is None else row.customer, address, why, None)


async def suppress(unit: Unit, customer: str, why: Why) -> Any:
    """Nothing is sent to a customer's address any more; saying it again changes nothing.

    Raises: NotFound: no such customer, or they have no address.
    """
    profile = await unit.store.reader.profile(customer)
    if profile is None or profile.email is None:
        raise NotFound("mail address", f"of {customer}")
    await _suppress(unit, customer, profile.email, why, unit.who.subject)
    return await unit.store.suppressions.of(profile.email)


async def of_message(unit: Unit, message: str) -> str:
    """Whom a message of ours went to, by its Message-ID. Raises NotFound."""
    id_ = message.strip("<> ").partition("@")[0]
    row = (await unit.store.messages.several([id_])).get(id_)
    if row is None:
        raise NotFound("message", message)
    customer: str = row.customer
    return customer


async def lift(unit: Unit, id_: str, reason: str) -> None:
    """Something may be sent there again. Raises NotFound, ReasonNamesPerson."""
    row = await unit.store.suppressions.one(id_)
    if row is None:
        raise NotFound(KIND, id_)
    if row.customer is not None:
        await names_nobody(unit, row.customer, reason)
        await unit.store.customers.hold_existing([row.customer])
    if not await unit.store.suppressions.drop(id_):
        raise NotFound(KIND, id_)
    unit.audit("suppression.lift", KIND, id_, before={"why": row.why}, why=reason)
    if row.customer is not None:
        await _noted(unit, row.customer, f"lifted:{id_}", LIFTED)


async def _suppress(
    unit: Unit, customer: str | None, address: str, why: Why, who: str | None
) -> None:
    held = await unit.store.customers.hold_existing([] if customer is None else [customer])
    whose = customer if customer in held else None
    said = {"at": unit.now, "why": why, "customer": whose, "who": who}
    if not await unit.store.suppressions.add(address, said):
        return
    row = await unit.store.suppressions.of(address)
    id_ = "" if row is None else row.hash
    unit.audit("suppression.add", KIND, id_, after={"why": why, "customer": whose})
    if whose is not None:
        await _noted(unit, whose, f"suppressed:{id_}", why)


async def _noted(unit: Unit, customer: str, cause: str, value: str) -> None:
    """The fact, and what runs make of it."""
    unit = await as_played(unit)
    held = await unit.store.customers.hold_existing([customer])
    if customer not in held:
        return
    row = held[customer]
    state = (await unit.store.customers.states([row]))[customer]
    marks = state.said.setdefault(NAME, [])
    # of two within a second the later one is the newer
    at = max(seconds(unit.now), marks[-1].at + 1) if marks else seconds(unit.now)
    keep(marks, Dated(at, cause, value))
    await unit.store.customers.save_states([(row, state)])
    known = {customer: Known(state, row.stage, row.zone)}
    await save(unit, await move(unit, await unit.store.runs.active([customer]), known))
