"""Erasures: journey forgets a customer, tells the others until each has answered, and reminds them."""

from collections.abc import Sequence
from functools import partial

from services.journey.domain.erasures.erasure import tell_next
from services.journey.handlers.customers.reasons import names_nobody
from services.journey.handlers.erasures.ports import Answer, Erasure, Waiting
from services.journey.handlers.ports import Unit
from shared import ids
from shared.errors import NotFound
from shared.events import Erased, ErasureDone
from shared.stream.record import Received

JOURNEY = "journey"
SERVICES = ("analytics", "ingest", JOURNEY, "support")  # where there is something to forget
RESTORED = "restored"  # who asked, when all that is left is the list
AT_MOST = 500


async def ask_erasure(unit: Unit, customer: str, reason: str) -> Erasure:
    """Somebody wants a customer forgotten: here at once, elsewhere when each hears of it.

    Once: who asks again is shown how far it is.

    Raises: NotFound; ReasonNamesPerson.
    """
    erasures = unit.store.erasures
    if await erasures.read(customer) is None:
        if await unit.store.reader.find(customer) is None:
            raise NotFound("customer", customer)
        await names_nobody(unit, customer, reason)
        await erasures.ask([customer], SERVICES, unit.now, unit.who.subject, reason)
        await erasures.forget({customer: unit.now}, partial(erase_customers, unit))
        await tell(unit, [Waiting(customer, unit.now, 0, complete=False)])
        unit.audit("customer.erase", "customer", customer, why=reason)
    asked = await erasures.read(customer)
    assert asked is not None  # noqa: S101 - it was asked for in this transaction or before
    return asked


async def erase_customers(unit: Unit, customers: Sequence[str]) -> Sequence[str]:
    """Forget them here. One nobody remembers to have asked for (a restore) is told to all again.

    Returns: devices that are or were theirs.
    """
    erasures, now = unit.store.erasures, unit.now
    sources = await erasures.sources(customers)
    await erasures.take_away(customers)
    await erasures.ask(customers, SERVICES, now, RESTORED, RESTORED)
    ours = [Answer(customer, JOURNEY, now) for customer in customers]
    await erasures.done(ours, now, tell_next(now, complete=True))
    return sources


async def tell_due(unit: Unit, limit: int = AT_MOST) -> int:
    """Tell what is due; returns how many."""
    waiting = await unit.store.erasures.due(unit.now, limit)
    await tell(unit, waiting)
    return len(waiting)


async def tell_again(unit: Unit, service: str, after: str) -> list[Waiting]:
    """Tell a page of all erasures to everybody, and wait for the answers of `service` once more.

    Args:
        after: customer of the last one of the page before; empty: this is the first.
    """
    if not after:
        unit.audit("erasures.tell", "service", service)
    page = await unit.store.erasures.page(after, AT_MOST)
    await unit.store.erasures.reopen([asked_one.customer for asked_one in page], service)
    await tell(unit, page, complete=False)
    return page


async def tell(unit: Unit, waiting: Sequence[Waiting], *, complete: bool | None = None) -> None:
    """Tell these.

    Args:
        complete: whether they are; None: as they say.
    """
    if not waiting:
        return
    for asked_one in waiting:
        event = Erased(at=asked_one.asked_at, customer=asked_one.customer)
        # why random: the same telling is never made twice, and after a restore `told` counts anew
        cause = f"erasure:{asked_one.customer}#{ids.random_id()}"
        unit.emit(event, key=f"c:{asked_one.customer}", cause=cause, kind="erased")
    await unit.store.erasures.told(
        {
            asked_one.customer: tell_next(
                unit.now, complete=asked_one.complete if complete is None else complete
            )
            for asked_one in waiting
        }
    )


async def on_done(unit: Unit, batch: Sequence[Received[ErasureDone]]) -> None:
    """Services have answered."""
    answers = [
        Answer(received.event.customer, received.event.service, received.event.at)
        for received in batch
    ]
    await unit.store.erasures.done(answers, unit.now, tell_next(unit.now, complete=True))
