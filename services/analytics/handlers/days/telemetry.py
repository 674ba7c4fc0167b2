"""Telemetry of any topic into recent inputs; which day it belongs to is chosen at the closing."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from services.analytics.domain.customers.customer import begun
from services.analytics.domain.days.day_calendar import DayCalendar
from services.analytics.domain.days.inputs import Inputs
from services.analytics.domain.days.local_day import DAY, closed_by
from services.analytics.handlers.ports import Known, Store
from shared.events import Telemetry
from shared.stream.record import Received

Count = Callable[[Inputs, Received[Telemetry], str], None]


async def keep_inputs(
    batch: Sequence[Received[Telemetry]], store: Store, count: Count, *, begins: bool
) -> None:
    """Keep what a batch says of customers; records without an owner have no effect.

    Args:
        count: puts one record of a customer into the inputs.
        begins: whether the topic shows that the customer's usage has begun (usage and heartbeats
            do, faults do not).
    """
    inputs = Inputs()
    for record in batch:
        customer = record.event.customer
        if customer is not None:
            count(inputs, record, customer)
    await write_inputs(inputs, store, begins=begins)


async def write_inputs(inputs: Inputs, store: Store, *, begins: bool) -> None:
    """Append the rows of a batch."""
    if not inputs.of:
        return
    known = await store.customers.known(inputs.of)
    for id_, customer in known.items():
        if customer.erased_from is not None:
            # what came before may count for a closing that is still to come
            inputs.forget(id_, closed_by(customer.erased_from - DAY))
    if begins:
        await _begin(inputs.began(), known, store)
    await store.recent_inputs.add(inputs.rows())


async def _begin(began: Mapping[str, datetime], known: Mapping[str, Known], store: Store) -> None:
    """Remember when customers began, and start the clocks of regions that stand still."""
    earlier = {
        id_: at
        for id_, at in began.items()
        if (customer_known := known.get(id_)) is None
        or customer_known.began is None
        or at < customer_known.began
    }
    if not earlier:
        return
    held = await store.customers.hold(earlier)
    changed = {id_: begun(customer, earlier[id_]) for id_, customer in held.items()}
    await store.customers.write(changed)
    starts: dict[str, date] = {}
    for customer_begun in changed.values():
        for region, day in customer_begun.starts.items():
            starts[region] = min(day, starts.get(region, day))
    await turn_clocks(starts, lambda region, clock: clock.starting(starts[region]), store)


async def turn_clocks(
    regions: Mapping[str, object],
    turn: Callable[[str, DayCalendar], DayCalendar],
    store: Store,
) -> None:
    """Change regions' clocks; those that stay as they are, nearly always all, are not locked."""
    known = await store.day_calendars.read() if regions else {}
    needed = [
        region
        for region in regions
        if region not in known or turn(region, known[region]) != known[region]
    ]
    if needed:
        held = await store.day_calendars.hold(needed)
        await store.day_calendars.write({name: turn(name, clock) for name, clock in held.items()})
