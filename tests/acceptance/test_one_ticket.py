"""A thousand faults of one kind, on every partition, three processes, one killed: one ticket."""

import asyncio
import os
import random
import signal
import sys
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaProducer
from system import BOOT, System, ago, until

from shared.events import Fault, codec
from shared.events.topics import BY_NAME
from tools.local import ports
from tools.local.auth import LocalKeys
from tools.local.process import ROOT

pytestmark = pytest.mark.servers

FAULTS = 1_000


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    made = System(tmp_path_factory.mktemp("ticket"))
    asyncio.run(made.start())
    yield made
    asyncio.run(made.stop())


def fault(seq):
    at = ago(hours=2) + timedelta(seconds=seq)
    return Fault(
        at=at, boot=BOOT, seq=seq, source="cam-9", customer="ana", received_at=at,
        code="overheated", component="board", model="cam-indoor",
    )  # fmt: skip


async def publish(bootstrap, faults, rng):
    """Write faults to partitions at random, as no keyed producer would."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    sent = []
    for each in faults:
        headers = codec.headers(
            each, source=codec.telemetry_source(each), id_=f"{each.boot}:{each.seq}", subject="ana"
        )
        partition = rng.randrange(BY_NAME["device.fault"].partitions)
        value = codec.encode(each)
        sent.append(
            await producer.send(
                "device.fault", value, key=b"d:cam-9", partition=partition, headers=headers
            )
        )
    await asyncio.gather(*sent)
    await producer.stop()


class More:
    """Two further support processes beside the system's own."""

    def __init__(self, system):
        self._environment = {
            **os.environ,
            **system.endpoints.environment("support"),
            **system.extra,
            "HTTP_HOST": "127.0.0.1",
            "AUTH_KEYS_FILE": str(LocalKeys(system.folder).public_file),
        }

    async def __aenter__(self):
        self.all = [await self._start() for _ in range(2)]
        return self

    async def _start(self):
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.support", cwd=ROOT,
            env={**self._environment, "HTTP_PORT": str(ports.free_port())},
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip

    async def __aexit__(self, *_):
        for process in self.all:
            if process.returncode is None:
                process.terminate()
                await asyncio.wait_for(process.wait(), 40)


async def group(system):
    """The support group on the topic, as an on-call engineer reads it."""
    told = await system.get("support", "/v1/topics", group="support")
    return next(each for each in told["topics"] if each["topic"] == "device.fault")


async def counted(system):
    return (await system.get("support", "/v1/ledger")).get("device.fault", 0)


async def test_one_ticket_with_every_fault_in_its_history(system):
    rng = random.Random(3)
    faults = [fault(seq) for seq in range(FAULTS)]
    bootstrap = system.endpoints.kafka_bootstrap_servers
    async with More(system) as more:
        await until(lambda: has_members(system, 3), seconds=180)
        await publish(bootstrap, faults[: FAULTS // 2], rng)
        more.all[0].send_signal(signal.SIGKILL)
        await publish(bootstrap, faults[FAULTS // 2 :], rng)
        await until(lambda: has_counted(system, FAULTS), seconds=180)
        for _ in range(2):  # the same ids again, elsewhere
            await publish(bootstrap, faults, rng)
        await until(lambda: has_no_lag(system), seconds=180)
    page = await system.get("support", "/v1/tickets", device="cam-9")
    assert len(page["items"]) == 1
    ticket = await system.get("support", f"/v1/tickets/{page['items'][0]['id']}")
    assert (ticket["faults"], ticket["state"]) == (FAULTS, "open")
    assert await history(system, ticket["id"]) == FAULTS
    assert await counted(system) == FAULTS


async def has_members(system, count):
    return (await group(system))["members"] == count


async def has_counted(system, count):
    return await counted(system) == count


async def has_no_lag(system):
    return (await group(system))["lag_messages"] == 0


async def history(system, ticket):
    """Entries that tell of a fault, over all pages."""
    after, entries = None, 0
    while True:
        more = {} if after is None else {"after": after}
        page = await system.get("support", f"/v1/tickets/{ticket}/history", limit=200, **more)
        entries += sum(1 for each in page["items"] if each["what"] in ("fault", "opened", "late"))
        after = page["next"]
        if after is None:
            return entries
