"""A device for tests: paho, as real ones use, and the records it caused."""

import asyncio
import itertools
import json
import queue
import threading
import time
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from aiokafka import AIOKafkaConsumer, TopicPartition
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from services.ingest.domain.messages import addresses
from shared.clock import wall_now
from shared.events.topics import BY_NAME

BOOT = "9f1c2ab37d405e68"
# Of a session: one with an end can end a broker before 2.1 (docs/decisions/0013)
NEVER = 0xFFFFFFFF


_numbers = itertools.count(1)


def new_id(name: str) -> str:
    """An id no other test has."""
    return f"{name}-{next(_numbers)}"


class Device:
    """One MQTT client that publishes as a source and listens on its `down`."""

    def __init__(self, url: str, source: str, kind: str = "device") -> None:
        self.source, self.kind = source, kind
        self.down: queue.Queue = queue.Queue()
        self._up = threading.Event()
        where = urlsplit(url)
        client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=f"test-{source}", protocol=mqtt.MQTTv5
        )
        client.on_message = lambda _c, _u, message: self.down.put(json.loads(message.payload))
        client.on_connect = self._connected
        client.on_subscribe = lambda *_: self._up.set()
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = NEVER
        client.username_pw_set(where.username, where.password)
        client.connect(where.hostname, where.port, clean_start=False, properties=properties)
        client.loop_start()
        self.client = client
        assert self._up.wait(60), "the device could not subscribe"

    def _connected(self, client, _userdata, _flags, _reason, _properties) -> None:
        bucket = addresses.bucket_of(self.source)
        client.subscribe(f"pc/v1/{bucket}/{self.kind}s/{self.source}/down", qos=1)

    def publish(self, stream: str, payload, qos: int = 1) -> None:
        """Publish and wait for the broker's ack."""
        sent = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        topic = addresses.up(self.kind, self.source, stream)
        self.client.publish(topic, sent, qos=qos).wait_for_publish(60)

    async def heard(self, what: str, timeout_s: float = 60.0) -> dict:
        """The next message on `down` that has the member `what`."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            try:
                found = self.down.get_nowait()
            except queue.Empty:
                await asyncio.sleep(0.02)
                continue
            if what in found:
                return found
        raise AssertionError(f"no {what} on down within {timeout_s} s")

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def usage(seq: int, **fields) -> dict:
    """A use of now."""
    now = wall_now().isoformat()
    made = {"type": "usage", "boot": BOOT, "seq": seq, "at": now, "sent": now, "by": "person"}
    return {**made, **fields}


_read: dict[tuple[str, str], tuple[list, dict[int, int]]] = {}


async def records(bootstrap: str, topic: str) -> list:
    """All records of a topic; what was read before is not read again."""
    found, offsets = _read.setdefault((bootstrap, topic), ([], {}))
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(topic, p) for p in range(BY_NAME[topic].partitions)]
        consumer.assign(places)
        for place in places:
            consumer.seek(place, offsets.get(place.partition, 0))
        ends = await consumer.end_offsets(places)
        while any(offsets.get(place.partition, 0) < ends[place] for place in places):
            for place, batch in (await consumer.getmany(timeout_ms=200)).items():
                found.extend(batch)
                offsets[place.partition] = batch[-1].offset + 1
        return found
    finally:
        await consumer.stop()


async def of_source(bootstrap: str, topic: str, source: str) -> list[dict]:
    """Values of a source's records, with key and headers, in log order per partition."""
    return [
        {**value, "_key": record.key, "_headers": dict(record.headers)}
        for record in await records(bootstrap, topic)
        if isinstance(value := json.loads(record.value), dict) and value.get("source") == source
    ]  # tests of consumers write numbers there


async def until(look, timeout_s: float = 120.0):
    """Poll `look` until it gives something true; returns that."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = await look()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {timeout_s} s"
        await asyncio.sleep(0.1)
