"""The broker against a device that means no good, and sessions of releases before."""

import asyncio
import json
import re
import socket
import ssl
import time
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from services.ingest.domain.messages import addresses
from shared.mqtt_accounts import INGEST
from tests.ingest.device import NEVER, of_source, until, usage
from tests.ingest.edges.test_strangers import SignedBroker

pytestmark = pytest.mark.servers
ABUSE = 20_000


@pytest.fixture
def door(ingest):
    made = SignedBroker(ingest)
    yield made
    made.close()


def seconds_for(client, topic, times=20):
    began = time.monotonic()
    for n in range(times):
        assert client.publish(topic, json.dumps(usage(n)).encode()) == 0
    return (time.monotonic() - began) / times


async def test_a_device_with_thousands_of_filters_is_named_and_ended(door):
    bad = await door.ingest.registered("greedy")
    good = await door.ingest.registered("modest")
    greedy, _ = await door.signed_in(bad)
    modest, _ = await door.signed_in(good)
    topic = addresses.up("device", good, "usage")
    before = await asyncio.to_thread(seconds_for, modest, topic)
    for at in range(0, ABUSE, 1_000):
        greedy.client.subscribe([(f"$share/g{n}/#", 0) for n in range(at, at + 1_000)])

    async def named():
        last = (await door.ingest.get("/v1/broker/refused"))["last"]
        return any(r["reason"] == "too_many_filters" and r["client"] == bad for r in last)

    await until(named, 120)
    assert await asyncio.to_thread(greedy.ended.wait, 60)

    async def recovered():
        return await asyncio.to_thread(seconds_for, modest, topic) < before * 2 + 0.005

    await until(recovered, 120)
    assert modest.is_in


def ours(broker, client_id, source, *, keep):
    """A session of ingest's account, as a release before had it."""
    made = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5)
    where = urlsplit(broker.inner_url(INGEST))
    made.tls_set_context(broker.inner_context(INGEST))
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = NEVER if keep else 0
    done = []
    made.on_connect = lambda c, *_: (
        c.subscribe(addresses.filters(addresses.bucket_of(source), clock=False)[0], qos=1)
        if keep
        else done.append(1)
    )
    made.on_subscribe = lambda *_: done.append(1)
    made.connect(where.hostname, where.port, clean_start=True, properties=properties)
    deadline = time.monotonic() + 60
    while not done and time.monotonic() < deadline:
        made.loop(0.1)
    assert done
    made.disconnect()
    made.loop(0.1)


async def test_what_waits_in_the_session_of_a_release_before_is_read(ingest):
    source = await ingest.registered("upgraded")
    bucket, broker = addresses.bucket_of(source), ingest.mosquitto
    device = ingest.device(source)
    await ingest.process.stop()
    try:
        await asyncio.to_thread(ours, broker, f"_ingest-{bucket}", source, keep=False)
        await asyncio.to_thread(ours, broker, f"pc-ingest-{bucket}", source, keep=True)
        for n in range(150):
            device.publish("usage", usage(n))
    finally:
        await ingest.process.start()

    async def seqs():
        found = {r["seq"] for r in await of_source(ingest.kafka, "device.usage", source)}
        return found == set(range(150))

    await until(seqs)

    async def gone():
        log = ingest.mosquitto.log.read_text("utf-8", "replace")
        return re.search(rf"Client pc-ingest-{bucket} (\[\S+\] )?disconnected", log)

    await until(gone)


async def test_the_broker_takes_no_old_cipher(door):
    source = await door.ingest.registered("old")
    password = await door.password(source)

    def old():
        try:
            context = ssl.create_default_context(cafile=door.broker.ca)
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(
                "ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA:AES128-SHA:@SECLEVEL=0"
            )
            with socket.create_connection(("127.0.0.1", door.broker.ports[1]), 5) as plain:
                context.wrap_socket(plain, server_hostname="127.0.0.1").close()
        except OSError as error:
            return str(error)
        return None

    assert await asyncio.to_thread(old)
    assert (await door.let_in(lambda: door.connect(source, password))).is_in
