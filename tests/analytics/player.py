"""A small log of customers' days, played into the real handlers in any order and batching."""

import itertools
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.analytics.edges import consumer
from services.analytics.handlers.customers.erase_customers import erase_customers
from services.analytics.handlers.days.close_days import close_days as close_due
from services.analytics.store.store import Store
from services.analytics.store.tables import metadata
from shared.events import CustomerChanged, Event, FeatureUsed, Heartbeat, RegistryChanged, Usage
from shared.stream.record import Received
from shared.stream.transaction import transaction
from tests.units import units

UNITS = units("analytics", Store)
HANDLERS = UNITS.handlers(consumer.HANDLERS)
close_days = UNITS.due(close_due)
erase = UNITS.each(erase_customers)

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STEP = 12 * HOUR


@dataclass(frozen=True)
class Arriving:
    """An event and the end of the step it comes in."""

    event: Event
    sent: datetime


def use(customer: str, at: datetime, *, count: int = 1, by: str = "person", sent=None) -> Arriving:
    event = Usage(at=at, source=f"d-{customer}", customer=customer, by=by, count=count)
    return Arriving(event, at if sent is None else sent)


def feature(customer: str, at: datetime, *, sent=None) -> Arriving:
    event = FeatureUsed(at=at, source=f"a-{customer}", customer=customer, feature="live_view")
    return Arriving(event, at if sent is None else sent)


def beat(customer: str, at: datetime, *, every_s: int = 21_600, sent=None) -> Arriving:
    event = Heartbeat(at=at, source=f"d-{customer}", customer=customer, every_s=every_s)
    return Arriving(event, at if sent is None else sent)


def beats(customer: str, first: int, last: int) -> list[Arriving]:
    """A heartbeat every twelve hours on days `first` to `last - 1` of the log."""
    return [
        beat(customer, START + day * DAY + n * 12 * HOUR + HOUR, every_s=43_200)
        for day in range(first, last)
        for n in range(2)
    ]


def uses(
    customer: str, first: int, last: int, hours: Sequence[int] = (8, 12, 19)
) -> list[Arriving]:
    """One use in each of these UTC hours on days `first` to `last - 1`."""
    return [
        use(customer, START + day * DAY + hour * HOUR)
        for day in range(first, last)
        for hour in hours
    ]


def described(customer: str, *, version: int = 1, **fields) -> CustomerChanged:
    return CustomerChanged(**{"at": START - DAY, **fields}, customer=customer, version=version)


def claimed(customer: str, *, model: str = "cam", at: datetime = START - DAY) -> RegistryChanged:
    return RegistryChanged(
        at=at,
        change="claimed",
        source=f"d-{customer}",
        kind="device",
        version=1,
        model=model,
        customer=customer,
    )


_offsets = itertools.count()


def received(event: Event, arrival: datetime) -> Received[Event]:
    n = next(_offsets)
    return Received(event, f"/x#{n}", event.TOPIC, 0, n, arrival, arrival)


class Player:
    """Handles events and closes days, each in a transaction of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def handle(self, *events: Event, arrival: datetime | None = None) -> None:
        """One batch of one topic."""
        batch = [received(e, e.at if arrival is None else arrival) for e in events]
        await self.apply(events[0].TOPIC, batch)

    async def apply(self, topic: str, batch: Sequence[Received[Event]]) -> None:
        """One batch of one topic, received already."""
        async with transaction(self.engine, "analytics", batch[-1].event.at) as tx:
            await HANDLERS[topic](tx, batch)

    async def close_until(self, now: datetime) -> int:
        """Close all that is due."""
        total = 0
        while True:
            async with transaction(self.engine, "analytics", now) as tx:
                fired = await close_days(tx)
            if fired == 0:
                return total
            total += fired

    async def play(self, log: Iterable[Arriving], *, seed: int = 0, until: datetime) -> None:
        """Consume a log from four partitions, each at its own pace, closing days on the way.

        A record's arrival is the end of the last step before it; a partition is never more than
        a step ahead; days close by the slowest partition's time, as in the runtime.
        """
        rng = random.Random(seed)
        partitions = _partitions(log)
        time = dict.fromkeys(partitions, START - STEP)
        while min(time.values()) < until:
            key = rng.choice([k for k in sorted(time) if time[k] <= min(time.values())])
            step = partitions[key].get(time[key] + STEP, [])
            for batch in _batches(step, rng):
                records = [received(a.event, time[key]) for a in batch]
                async with transaction(self.engine, "analytics", min(time.values())) as tx:
                    await HANDLERS[batch[0].event.TOPIC](tx, records)
            time[key] += STEP
            if rng.random() < 0.3:
                await self.close_until(min(time.values()))
        await self.close_until(until)

    async def rows(self, table: str) -> list[tuple]:
        """All of a table, by key."""
        wanted = metadata.tables[table]
        query = select(wanted).order_by(*wanted.primary_key.columns)
        async with self.engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(query)]


def _partitions(log: Iterable[Arriving]) -> dict[tuple[str, int], dict[datetime, list[Arriving]]]:
    """Topic and partition -> end of step -> the records sent in it."""
    made = {(t, p): {} for t in ("device.usage", "app.usage") for p in range(2)}
    for one in log:
        ends = START + STEP * (1 + (one.sent - START) // STEP)
        key = (one.event.TOPIC, sum(one.event.customer.encode()) % 2)
        made[key].setdefault(ends, []).append(one)
    return made


def _batches(step: list[Arriving], rng: random.Random) -> list[list[Arriving]]:
    """The records of a step in random order (sources of one step are in any) and cuts."""
    mixed = rng.sample(step, len(step))
    cut = rng.randint(0, len(mixed)) if rng.random() < 0.3 else 0
    return [batch for batch in (mixed[:cut], mixed[cut:]) if batch]


def delayed(one: Arriving, by: timedelta) -> Arriving:
    """The same, sent later."""
    return replace(one, sent=one.sent + by)
