"""A conversation outside a play is written down; its next step is done."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from services.journey.domain.contacts.talk import Talk
from services.journey.handlers.contacts.next_step import finish_next_step, open_next_step
from services.journey.handlers.customers.create_customers import SERVICE
from services.journey.handlers.plays.as_played import as_played
from services.journey.handlers.ports import Unit
from shared import ids
from shared.errors import NotFound

KIND = "customer"


async def listed(unit: Unit, customer: str) -> Sequence[Any]:
    """Those with a customer, the newest first; audited. Raises NotFound."""
    if await unit.store.reader.find(customer) is None:
        raise NotFound("customer", customer)
    talks = await unit.store.talks.of(customer)
    if talks:
        unit.audit("talk.list", KIND, customer)
    return talks


async def add(unit: Unit, customer: str, talk: Talk) -> Any:
    """Write one down. Raises NotFound: no such customer, or no such contact of theirs."""
    if not await unit.store.customers.hold_existing([customer]):
        raise NotFound("customer", customer)
    if talk.contact and not await unit.store.contacts.find(customer, talk.contact):
        raise NotFound("contact", talk.contact)
    id_ = _id(unit)
    row = {"id": id_, "customer": customer, "who": unit.who.subject, "noted_at": unit.now}
    await unit.store.talks.add({**asdict(talk), **row})
    after = {"talk": id_, "kind": talk.kind, "outcome": talk.outcome, "due_at": talk.due_at}
    unit.audit("talk.add", KIND, customer, after=after)
    written_down = await unit.store.talks.one(id_)
    await open_next_step(await as_played(unit), written_down)
    return written_down


async def written(unit: Unit) -> Any:
    """The conversation that this request has written down before."""
    return await unit.store.talks.one(_id(unit))


async def finish(unit: Unit, id_: str) -> Any:
    """Its next step is done; of others' or none: NotFound. Done again nothing changes."""
    talk = await unit.store.talks.one(id_)
    if talk is None or talk.who != unit.who.subject or talk.due_at is None:
        raise NotFound("talk", id_)
    await unit.store.customers.hold_existing([talk.customer])
    if talk.done_at is None:
        await unit.store.talks.done(id_, unit.now)
        unit.audit("talk.done", KIND, talk.customer, after={"talk": id_})
        await finish_next_step(await as_played(unit), talk)
    return await unit.store.talks.one(id_)


def _id(unit: Unit) -> str:
    return ids.derived(SERVICE, unit.cause, "talk")
