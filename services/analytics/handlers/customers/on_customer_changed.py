"""Journey told the state of customers: zone, region, plan."""

from collections.abc import Sequence
from datetime import date

from services.analytics.domain.customers.customer import Customer, Description, described
from services.analytics.domain.days.day_calendar import DayCalendar
from services.analytics.handlers.days.telemetry import turn_clocks
from services.analytics.handlers.ports import Store, Unit
from shared.events import CustomerChanged
from shared.stream.record import Received

Days = dict[str, date]


async def on_customer_changed(unit: Unit, batch: Sequence[Received[CustomerChanged]]) -> None:
    """Keep the history of each customer, and teach the clocks of the regions they are in."""
    store = unit.store
    held = await store.customers.hold({record.event.customer for record in batch})
    known = dict(held)
    told: list[tuple[str, Description]] = []
    for record in batch:
        id_ = record.event.customer
        known[id_], news = described(known[id_], record.event)
        if news is not None:
            told.append((id_, news))
    await store.customers.write(
        {id_: customer for id_, customer in known.items() if customer != held[id_]}
    )
    await _teach([(known[id_], news) for id_, news in told], store)


async def _teach(told: Sequence[tuple[Customer, Description]], store: Store) -> None:
    """Zones of the regions, also those told and taken back within a batch; and first days.

    Usage may be read before the customer is described: the region's clock starts here then.
    """
    zones: dict[str, Days] = {}
    starts: Days = {}
    for customer, news in told:
        seen = zones.setdefault(news.region, {})
        seen[news.zone] = min(news.since, seen.get(news.zone, news.since))
        day = customer.starts.get(news.region)
        if customer.began is not None and day is not None:
            starts[news.region] = min(day, starts.get(news.region, day))

    def turn(region: str, clock: DayCalendar) -> DayCalendar:
        for zone, since in sorted(zones[region].items()):
            clock = clock.with_zone(zone, since)
        return clock.starting(starts[region]) if region in starts else clock

    await turn_clocks(zones, turn, store)
