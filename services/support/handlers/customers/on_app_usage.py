"""A customer used the app: how often it showed errors or was asked for help."""

from collections.abc import Sequence

from services.support.domain.customers.customer import app_used
from services.support.handlers.ports import Unit
from shared.events import Telemetry
from shared.stream.record import Received


async def on_app_usage(unit: Unit, batch: Sequence[Received[Telemetry]]) -> None:
    """Fold into each customer what an agent wants to know; unclaimed events have no effect."""
    events = [
        (record.event.customer, record.event)
        for record in batch
        if record.event.customer is not None
    ]
    held = await unit.store.customers.hold({customer for customer, _ in events})
    for customer, event in events:
        held[customer] = app_used(held[customer], event)
    await unit.store.customers.write(held.values())
