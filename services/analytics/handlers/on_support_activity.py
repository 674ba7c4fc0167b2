"""Tickets opened, counted per customer and day for the reasons of a drop."""

from collections.abc import Sequence

from services.analytics.handlers.ports import Store
from services.analytics.handlers.telemetry import sums_for
from shared.events import TicketChanged
from shared.stream.record import Received


async def on_support_activity(batch: Sequence[Received[TicketChanged]], store: Store) -> None:
    """Add tickets that were opened or reopened to their customers' days."""
    opened = [r for r in batch if r.event.change in ("opened", "reopened")]
    sums, _ = await sums_for({r.event.customer for r in opened if r.event.customer}, store)
    for record in opened:
        if record.event.customer is not None:
            # this topic does not gate the clock, so its arrivals say nothing: never late
            row, _ = sums.row(record.event.customer, record.event.at, record.event.at)
            row.tickets += 1
    await store.day_inputs.add(sums.rows)
