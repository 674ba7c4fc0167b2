"""Telemetry of any topic into the inputs of its customers' days."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from services.analytics.domain.inputs import Sums, days_of
from services.analytics.handlers.ports import Store
from shared.events import Telemetry
from shared.stream.record import Received

Count = Callable[[Sums, Received[Telemetry], str], None]


async def add_to_days(
    batch: Sequence[Received[Telemetry]], store: Store, count: Count, *, begins: bool
) -> None:
    """Sum a batch and add it to the days; records without an owner have no effect.

    Args:
        count: puts one record of a customer into the sums.
        begins: whether the topic shows that the customer's usage has begun (usage and heartbeats
            do, faults do not).
    """
    sums, first_days = await sums_for(
        {r.event.customer for r in batch if r.event.customer is not None}, store
    )
    for record in batch:
        customer = record.event.customer
        if customer is not None:
            count(sums, record, customer)
    if begins:
        await _begin(sums, store, first_days)
    await store.day_inputs.add(sums.rows)


async def sums_for(ids: set[str], store: Store) -> tuple[Sums, Mapping[str, date | None]]:
    """Empty sums that know where these customers' days begin, and the days they are known from."""
    known = await store.customers.known(ids) if ids else {}
    clocks = await store.region_clocks.read() if ids else {}
    sums = Sums(
        places={id_: one.place for id_, one in known.items()},
        zones={region: clock.zones for region, clock in clocks.items() if clock.zones},
        erased=frozenset(id_ for id_, one in known.items() if one.erased),
    )
    return sums, {id_: one.first_day for id_, one in known.items()}


async def _begin(sums: Sums, store: Store, known: Mapping[str, date | None]) -> None:
    """Remember customers' first days, and start the clock of a region that stands still."""
    earlier: dict[str, date] = {}
    for id_, day in days_of(sums.rows).items():
        before = known.get(id_)
        if before is None or day < before:
            earlier[id_] = day
    if not earlier:
        return
    await store.customers.began(earlier)
    first: dict[str, date] = {}
    for id_, day in earlier.items():
        region = sums.place(id_).region
        first[region] = min(day, first.get(region, day))
    held = await store.region_clocks.hold(first)
    await store.region_clocks.write(
        {region: clock.starting(first[region]) for region, clock in held.items()}
    )
