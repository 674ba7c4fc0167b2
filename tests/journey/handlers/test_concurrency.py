"""Several writers on the same customers at once: nothing is lost, nobody waits for ever."""

import asyncio
import random
from datetime import timedelta

import pytest

from shared.events import FeatureUsed, SetupCompleted, Usage
from tests.journey.conftest import START

pytestmark = pytest.mark.servers

CUSTOMERS = [f"c-{n:02}" for n in range(40)]
NEW = {"profile": {"name": "Ana"}, "purchases": [{"product": "cam", "at": "2026-01-01T00:00:00Z"}]}


def at(step):
    return START + timedelta(hours=step)


async def test_topics_timers_and_api_at_once_lose_nothing(handle, fire, client, rows):
    order = random.Random(1)

    async def topic(make, name):
        for step in range(12):
            batch = [(make(c, at(step)), f"/{name}#{c}:{step}") for c in CUSTOMERS]
            order.shuffle(batch)
            await handle(*batch)

    async def timers():
        for step in range(12):
            await fire(at(step))

    async def api():
        for customer in order.sample(CUSTOMERS, len(CUSTOMERS)):
            assert (await client.post("/v1/customers", json={"id": customer, **NEW})).is_success

    async with asyncio.timeout(60):
        await asyncio.gather(
            topic(lambda c, t: Usage(at=t, by="person", source="d", customer=c), "d/usage"),
            topic(lambda c, t: FeatureUsed(at=t, feature="x", source="a", customer=c), "a/app"),
            topic(lambda c, t: SetupCompleted(at=t, source="d", customer=c), "d/lifecycle"),
            timers(),
            api(),
        )

    found = await rows("SELECT id, uses, known, stage, version FROM customer ORDER BY id")
    assert [(row["id"], row["uses"], row["known"]) for row in found] == [
        (customer, 24, True) for customer in CUSTOMERS
    ]
    assert {row["stage"] for row in found} == {"first use"}
    versions = await rows("SELECT id, version FROM customer")
    counted = await rows(
        "SELECT key, count(*) AS n FROM outbox WHERE topic = 'customer.changed' GROUP BY key"
    )
    assert {row["key"]: row["n"] for row in counted} == {
        f"c:{row['id']}": row["version"] for row in versions
    }
