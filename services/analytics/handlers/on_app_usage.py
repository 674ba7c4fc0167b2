"""What customers do in the app: features used are uses, errors are kept for the reasons."""

from collections.abc import Sequence

from services.analytics.domain.inputs import Sums
from services.analytics.handlers.ports import Store
from services.analytics.handlers.telemetry import add_to_days
from shared.events import AppError, FeatureUsed, Telemetry
from shared.stream.record import Received


async def on_app_usage(batch: Sequence[Received[Telemetry]], store: Store) -> None:
    """Add a batch to its customers' days."""
    await add_to_days(batch, store, _count, begins=True)


def _count(sums: Sums, record: Received[Telemetry], customer: str) -> None:
    event = record.event
    if type(event) is FeatureUsed:
        sums.used(customer, event.at, record.arrival, event.count)
    elif type(event) is AppError:
        row, _ = sums.row(customer, event.at, record.arrival)
        row.errors += 1
