"""What journey does with each topic, in the order they are handled within a round; and timers."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from services.journey.domain.journey_map import JourneyMap
from services.journey.edges.desk import desk
from services.journey.handlers.erasures import erase_customers, on_done, tell_due
from services.journey.handlers.fire_timers import fire_stages, republish, take_back
from services.journey.handlers.on_events import on_events, on_uses
from services.journey.handlers.ports import Desk
from services.journey.store.erasures import Erasures
from shared.stream.apply import Handle
from shared.stream.record import Received
from shared.stream.timers import Fire
from shared.stream.transaction import Transaction

HANDLERS: dict[str, Callable[[Desk, Sequence[Received[Any]]], Awaitable[None]]] = {
    "registry.changed": on_events,
    "device.lifecycle": on_events,
    "device.usage": on_uses,
    "app.usage": on_uses,
    "support.activity": on_events,
    "analytics.finding": on_events,
}


def handlers(journey: JourneyMap) -> dict[str, Handle]:
    """HANDLERS, each at a desk with this map."""

    def bound(handle: Callable[[Desk, Sequence[Received[Any]]], Awaitable[None]]) -> Handle:
        async def handle_batch(tx: Transaction, batch: Sequence[Received[Any]]) -> None:
            await handle(desk(tx, journey), batch)

        return handle_batch

    return {topic: bound(handle) for topic, handle in HANDLERS.items()}


async def erase(tx: Transaction, customers: Sequence[str]) -> Sequence[str]:
    """Customers are erased."""
    return await erase_customers(customers, tx.now, Erasures(tx.connection))


async def erasure_done(tx: Transaction, batch: Sequence[Received[Any]]) -> None:
    """Other services have erased customers."""
    await on_done(batch, tx.now, Erasures(tx.connection))


def timers(journey: JourneyMap, *, daily: bool) -> list[Fire]:
    """What fires when it is due; `daily`: customers are republished every day."""
    ahead = _until_none(take_back, journey)

    async def stages(tx: Transaction) -> int:
        return await ahead(tx) + await fire_stages(desk(tx, journey))

    async def again(tx: Transaction) -> int:
        return await republish(desk(tx, journey))

    async def erasures(tx: Transaction) -> int:
        return await tell_due(tx.now, Erasures(tx.connection), tx.emit)

    return [stages, again, erasures] if daily else [stages, erasures]


def _until_none(work: Callable[[Desk], Awaitable[int]], journey: JourneyMap) -> Fire:
    """Call it until it finds nothing, then never again: no look at every row at every tick."""
    done = False

    async def once(tx: Transaction) -> int:
        nonlocal done
        if done:
            return 0
        found = await work(desk(tx, journey))
        done = found == 0
        return found

    return once
