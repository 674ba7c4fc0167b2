"""Faults, counted per customer for the reasons of a drop."""

from collections.abc import Sequence

from services.analytics.domain.days.inputs import FAULTS, Inputs
from services.analytics.handlers.days.telemetry import keep_inputs
from services.analytics.handlers.ports import Unit
from shared.events import Fault, Telemetry
from shared.stream.record import Received


async def on_device_fault(unit: Unit, batch: Sequence[Received[Telemetry]]) -> None:
    """Keep a batch as recent inputs of its customers."""
    await keep_inputs(batch, unit.store, _count, begins=False)


def _count(inputs: Inputs, record: Received[Telemetry], customer: str) -> None:
    if isinstance(record.event, Fault):
        inputs.add(customer, record.id, record.event.at, record.arrival, FAULTS, 1)
