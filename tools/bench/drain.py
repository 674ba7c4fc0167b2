"""How fast ingest empties a broker that held events while ingest was away, and what that costs."""

import asyncio
from dataclasses import dataclass
from itertools import cycle, islice

import psutil  # type: ignore[import-untyped]  # no stubs in the lock
from aiokafka import AIOKafkaConsumer, TopicPartition
from rich.console import Console

from shared.events.topics import BY_NAME
from tools.bench.devices import Devices
from tools.local.endpoints import Endpoints
from tools.local.services import Services

EVENTS = 50_000
LIMIT_S = 120.0
TOPIC = "device.usage"


@dataclass(frozen=True)
class Drained:
    """Seconds between the first and the last record; processor seconds, start-up included."""

    seconds: float
    cpu_s: float


async def measure(devices: Devices, services: Services, endpoints: Endpoints) -> Drained:
    """Stop ingest, let events pile up in the broker, start it, and watch Kafka fill."""
    bootstrap = endpoints.kafka_bootstrap_servers or ""
    await services["ingest"].stop()
    devices.publish_uses(islice(cycle(devices.ids), EVENTS))
    async with asyncio.timeout(LIMIT_S):
        while not devices.flushed():  # noqa: ASYNC110 - paho has no event for it
            await asyncio.sleep(0.1)
    places = [TopicPartition(TOPIC, p) for p in range(BY_NAME[TOPIC].partitions)]
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await reader.start()
    try:
        begin = await reader.end_offsets(places)
        await services["ingest"].start()
        await _filled(reader, places, sum(begin.values()) + EVENTS)
        times = psutil.Process(services["ingest"].find().pid).cpu_times()  # type: ignore[union-attr]
        first, last = await _span(reader, begin)
    finally:
        await reader.stop()
    return Drained(seconds=(last - first) / 1000, cpu_s=times.user + times.system)


async def _filled(reader: AIOKafkaConsumer, places: list[TopicPartition], wanted: int) -> None:
    async with asyncio.timeout(LIMIT_S):
        while sum((await reader.end_offsets(places)).values()) < wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def _span(reader: AIOKafkaConsumer, begin: dict[TopicPartition, int]) -> tuple[float, float]:
    """Kafka's own time of the first and the last of the new records, milliseconds."""
    reader.assign(list(begin))
    ends = await reader.end_offsets(list(begin))
    moved = [tp for tp in begin if ends[tp] > begin[tp]]
    times = []
    for tp in moved:
        for offset in (begin[tp], ends[tp] - 1):
            reader.seek(tp, offset)
            times.append((await reader.getone(tp)).timestamp)
    return min(times), max(times)


def show(out: Console, drained: Drained) -> None:
    """Events a second and processor seconds per 100,000 events."""
    rate = EVENTS / drained.seconds if drained.seconds else float("inf")
    out.print(
        f"{EVENTS:,} single-event messages: {rate:,.0f} events/s, "
        f"{drained.cpu_s * 100_000 / EVENTS:.2f} processor seconds per 100,000 (start-up included)"
    )
