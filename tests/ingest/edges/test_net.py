"""What fails for no known reason, and what nobody told us: on real servers."""

import asyncio
import contextlib

import httpx
import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from sqlalchemy import text

from services.ingest.store.sources.notices import NAME
from shared.db.engine import make_engine
from shared.events.topics import BY_NAME
from shared.stream import admin
from tests.ingest.device import new_id, of_source, until, usage
from tests.ingest.edges.test_outages import metric, ready

pytestmark = pytest.mark.servers
STARTED = "process_start_time_seconds"
POISON = "position(CAST('poison' AS bytea) IN payload) = 0 OR length(payload) > 500"


@contextlib.asynccontextmanager
async def refusing(owner_url):
    """The database refuses some rows for good, as it does with what nobody thought of."""
    engine = make_engine(owner_url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"ALTER TABLE reject ADD CONSTRAINT poison CHECK ({POISON})"))  # fmt: skip
        yield
        async with engine.begin() as connection:
            await connection.execute(text("ALTER TABLE reject DROP CONSTRAINT poison"))
    finally:
        await engine.dispose()


async def cured(ingest, source):
    async def look():
        (kept,) = (await ingest.get("/v1/rejects", source=source))["items"]
        return kept["cured_at"]

    return await until(look, 120)


async def test_healthy_devices_are_acked_while_poison_arrives(ingest, postgres):
    bad, good = await ingest.registered("bad"), await ingest.registered("good")
    poisoner, healthy = ingest.device(bad), ingest.device(good)
    before = await metric(ingest, STARTED)
    async with refusing(postgres.owner_of(ingest.database)):
        for n in range(10):
            poisoner.publish("usage", b'{"poison":%d' % n)
            poisoner.publish("usage", b'{"harmless":%d' % n)
            healthy.publish("usage", [usage(3 * n + k) for k in range(3)])
            assert (await healthy.heard("ack"))["ack"]["seq"][-1][1] == 3 * n + 2
        told = [await poisoner.heard("reject") for _ in range(20)]
        assert {t["reject"]["reason"] for t in told} == {"malformed_json"}
        page = await ingest.get("/v1/rejects", source=bad, limit=50)
        kept = [(await ingest.get(f"/v1/rejects/{r['id']}"))["payload_text"] for r in page["items"]]
    assert sorted(text for text in kept if text) == [f'{{"harmless":{n}' for n in range(10)]
    assert kept.count("") == 10
    assert await metric(ingest, STARTED) == before
    await ready(ingest)


async def unknown_then_told(ingest, name):
    source = new_id(name)
    device = ingest.device(source)
    device.publish("usage", usage(5))
    assert (await device.heard("reject"))["reject"]["reason"] == "unknown_device"
    return source


async def test_a_kill_right_after_the_201_forgets_no_reject(ingest):
    source = await unknown_then_told(ingest, "killed")
    await ingest.post("/v1/devices", 201, json={"id": source, "model": "cam-2"})
    await ingest.process.kill()
    await ingest.process.start()
    assert await cured(ingest, source)
    found = await until(lambda: of_source(ingest.kafka, "device.usage", source))
    assert {record["seq"] for record in found} == {5}  # of both processes, it may be


async def test_a_notice_nobody_heard_forgets_no_reject(ingest):
    source = await unknown_then_told(ingest, "unheard")
    engine = make_engine(ingest.database)
    register = text("INSERT INTO source (id, kind, model, version) VALUES (:id, 'device', 'm', 1)")
    async with engine.begin() as connection:  # as another process would, without a notice
        await connection.execute(register, {"id": source})
    await asyncio.sleep(0.2)
    assert (await ingest.get("/v1/rejects", source=source))["items"][0]["cured_at"] is None
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"
    async with engine.begin() as connection:
        assert (await connection.execute(text(ended), {"name": NAME})).scalars().all()
    await engine.dispose()
    assert await cured(ingest, source)
    with contextlib.suppress(httpx.HTTPError):
        await ready(ingest)


async def permit(kafka, topic, size):
    """The largest batch that a topic takes."""
    settings = admin.configuration(BY_NAME[topic], single=True) | {"max.message.bytes": str(size)}
    client = await admin.connect(kafka)
    try:
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs=settings)
        (answer,) = await client.alter_configs([resource])
        assert [each[0] for each in answer.resources] == [0]
    finally:
        await client.close()


async def test_an_event_that_kafka_takes_never_is_refused_and_taken_when_it_may(ingest):
    source = await ingest.registered("large")
    device = ingest.device(source)
    await permit(ingest.kafka, "device.usage", 2_000)
    try:
        large = {f"field{n}": "x" * 100 for n in range(30)}
        device.publish("usage", [usage(1), usage(2, **large), usage(3)])
        told = (await device.heard("reject"))["reject"]
        assert (told["reason"], told["seq"]) == ("kafka_refused", [[2, 2]])
        found = await until(lambda: of_source(ingest.kafka, "device.usage", source))
        assert {record["seq"] for record in found} == {1, 3}
    finally:
        await permit(ingest.kafka, "device.usage", 2 * 2**20)
    await ingest.post(f"/v1/devices/{source}/claim", json={"customer": "c-large"})
    assert await cured(ingest, source)
    found = await of_source(ingest.kafka, "device.usage", source)
    assert {record["seq"] for record in found} == {1, 2, 3}
