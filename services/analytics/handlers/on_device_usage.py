"""Uses and heartbeats of devices."""

from collections.abc import Sequence

from services.analytics.domain.inputs import Sums
from services.analytics.handlers.ports import Store
from services.analytics.handlers.telemetry import add_to_days
from shared.events import Heartbeat, Telemetry, Usage
from shared.stream.record import Received


async def on_device_usage(batch: Sequence[Received[Telemetry]], store: Store) -> None:
    """Add a batch to its customers' days."""
    await add_to_days(batch, store, _count, begins=True)


def _count(sums: Sums, record: Received[Telemetry], customer: str) -> None:
    event = record.event
    # most records are heartbeats, and `type` is ten times faster than isinstance on a Struct
    if type(event) is Heartbeat:
        sums.heard(event, customer, record.arrival)
    elif type(event) is Usage and event.by == "person":
        sums.used(customer, event.at, record.arrival, event.count)
