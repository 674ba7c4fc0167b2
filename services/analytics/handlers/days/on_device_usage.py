"""Uses and heartbeats of devices."""

from collections.abc import Sequence

from services.analytics.domain.days.inputs import USES, Inputs
from services.analytics.domain.days.reach import signs
from services.analytics.handlers.days.telemetry import keep_inputs
from services.analytics.handlers.ports import Unit
from shared.events import Heartbeat, Telemetry, Usage
from shared.stream.record import Received


async def on_device_usage(unit: Unit, batch: Sequence[Received[Telemetry]]) -> None:
    """Keep a batch as recent inputs of its customers, and when each device was heard."""
    await keep_inputs(batch, unit.store, _count, begins=True)
    await unit.store.reach.hear(signs(batch))


def _count(inputs: Inputs, record: Received[Telemetry], customer: str) -> None:
    event = record.event
    # most records are heartbeats, and `type` is ten times faster than isinstance on a Struct
    if type(event) is Heartbeat:
        inputs.heard(event, customer, record.id, record.arrival)
    elif type(event) is Usage and event.by == "person":
        inputs.add(customer, record.id, event.at, record.arrival, USES, event.count)
