"""Too much of something: what fails, what is large, what promises nothing."""

import asyncio
import json

import psutil  # type: ignore[import-untyped]  # no stubs in the lock

from shared.clock import wall_now
from tools.faults import kafka
from tools.faults.device import written
from tools.faults.rig import Rig
from tools.faults.trials.sources import ASIDE, INDIGESTIBLE, devices_of
from tools.faults.until import until

MB = 1 << 20
EACH = 12  # records of each of 20 devices: more than two processes may set aside
BRAKE_S = 90.0


async def brake_and_rebalance(rig: Rig) -> list[str]:
    """Everybody's records fail: the brake holds, also while another process comes and goes (N10)."""
    await rig.execute("support", INDIGESTIBLE)
    devices = devices_of(rig)
    for _ in range(EACH):
        for device in devices:
            device.happen("fault", "fault", code="indigestible", component="brake")
        await asyncio.sleep(0.2)
    await _stands(rig, rig.services["support"].url)
    second = await rig.second("support", "/livez")
    await _stands(rig, second.url)
    await second.end()
    await _stands(rig, rig.services["support"].url)
    aside = (await rig.rows("support", ASIDE))[0]["n"]
    await rig.execute("support", "DROP TRIGGER indigestible ON fault_key")
    await rig.kill("support")
    await rig.start_again("support")

    async def none_aside() -> bool:
        await rig.post("support", "/v1/quarantine/replay?topic=device.fault&dry_run=false")
        return bool((await rig.rows("support", ASIDE))[0]["n"] == 0)

    await until(none_aside, BRAKE_S, "everything is replayed", every_s=1)
    most = EACH * len(devices) // 2
    return [f"{aside} records went aside, of {2 * most}"] if aside > most else []


async def _stands(rig: Rig, url: str) -> None:
    async def is_said() -> bool:
        _, waiting = await rig.ready(url)
        return any("too_much_poison" in sentence for sentence in waiting.values())

    await until(is_said, BRAKE_S, "a partition stops", every_s=0.5)


LARGE = {f"f{n}": "x1" * 120 for n in range(60)}
RECORDS = 900  # of each partition: together 90 MB
ROOM_MB = 250


async def large_backlog(rig: Rig) -> list[str]:
    """A backlog of the largest events there may be: journey reads it in little memory (N11)."""
    await rig.kill("journey")
    event = {"type": "usage", "boot": "b1b1b1b1b1b1b1b1", "by": "automation", "extra": LARGE}
    for place in range(6):
        source = {"source": f"large-{place}", "customer": f"large-{place}"}
        values = [
            json.dumps({**event, **source, "seq": seq, "at": written(wall_now())}).encode()
            for seq in range(RECORDS)
        ]
        await kafka.produce(rig.bootstrap, "device.usage", values, partition=place)
    await rig.starting("journey")
    most = 0

    async def is_read() -> bool:
        nonlocal most
        most = max(most, _resident(rig, "journey"))
        return await rig.lag("journey") < 400

    await until(is_read, 120, "journey has read the backlog", every_s=0.2)
    return [] if most < ROOM_MB else [f"journey took {most} MB"]


UNPROMISED = 40_000
GROWS_MB = 80


async def unpromised(rig: Rig) -> list[str]:
    """Kafka is away, one device floods with QoS 0: ingest keeps a bounded part of it (N23)."""
    before = _resident(rig, "ingest")
    await rig.servers.kafka.stop()
    device, note = rig.devices["cam-6"], "x1" * 1_000
    for n in range(UNPROMISED):
        at = written(wall_now())
        use = {"type": "usage", "by": "automation", "at": at, "sent": at, "n": n, "note": note}
        device.shout("usage", json.dumps(use).encode())
        if n % 100 == 0:
            await asyncio.sleep(0.01)
    await asyncio.sleep(3)
    grown = _resident(rig, "ingest") - before
    await rig.servers.kafka.start()
    return [] if grown < GROWS_MB else [f"ingest grew by {grown} MB"]


def _resident(rig: Rig, service: str) -> int:
    """MB of memory of a service; 0, it does not run."""
    pid = rig.pid(service)
    return 0 if pid is None else int(psutil.Process(pid).memory_info().rss // MB)
