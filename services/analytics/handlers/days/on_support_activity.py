"""Tickets opened, counted per customer for the reasons of a drop."""

from collections.abc import Sequence

from services.analytics.domain.days.inputs import TICKETS, Inputs
from services.analytics.handlers.days.telemetry import write_inputs
from services.analytics.handlers.ports import Unit
from shared.events import TicketChanged
from shared.stream.record import Received


async def on_support_activity(unit: Unit, batch: Sequence[Received[TicketChanged]]) -> None:
    """Keep tickets that were opened or reopened as recent inputs of their customers."""
    inputs = Inputs()
    for record in batch:
        event = record.event
        if event.change in ("opened", "reopened") and event.customer is not None:
            # this topic does not gate the clock, so its arrivals say nothing: never late
            inputs.add(event.customer, record.id, event.at, event.at, TICKETS, 1)
    await write_inputs(inputs, unit.store, begins=False)
