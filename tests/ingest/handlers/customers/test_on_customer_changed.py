"""News of customers: the highest version counts, in whatever order they come."""

import itertools
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from services.ingest.handlers.customers.on_customer_changed import on_customer_changed
from services.ingest.store.tables import known_customer
from shared.events import CustomerChanged
from shared.stream.record import Received
from shared.stream.transaction import transaction
from tests.ingest.conftest import UNITS

pytestmark = pytest.mark.servers

T = datetime(2026, 3, 1, tzinfo=UTC)
NEWS = (
    CustomerChanged(at=T, customer="ann", version=1),
    CustomerChanged(at=T, customer="ann", version=2),
    CustomerChanged(at=T, customer="ann", version=3, erased=True),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_any_order_ends_the_same(engine, order):
    for n in order:
        received = Received(NEWS[n], f"id-{n}", "customer.changed", 0, n, T, T)
        async with transaction(engine, "ingest", T) as tx:
            await on_customer_changed(UNITS.within(tx), [received])
    async with engine.connect() as connection:
        rows = (await connection.execute(select(known_customer))).all()
    assert [tuple(row) for row in rows] == [("ann", 3, True)]


async def test_a_whole_batch(engine):
    batch = [Received(n, str(n.version), "customer.changed", 0, 0, T, T) for n in NEWS]
    async with transaction(engine, "ingest", T) as tx:
        await on_customer_changed(UNITS.within(tx), batch)
    async with engine.connect() as connection:
        rows = (await connection.execute(select(known_customer))).all()
    assert [tuple(row) for row in rows] == [("ann", 3, True)]
