"""Servers and ingest itself go away and come back: nothing lost, nothing refused for it."""

import asyncio
import os
import signal
import sys
from datetime import datetime, timedelta

import asyncpg
import httpx
import pytest

from shared.clock import wall_now
from tests.ingest.device import new_id, of_source, until, usage
from tools.local.ports import free_port
from tools.local.process import ROOT

pytestmark = pytest.mark.servers


async def seqs(ingest, source: str) -> set[int]:
    return {r["seq"] for r in await of_source(ingest.kafka, "device.usage", source)}


async def metric(ingest, name: str) -> float:
    async with ingest.client() as client:
        lines = (await client.get("/metrics")).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


async def ready(ingest, timeout_s: float = 60.0) -> None:
    async def look() -> bool:
        try:
            async with ingest.client() as client:
                return (await client.get("/readyz")).status_code == 200
        except httpx.HTTPError:
            return False

    await until(look, timeout_s)


async def test_kill_of_ingest_loses_nothing(ingest):
    source = await ingest.registered("cam", customer="ann")
    device = ingest.device(source)
    for seq in range(20):
        device.publish("usage", usage(seq))
    await ingest.process.kill()
    for seq in range(20, 40):
        device.publish("usage", usage(seq))
    await ingest.process.start()
    device.publish("usage", usage(40))

    async def all_there() -> bool:
        return await seqs(ingest, source) == set(range(41))

    await until(all_there)


async def test_what_waited_in_the_broker_is_no_wrong_clock(ingest):
    """Case 10: ingest was away over a weekend, as its own table says."""
    source = await ingest.registered("cam", customer="ann")
    device = ingest.device(source)
    await ingest.process.stop()
    connection = await asyncpg.connect(ingest.database.replace("+asyncpg", ""))
    try:
        kept = "SELECT count(contact_at) FROM bucket WHERE contact_at > now() - interval '1 minute'"
        assert await connection.fetchval(kept) == 16
        await connection.execute("UPDATE bucket SET contact_at = now() - interval '50 hours'")
    finally:
        await connection.close()
    hours = [49, 37, 25, 13, 1]
    moments = [wall_now() - timedelta(hours=n) for n in hours]
    for seq, at in enumerate(moments):
        device.publish("usage", usage(seq, at=at.isoformat(), sent=at.isoformat()))
    await ingest.process.start()

    async def there() -> list[dict]:
        found = await of_source(ingest.kafka, "device.usage", source)
        return found if len(found) == len(hours) else []

    found = sorted(await until(there), key=lambda event: event["seq"])
    assert [datetime.fromisoformat(event["at"]) for event in found] == moments
    assert ["clock_suspect" in event for event in found] == [False] * 5
    assert ["late" in event for event in found] == [True, True, True, False, False]


async def test_kill_of_the_broker_is_survived(ingest, mosquitto):
    source = await ingest.registered("cam")
    before = await metric(ingest, "playcaller_ingest_reconnects_total")
    await mosquitto.kill()
    device_errors = await ingest_says_it_waits(ingest)
    assert "MQTT" in device_errors
    await mosquitto.start()
    await ready(ingest)
    assert await metric(ingest, "playcaller_ingest_reconnects_total") >= before + 16
    device = ingest.device(source)
    device.publish("usage", usage(1))

    async def there() -> bool:
        return await seqs(ingest, source) == {1}

    await until(there)


async def ingest_says_it_waits(ingest) -> str:
    async def look() -> str:
        async with ingest.client() as client:
            answer = await client.get("/readyz")
        return answer.text if answer.status_code == 503 else ""

    return await until(look)


async def test_without_postgres_known_devices_go_on_and_nothing_is_refused(ingest, postgres):
    known, fresh = await ingest.registered("cam"), await ingest.registered("cam")
    first, second = ingest.device(known), ingest.device(fresh)
    first.publish("usage", usage(1))

    async def cached() -> bool:
        return await seqs(ingest, known) == {1}

    await until(cached)
    await postgres.kill()
    try:
        second.publish("usage", usage(1))
        second.publish("usage", {"ask": 5})
        first.publish("usage", usage(2))

        async def goes_on() -> bool:
            return await seqs(ingest, known) == {1, 2}

        await until(goes_on)
        assert await seqs(ingest, fresh) == set()
    finally:
        await postgres.start()

    async def came() -> bool:
        return await seqs(ingest, fresh) == {1}

    await until(came, 120)
    assert (await second.heard("ack"))["ack"]["seq"] == [[1, 1]]
    assert (await second.heard("echo"))["echo"] == 5
    await ready(ingest)
    assert (await ingest.get("/v1/rejects", source=fresh))["items"] == []
    assert (await ingest.get("/v1/rejects", source=known))["items"] == []


async def test_without_kafka_nothing_is_acknowledged_and_all_comes_later(ingest, kafka_server):
    source = await ingest.registered("cam")
    device = ingest.device(source)
    device.publish("usage", usage(0))

    async def first() -> bool:
        return await seqs(ingest, source) == {0}

    await until(first)
    await kafka_server.kill()
    try:
        for seq in range(1, 30):
            device.publish("usage", usage(seq))

        async def in_flight() -> bool:
            return await metric(ingest, "playcaller_ingest_in_flight") == 29

        await until(in_flight)
    finally:
        await kafka_server.start()

    async def all_there() -> bool:
        return await seqs(ingest, source) == set(range(30))

    await until(all_there, 120)

    async def settled() -> bool:
        return await metric(ingest, "playcaller_ingest_in_flight") == 0

    await until(settled)


async def a_second_process(ingest, **extra: str) -> asyncio.subprocess.Process:
    environment = {**os.environ, **ingest.process.environment(), **extra}
    environment["HTTP_PORT"] = str(free_port())
    log = ingest.process.log.with_name("second.log")
    with log.open("ab") as out:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.ingest", env=environment, cwd=ROOT, stdout=out, stderr=out,
        )  # fmt: skip


async def test_a_second_owner_of_a_bucket_stands_back_and_says_so(ingest):
    second = await a_second_process(ingest, INGEST_TAKEOVERS="1")
    log = ingest.process.log.with_name("second.log")
    try:

        async def stands_back() -> bool:
            return "taken the session" in log.read_text()

        await until(stands_back)
        assert second.returncode is None
        await ready(ingest)
        source = await ingest.registered("cam")
        ingest.device(source).publish("usage", usage(1))

        async def there() -> bool:
            return await seqs(ingest, source) == {1}

        await until(there)
    finally:
        second.kill()
        await second.wait()


async def test_sigterm_tells_what_is_pending_and_exits_with_0(ingest):
    source = await ingest.registered("cam")
    assert await ingest.process.stop()
    single = await a_second_process(ingest, INGEST_ACK_EVENTS="1000", INGEST_ACK_AFTER_S="3600")
    try:
        device = ingest.device(source)
        device.publish("usage", usage(1))

        async def there() -> bool:
            return await seqs(ingest, source) == {1}

        await until(there)
        single.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(single.wait(), 40) == 0
        assert (await device.heard("ack"))["ack"]["seq"] == [[1, 1]]
        device.publish("usage", usage(2))  # nobody reads: the broker keeps it
    finally:
        if single.returncode is None:
            single.kill()
            await single.wait()
        await ingest.process.start()

    async def both() -> bool:
        return await seqs(ingest, source) == {1, 2}

    await until(both)


async def test_a_restart_does_not_forget_the_registry(ingest):
    source = new_id("cam")
    await ingest.post("/v1/devices", 201, json={"id": source, "model": "cam-2"})
    await ingest.process.stop()
    await ingest.process.start()
    assert (await ingest.get(f"/v1/devices/{source}"))["status"] == "registered"
