"""Simulated time through the bridge."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.domain.messages import addresses
from tests.ingest.conftest import Ingest
from tests.ingest.device import new_id, of_source, records, until, usage
from tools.local.services import ServiceProcess

pytestmark = pytest.mark.servers

START = datetime(2025, 1, 1, tzinfo=UTC)
STEP = timedelta(hours=6)


@pytest.fixture
def simulated(ingest_process, postgres, tmp_path):
    """Ingest on the stream clock with its own database, in place of the other."""

    async def start() -> Ingest:
        await ingest_process.process.stop()
        database = await postgres.migrated("ingest")
        environment = {
            **ingest_process.process._environment,
            "DATABASE_URL": database.replace("+asyncpg", ""),
            "CLOCK": "stream",
        }
        process = ServiceProcess("ingest", tmp_path, environment, end_with_parent=True)
        await process.start()
        return Ingest(process, ingest_process.mosquitto, ingest_process.kafka, database)

    async def end() -> None:
        await made.process.stop()
        await ingest_process.process.start()

    made = asyncio.run(start())
    yield made
    made.close_devices()
    asyncio.run(end())


def beacons(device, now: datetime) -> None:
    for bucket in addresses.BUCKETS:
        payload = json.dumps({"now": now.isoformat(), "step_s": STEP.total_seconds()})
        topic = addresses.clock_topic(bucket)
        device.client.publish(topic, payload, qos=1).wait_for_publish(10)


async def clock(ingest) -> datetime:
    return datetime.fromisoformat((await ingest.get("/readyz"))["facts"]["now"])


async def test_a_simulated_step(simulated):
    source = new_id("sim")
    refused = await simulated.post("/v1/devices", 503, json={"id": source, "model": "cam-2"})
    assert refused["type"].endswith("clock_not_started")
    fleet = simulated.device("the-fleet")
    beacons(fleet, START)

    async def begun() -> bool:
        return await clock(simulated) == START

    await until(begun)
    made = await simulated.post("/v1/devices", 201, json={"id": source, "model": "cam-2"})
    assert made["registered_at"] == "2025-01-01T00:00:00Z"
    await simulated.post(f"/v1/devices/{source}/claim", json={"customer": "ann"})
    device = simulated.device(source)
    at = (START + timedelta(hours=2)).isoformat()
    device.publish("usage", usage(1, at=at, sent=at))
    beacons(fleet, START + STEP)

    async def moved() -> bool:
        return await clock(simulated) == START + STEP

    await until(moved)
    (record,) = await of_source(simulated.kafka, "device.usage", source)
    assert record["received_at"] == "2025-01-01T06:00:00Z"
    assert record["at"] == "2025-01-01T02:00:00Z"
    assert record["customer"] == "ann"
    assert "late" not in record
    for topic in ("device.usage", "device.fault", "device.lifecycle", "app.usage"):
        await all_buckets_on_every_partition(simulated.kafka, topic, "2025-01-01T06:00:00Z")

    async def told() -> bool:
        found = [json.loads(r.value) for r in await records(simulated.kafka, "registry.changed")]
        marks = [f for f in found if f["type"] == "beacon" and f["at"] == "2025-01-01T06:00:00Z"]
        return len(marks) == 6 and all(mark["origins"] == ["ingest"] for mark in marks)

    await until(told)
    news = await of_source(simulated.kafka, "registry.changed", source)
    assert [(n["change"], n["at"]) for n in news] == [
        ("registered", "2025-01-01T00:00:00Z"), ("claimed", "2025-01-01T00:00:00Z"),
    ]  # fmt: skip

    await simulated.process.kill()
    await simulated.process.start()
    assert await clock(simulated) == START + STEP
    at = (START + timedelta(hours=8)).isoformat()
    device.publish("usage", usage(2, at=at, sent=at))

    async def after_restart() -> list:
        found = await of_source(simulated.kafka, "device.usage", source)
        return [r for r in found if r["seq"] == 2]

    (record,) = await until(after_restart)
    assert record["received_at"] == "2025-01-01T12:00:00Z"


async def all_buckets_on_every_partition(kafka: str, topic: str, at: str) -> None:
    seen: dict[int, set[str]] = {}
    for record in await records(kafka, topic):
        value = json.loads(record.value)
        if value["type"] == "beacon" and value["at"] == at:
            seen.setdefault(record.partition, set()).update(value["origins"])
    assert seen == {partition: set(addresses.BUCKETS) for partition in range(6)}
