"""Faults, counted per customer and day for the reasons of a drop."""

from collections.abc import Sequence

from services.analytics.domain.inputs import Sums
from services.analytics.handlers.ports import Store
from services.analytics.handlers.telemetry import add_to_days
from shared.events import Fault, Telemetry
from shared.stream.record import Received


async def on_device_fault(batch: Sequence[Received[Telemetry]], store: Store) -> None:
    """Add a batch to its customers' days."""
    await add_to_days(batch, store, _count, begins=False)


def _count(sums: Sums, record: Received[Telemetry], customer: str) -> None:
    if isinstance(record.event, Fault):
        row, _ = sums.row(customer, record.event.at, record.arrival)
        row.faults += 1
