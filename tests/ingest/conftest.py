"""Ingest as a process against real servers."""

import asyncio
from pathlib import Path

import httpx
import pytest

from services.ingest.__main__ import __file__ as main_file
from services.ingest.store.store import Store
from services.ingest.store.tables import metadata
from shared.db.engine import make_engine
from shared.stream import admin
from tests.broker import TESTER
from tests.emptied import empty
from tests.ingest.device import Device, new_id
from tests.units import units
from tools.local.auth import Operator
from tools.local.mosquitto import Mosquitto
from tools.local.services import ServiceProcess

UNITS = units("ingest", Store)  # for tests that begin transactions themselves
MIGRATIONS = Path(main_file).with_name("migrations")


class Ingest:
    """The running service, and a client of its API."""

    def __init__(
        self, process: ServiceProcess, mosquitto: Mosquitto, kafka: str, database: str
    ) -> None:
        self.process = process
        self.mosquitto = mosquitto
        self.mqtt_url = mosquitto.tests_url(TESTER)
        self.kafka = kafka
        self.database = database
        self._devices: list[Device] = []

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.process.url,
            timeout=90,
            trust_env=False,
            auth=Operator(self.process.folder),
        )

    async def get(self, path: str, **query):
        async with self.client() as client:
            answer = await client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, status: int = 200, **sent):
        async with self.client() as client:
            answer = await client.post(path, **sent)
        assert answer.status_code == status, answer.text
        return answer.json()

    def device(self, source: str, kind: str = "device") -> Device:
        made = Device(self.mqtt_url, source, kind)
        self._devices.append(made)
        return made

    async def registered(self, name: str, customer: str | None = None) -> str:
        """A new device, claimed when `customer` is given; returns its id."""
        source = new_id(name)
        await self.post("/v1/devices", 201, json={"id": source, "model": "cam-2"})
        if customer is not None:
            await self.post(f"/v1/devices/{source}/claim", json={"customer": customer})
        return source

    def close_devices(self) -> None:
        for device in self._devices:
            device.close()
        self._devices.clear()


@pytest.fixture(scope="session")
def ingest_process(postgres, kafka, mosquitto, tmp_path_factory):
    async def start() -> Ingest:
        database = await postgres.migrated("ingest")
        await admin.ensure_topics(kafka, single=True)
        environment = {
            "DATABASE_URL": database.replace("+asyncpg", ""),
            "KAFKA_BOOTSTRAP_SERVERS": kafka,
            **mosquitto.ingest_environment(),
            "DURABILITY": "single",
            "INGEST_ACK_EVENTS": "3",
            "INGEST_ACK_AFTER_S": "2",
            "INGEST_ANSWER_S": "1",
            "INGEST_RECEIVE_MAXIMUM": "50",
            "KAFKA_SESSION_S": "6",
        }
        folder = tmp_path_factory.mktemp("ingest")
        process = ServiceProcess("ingest", folder, environment, end_with_parent=True)
        await process.start()
        return Ingest(process, mosquitto, kafka, database)

    made = asyncio.run(start())
    yield made
    asyncio.run(made.process.stop())


@pytest.fixture
async def ingest(ingest_process):
    """The one process, and its broker, alive whatever the test before left: both are costly."""
    await ingest_process.mosquitto.start()
    await ingest_process.process.start()
    yield ingest_process
    ingest_process.close_devices()


@pytest.fixture(scope="session")
def store_database(postgres) -> str:
    """URL of a migrated database that only store tests use."""

    return asyncio.run(postgres.migrated("ingest", "ingest_store"))


@pytest.fixture
async def engine(store_database):
    """An engine on that database, emptied."""
    made = make_engine(store_database)
    await empty(made, metadata)
    yield made
    await made.dispose()
