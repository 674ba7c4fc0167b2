"""The registry: how many devices a customer owns, and which one is the newest."""

from collections.abc import Callable, Sequence
from datetime import datetime

from services.analytics.domain.customers.customer import Customer, gained, lost, ownership
from services.analytics.domain.days.local_day import counts_from
from services.analytics.handlers.ports import Unit
from shared.events import RegistryChanged
from shared.stream.record import Received

Change = Callable[[Customer, RegistryChanged, datetime], Customer]
Step = tuple[str, Change, Received[RegistryChanged]]


async def on_registry_changed(unit: Unit, batch: Sequence[Received[RegistryChanged]]) -> None:
    """Fold who lost and who gained a source: sums and sorted news, so that order does not matter."""
    steps: list[Step] = []
    for record in batch:
        loser, gainer = ownership(record.event)
        if loser is not None:
            steps.append((loser, lost, record))
        if gainer is not None:
            steps.append((gainer, gained, record))
    if not steps:
        return
    held = await unit.store.customers.hold({customer for customer, _, _ in steps})
    for customer, change, record in steps:
        held[customer] = change(held[customer], record.event, record.arrival)
    await unit.store.customers.write(held)
    await unit.store.reach.lose(
        [
            (customer, record.event.source, counts_from(max(record.event.at, record.arrival)))
            for customer, change, record in steps
            if change is lost and record.event.kind == "device"
        ]
    )
