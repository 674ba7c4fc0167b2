"""A customer is erased: no row of theirs stays, and no closing brings one back."""

import asyncio

import pytest
from sqlalchemy import func, select

from services.analytics.store.tables import metadata
from shared.stream.transaction import transaction
from tests.analytics.player import DAY, START, beats, close_days, described, erase, uses

pytestmark = pytest.mark.servers

TABLES = ("customer", "recent_input", "day_input", "state", "risk", "finding")


async def rows_of(engine, customer):
    found = {}
    async with engine.connect() as connection:
        for table in TABLES:
            key = "id" if table == "customer" else "customer"
            column = metadata.tables[table].c[key]
            query = select(func.count()).where(column == customer)
            found[table] = (await connection.execute(query)).scalar_one()
    return found


async def erased(engine, *subjects):
    async with transaction(engine, "analytics", START, erasing=True) as tx:
        return await erase(tx, sorted(subjects))


@pytest.fixture
async def lived(player):
    """Ana and Kim, both with a week of use; most days are closed."""
    await player.handle(described("ana", region="eu"), described("kim", region="eu"))
    for customer in ("ana", "kim"):
        await player.handle(*(one.event for one in uses(customer, 0, 8)))
        await player.handle(*(one.event for one in beats(customer, 0, 8)))
    await player.close_until(START + 7 * DAY)
    return player


async def test_nothing_counted_of_somebody_stays(lived, engine):
    before = await rows_of(engine, "ana")
    assert all(
        before[table] for table in ("customer", "recent_input", "day_input", "state", "risk")
    )
    kim = await rows_of(engine, "kim")
    assert await erased(engine, "ana", "nobody") == ()
    assert set((await rows_of(engine, "ana")).values()) == {0}
    assert await rows_of(engine, "kim") == kim
    await lived.close_until(START + 12 * DAY)
    assert set((await rows_of(engine, "ana")).values()) == {0}
    assert (await rows_of(engine, "kim"))["risk"] == 1


async def test_an_erasure_waits_for_a_closing_under_way(lived, engine):
    """Else the closing would write back what it read before."""
    async with transaction(engine, "analytics", START + 9 * DAY) as tx:
        assert await close_days(tx) == 1
        erasing = asyncio.create_task(erased(engine, "ana"))
        await asyncio.sleep(0.3)
        assert not erasing.done()
    await erasing
    assert set((await rows_of(engine, "ana")).values()) == {0}
