"""Journey told the state of customers: zone, region, plan."""

from collections.abc import Iterable, Sequence

from services.analytics.domain.clock import RegionClock
from services.analytics.domain.customer import Customer, described
from services.analytics.handlers.ports import Store
from shared.events import CustomerChanged
from shared.stream.record import Received


async def on_customer_changed(batch: Sequence[Received[CustomerChanged]], store: Store) -> None:
    """Keep the newest state of each customer, and the clocks of the regions they are in."""
    held = await store.customers.hold({record.event.customer for record in batch})
    known = dict(held)
    for record in batch:
        customer = record.event.customer
        known[customer] = described(known[customer], record.event)
    changed = {id_: one for id_, one in known.items() if one != held[id_]}
    await store.customers.write(changed)
    await _keep_clocks([one for one in changed.values() if not one.erased], store)


async def _keep_clocks(changed: Sequence[Customer], store: Store) -> None:
    """Teach the regions' clocks new zones, and start those whose customers have usage already.

    Usage may be read before the customer is described: its region then is another.
    """
    clocks = await store.region_clocks.read() if changed else {}
    regions = {
        one.region
        for one in changed
        if one.region not in clocks or _kept(clocks[one.region], [one]) != clocks[one.region]
    }
    if not regions:
        return
    held = await store.region_clocks.hold(regions)
    await store.region_clocks.write(
        {
            region: _kept(clock, (one for one in changed if one.region == region))
            for region, clock in held.items()
        }
    )


def _kept(clock: RegionClock, customers: Iterable[Customer]) -> RegionClock:
    for one in sorted(customers, key=lambda one: one.zone):
        clock = clock.with_zone(one.zone)
        if one.first_day is not None:
            clock = clock.starting(one.first_day)
    return clock
