"""A zone that no longer exists: a customer who was handed in with it harms no other, and gets their mail."""

import pytest
from sqlalchemy import text as sql

from tests.journey.engine import NOON, Engine, started, with_address
from tests.journey.plays import text

pytestmark = pytest.mark.servers


async def test_a_zone_that_no_longer_exists_harms_nobody(engine, rows, smtp):
    journey = Engine(engine, text("  - {step: first, mail: one}"), smtp=smtp)
    await journey.publish()
    await with_address(engine, "c-1", "c-2")
    async with engine.begin() as connection:
        await connection.execute(
            sql("UPDATE customer SET zone = 'Mars/Olympus' WHERE id = 'c-1'")
        )  # as if it had been taken out of the database of zones since
    await journey.handle(started(NOON), started(NOON, "c-2"), now=NOON)
    await journey.send(NOON)
    sent = await rows("SELECT customer, verdict FROM message ORDER BY customer")
    assert [(row["customer"], row["verdict"]) for row in sent] == [("c-1", "send"), ("c-2", "send")]
