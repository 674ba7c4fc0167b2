"""What customers do in the app: features used are uses, errors are kept for the reasons."""

from collections.abc import Sequence

from services.analytics.domain.days.inputs import ERRORS, USES, Inputs
from services.analytics.handlers.days.telemetry import keep_inputs
from services.analytics.handlers.ports import Unit
from shared.events import AppError, FeatureUsed, Telemetry
from shared.stream.record import Received


async def on_app_usage(unit: Unit, batch: Sequence[Received[Telemetry]]) -> None:
    """Keep a batch as recent inputs of its customers."""
    await keep_inputs(batch, unit.store, _count, begins=True)


def _count(inputs: Inputs, record: Received[Telemetry], customer: str) -> None:
    event = record.event
    if type(event) is FeatureUsed:
        inputs.add(customer, record.id, event.at, record.arrival, USES, event.count)
    elif type(event) is AppError:
        inputs.add(customer, record.id, event.at, record.arrival, ERRORS, 1)
