"""What becomes of offers: accepted, declined, or their time is over; each is a fact of the customer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.journey.domain.customers import fold
from services.journey.domain.customers.customer import Customer
from services.journey.domain.customers.state import Dated, State
from services.journey.domain.days import seconds
from services.journey.domain.facts import offer as fact
from services.journey.domain.products.making import SAYS, Answer, Wanted
from services.journey.errors import OfferNotMade, OfferNotOpen
from services.journey.handlers.customers import audited
from services.journey.handlers.ports import Unit
from services.journey.handlers.products.make_offer import mark_of, offer, sale
from services.journey.handlers.stages.advance import Work, update_stages
from services.journey.handlers.stages.on_stages import on_stages
from shared import ids
from shared.errors import NotFound
from shared.stream.timers import AT_MOST

KIND = "offer"
SERVICE = "journey"


async def make(unit: Unit, customer: str, wanted: Wanted) -> str:
    """Somebody offers it; returns its id. Raises: NotFound; OfferNotMade."""
    work = await _begin(unit, customer)
    id_ = ids.derived(SERVICE, unit.cause, KIND)
    async with sale(unit, [customer]) as known:
        why = offer(unit, known, id_, customer, work.state, wanted)
    if why is not None:
        raise OfferNotMade(why.value, SAYS[why])
    _note(work, mark_of(id_, "open", seconds(unit.now)))
    await on_stages(unit, await update_stages(unit, [work]))
    after = {"offer": id_, "kind": wanted.kind, "product": wanted.product, "until": wanted.until}
    unit.audit("offer.make", audited.KIND, customer, after=after)
    return id_


async def answer(unit: Unit, id_: str, said: Answer) -> None:
    """The customer has told somebody; saying it again changes nothing.

    Raises: NotFound; OfferNotOpen: something else has become of it.
    """
    row = await read(unit, id_)
    work = await _begin(unit, row.customer)
    row = await read(unit, id_)  # as it is now that nobody else changes it
    if row.state == said:
        return
    if row.state != "open" or row.valid_until <= unit.now:
        raise OfferNotOpen(row.state if row.state != "open" else "expired")
    await _settle(unit, [row], said, unit.now, unit.who.subject)
    _note(work, mark_of(id_, said, seconds(unit.now)))
    await on_stages(unit, await update_stages(unit, [work]))
    unit.audit("offer.answer", KIND, id_, before={"state": "open"}, after={"state": said})


async def read(unit: Unit, id_: str) -> Any:
    """One of them. Raises: NotFound."""
    row = await unit.store.offers.one(id_)
    if row is None:
        raise NotFound(KIND, id_)
    return row


async def listed(
    unit: Unit, customer: str, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Any]:
    """Offers made to a customer, of a page and one more, the newest first. Raises: NotFound."""
    if await unit.store.reader.find(customer) is None:
        raise NotFound("customer", customer)
    return await unit.store.offers.of_customer(customer, after, limit + 1)


async def accept_bought(unit: Unit, work: Work, product: str, at: datetime) -> None:
    """They bought what was offered, or subscribed to it: that accepts it, if it was open then."""
    taken = [
        row
        for row in await unit.store.offers.open_of([work.customer.id])
        if row.product == product and row.made_at <= at < row.valid_until and at <= unit.now
    ]
    if taken:
        await _settle(unit, taken, "accepted", at, None)
        for row in taken:
            _note(work, mark_of(row.id, "accepted", seconds(at)))


async def fire_offers(unit: Unit, limit: int = AT_MOST) -> int:
    """What nobody has answered in time is over."""
    due = await unit.store.offers.due(unit.now, limit)
    if not due:
        return 0
    held = await unit.store.customers.hold_existing({row.customer for row in due})
    states = await unit.store.customers.states(list(held.values()))
    works = {id_: _work(unit, customer, states[id_]) for id_, customer in held.items()}
    await unit.store.offers.expire([row.id for row in due])
    for row in due:
        _note(works[row.customer], mark_of(row.id, "expired", seconds(row.valid_until)))
    await on_stages(unit, await update_stages(unit, list(works.values())))
    return len(due)


async def _begin(unit: Unit, id_: str) -> Work:
    held = await unit.store.customers.hold_existing([id_])
    if id_ not in held:
        raise NotFound("customer", id_)
    states = await unit.store.customers.states([held[id_]])
    return _work(unit, held[id_], states[id_])


def _work(unit: Unit, customer: Customer, state: State) -> Work:
    return Work(customer, state, unit.cause or f"timer:offer/{customer.id}", seconds(unit.now))


def _note(work: Work, mark: Dated) -> None:
    work.fold(lambda state: fold.say(state, fact.NAME, mark), mark.cause)


async def _settle(
    unit: Unit, rows: Sequence[Any], state: str, at: datetime, who: str | None
) -> None:
    written = {"state": state, "settled_at": at, "settled_by": who}
    await unit.store.offers.settle([row.id for row in rows], written)
