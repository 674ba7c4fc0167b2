"""Journey told the state of customers: zone, region, plan."""

from collections.abc import Sequence

from services.analytics.domain.customer import described
from services.analytics.handlers.ports import Store
from shared.events import CustomerChanged
from shared.stream.record import Received


async def on_customer_changed(batch: Sequence[Received[CustomerChanged]], store: Store) -> None:
    """Keep the newest state of each customer, and each region's zones."""
    held = await store.customers.hold({record.event.customer for record in batch})
    changed = dict(held)
    for record in batch:
        customer = record.event.customer
        changed[customer] = described(changed[customer], record.event)
    await store.customers.write({id_: one for id_, one in changed.items() if one != held[id_]})
    places = {(one.region, one.zone) for one in changed.values() if not one.erased}
    known = await store.region_clocks.read()
    new = {
        (region, zone)
        for region, zone in places
        if region not in known or zone not in known[region].zones
    }
    if new:
        clocks = await store.region_clocks.hold({region for region, _ in new})
        for region, zone in sorted(new):
            clocks[region] = clocks[region].with_zone(zone)
        await store.region_clocks.write(clocks)
