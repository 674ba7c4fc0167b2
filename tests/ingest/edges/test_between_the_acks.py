"""Ingest dies after Kafka's ack and before the broker's: reliability.md section 3, row 2."""

import asyncio
import os
import sys
from urllib.parse import urlsplit

import pytest

from tests.ingest.device import of_source, until, usage
from tests.proxy import Proxy
from tools.local.ports import free_port
from tools.local.process import ROOT

pytestmark = pytest.mark.servers
COUNT = 30


async def seqs(ingest, source: str) -> list[int]:
    found = await of_source(ingest.kafka, "device.usage", source)
    return sorted(each["seq"] for each in found)


async def test_what_kafka_has_and_the_broker_does_not_know_of_comes_twice_and_is_known(ingest):
    source = await ingest.registered("cam", customer="ann")
    await ingest.process.stop()
    where = urlsplit(ingest.mosquitto.inner_url("_ingest"))
    async with Proxy(where.hostname, where.port) as proxy:
        environment = {**os.environ, **ingest.process.environment()}
        own = environment["MQTT_URL"]
        environment |= {
            "MQTT_URL": own.replace(f":{where.port}", f":{proxy.port}"),
            "HTTP_PORT": str(free_port()),
        }
        with ingest.process.log.with_name("behind-proxy.log").open("ab") as out:
            doomed = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "services.ingest"),
                env=environment, cwd=ROOT, stdout=out, stderr=out,
            )  # fmt: skip
        try:
            device = ingest.device(source)
            device.publish("usage", usage(0))

            async def reads() -> bool:
                return await seqs(ingest, source) == [0]

            await until(reads)
            proxy.hold()  # no PUBACK of ingest's reaches the broker any more
            for seq in range(1, COUNT):
                device.publish("usage", usage(seq))

            async def in_kafka() -> bool:
                return await seqs(ingest, source) == list(range(COUNT))

            await until(in_kafka)
        finally:
            doomed.kill()
            await doomed.wait()
    await ingest.process.start()

    async def again() -> bool:
        # every one of them a second time: the kill did fall between the two acks; the first one too
        # if Kafka's word of it came before the broker had ingest's
        both = await seqs(ingest, source)
        return both[both.count(0) :] == sorted([*range(1, COUNT), *range(1, COUNT)])

    await until(again)
    ids = [
        each["_headers"]["ce_id"] for each in await of_source(ingest.kafka, "device.usage", source)
    ]
    assert len(set(ids)) == COUNT, "the same identity both times: consumers count it once"
