"""Each service killed three times in mid-stream: every acked event is still counted once."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
from system import System

from shared.events.topics import BY_NAME
from tools.demo import result
from tools.demo.ask import Asker
from tools.demo.readback import read_back
from tools.fleet.fleet import Fleet
from tools.fleet.ledger import TOPICS
from tools.fleet.registry import Registry
from tools.local.auth import Operator

pytestmark = pytest.mark.servers

CONSUMERS = ("journey", "support", "analytics")
ROUNDS = 3


class PatientOffice(Registry):
    """Waits with the vendor's HTTP work while a killed service is away; publishing goes on."""

    def __init__(self, ingest, journey, auth):
        super().__init__(ingest, journey, auth)
        self.open = asyncio.Lock()

    async def do(self, work):
        async with self.open:
            await super().do(work)

    async def retire(self, device):
        async with self.open:
            await super().retire(device)

    async def credentials(self, kind, names):
        async with self.open:
            return await super().credentials(kind, names)


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    made = System(tmp_path_factory.mktemp("kills"), clock="stream")
    asyncio.run(made.start())
    yield made
    asyncio.run(made.stop())


async def killing(system, office, rng):
    """Kill ingest, then the consumers together, each three times, at moments nobody chose."""
    for _ in range(ROUNDS):
        for names in (("ingest",), CONSUMERS):
            await asyncio.sleep(rng.uniform(0.5, 2.0))
            async with office.open:
                await asyncio.gather(*(system.kill(name) for name in names))
                await asyncio.sleep(rng.uniform(0.0, 1.0))
                await system.start_again(*names)


async def test_killed_services_lose_and_repeat_nothing(system):
    fleet = Fleet()
    now = datetime.now(UTC)
    fleet.plan(customers=60, days=40, seed=7, end=now)
    address = system.for_fleet()
    office = PatientOffice(address.ingest, address.journey, address.auth)
    killer = asyncio.create_task(killing(system, office, random.Random(7)))
    life = asyncio.create_task(fleet.run(address, registry=office))
    await asyncio.wait({killer, life}, return_when=asyncio.FIRST_EXCEPTION)
    await asyncio.gather(killer, life)

    kafka = await read_back(system.endpoints.kafka_bootstrap_servers)
    asker = Asker(system.urls, Operator(system.folder))
    end = datetime.fromtimestamp(fleet.end, UTC) - timedelta(seconds=1)
    counted = await asker.drained(result.wanted(kafka.counts()), end)
    found = await result.gather(fleet, kafka, counted, system.endpoints.database_urls, asker)
    await asker.close()
    await fleet.stop()
    assert found.differences == []
    for topic in TOPICS:
        assert found.published[topic] == found.acked[topic] == found.kafka[topic] > 0
        for service in BY_NAME[topic].consumers:
            if service in CONSUMERS:
                assert found.counted[service][topic] == found.published[topic], (service, topic)
    # duplicates of devices and of killed processes both reached Kafka, and counted once above
    assert kafka.repeated >= fleet.ledger.duplicates_sent > 0
