"""`make bench-ingest`: CPU of ingest per 100,000 single-event messages, on real servers.

    .venv/bin/python tests/ingest/bench.py [messages] [connections]

The generator writes ready-made packets; only the ingest process is measured (user + system), from
the first message to the last record in Kafka.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[2]))

import httpx
import mqtt5
import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.ingest.domain.messages import addresses
from shared.clock import monotonic, wall_now
from shared.db.migrate import upgrade
from shared.stream import admin
from tests.broker import ACCOUNTS, TESTER
from tools.local.auth import Operator
from tools.local.process import ROOT
from tools.local.servers import Servers
from tools.local.services import ServiceProcess

WINDOW = 20  # un-acked messages per connection


async def publish(url: str, source: str, count: int) -> None:
    """One device: `count` events, a bounded number of them in flight."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    hello = mqtt5.ConnectPacket(
        client_id=source,
        clean_start=True,
        username=where.username,
        password=(where.password or "").encode(),
    )
    writer.write(hello.write())
    await reader.readexactly(4)
    topic = addresses.up("device", source, "usage")
    at = wall_now().isoformat()
    sent = acked = 0
    while acked < count:
        while sent < count and sent - acked < WINDOW:
            payload = (
                f'{{"type":"usage","boot":"9f1c2ab37d405e68","seq":{sent},"at":"{at}",'
                f'"sent":"{at}","by":"person","command":"live_view"}}'
            )
            packet = mqtt5.PublishPacket(
                topic, payload.encode(), qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=sent % 60_000 + 1
            )
            writer.write(packet.write())
            sent += 1
        data = await reader.read(4096)
        acked += data.count(b"\x40\x02")
    writer.close()


async def end_of(bootstrap: str) -> int:
    """Records in device.usage."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        places = [TopicPartition("device.usage", p) for p in range(6)]
        return sum((await consumer.end_offsets(places)).values())
    finally:
        await consumer.stop()


async def register(url: str, auth: httpx.Auth, sources: list[str]) -> None:
    """Register and claim the devices."""
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60, auth=auth) as client:
        table = "id,model\n" + "".join(f"{source},cam-2\n" for source in sources)
        headers = {"content-type": "text/csv"}
        made = await client.post("/v1/devices/import", content=table, headers=headers)
        job = made.json()["job"]
        while (await client.get(f"/v1/jobs/{job}")).json()["state"] == "running":  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        claims = [{"source": s, "customer": f"cust-{n}"} for n, s in enumerate(sources)]
        (await client.post("/v1/claims", json={"claims": claims})).raise_for_status()


async def measure(process: ServiceProcess, servers: Servers, messages: int, devices: int) -> None:
    """Run the load and print what it cost."""
    sources = [f"bench-{n}" for n in range(devices)]
    await register(process.url, Operator(process.folder), sources)
    assert process.who is not None
    ingest = psutil.Process(process.who.pid)
    each = messages // devices
    wanted = await end_of(servers.kafka.bootstrap) + each * devices
    before, began = ingest.cpu_times(), monotonic()
    url = servers.mosquitto.tests_url(TESTER)
    await asyncio.gather(*(publish(url, source, each) for source in sources))
    while await end_of(servers.kafka.bootstrap) < wanted:  # noqa: ASYNC110
        await asyncio.sleep(0.2)
    took, after = monotonic() - began, ingest.cpu_times()
    cpu = after.user - before.user + after.system - before.system
    done = each * devices
    memory = ingest.memory_info().rss / 2**20
    print(  # noqa: T201 - the result
        f"{done} messages, {devices} connections: {took:.1f} s, {done / took:.0f}/s; ingest "
        f"{cpu:.2f} CPU s = {cpu / done * 100_000:.2f} per 100,000 (user "
        f"{after.user - before.user:.2f}, system {after.system - before.system:.2f}), {memory:.0f} MB"
    )


async def main(messages: int, devices: int) -> None:
    """Servers up, measure, servers down."""
    folder = Path(tempfile.mkdtemp(prefix="playcaller-bench-"))
    servers = Servers(
        folder,
        ["postgres", "kafka", "mosquitto"],
        databases=(),
        end_with_parent=True,
        mqtt_accounts=ACCOUNTS,
    )
    await servers.start()
    try:
        database = await servers.postgres.make_database("ingest")
        await admin.ensure_topics(servers.kafka.bootstrap, single=True)
        environment = {
            "DATABASE_URL": database.replace("+asyncpg", ""),
            "KAFKA_BOOTSTRAP_SERVERS": servers.kafka.bootstrap,
            **servers.mosquitto.ingest_environment(),
            "DURABILITY": "single",
        }
        process = ServiceProcess("ingest", folder, environment, end_with_parent=True)
        await upgrade(
            servers.postgres.owner_url("ingest"), ROOT / "services" / "ingest" / "migrations"
        )
        await process.start()
        for _ in range(2):
            await measure(process, servers, messages, devices)
            messages *= 2
        await process.stop()
    finally:
        await servers.stop()
        servers.erase()


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:]]
    asyncio.run(main(*(arguments or [50_000, 50])))
