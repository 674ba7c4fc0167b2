"""Kafka's log itself: made anew, grown past us, a second older, emptied, with fewer partitions.

Each leaves the log changed, so each has a system of its own. Where the log is gone a person decides
what happens next (docs/how-to/at-3-am.md); the trial does what that page says.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
from datetime import datetime

import asyncpg

from shared.clock import wall_now
from tools.faults import kafka
from tools.faults.compare import READS, Id, in_kafka, in_ledger
from tools.faults.device import written
from tools.faults.rig import CONSUMERS, Rig
from tools.faults.until import until
from tools.faults.well import is_well


async def _stopped(rig: Rig, service: str) -> list[str]:
    """Partitions that /readyz names as stopped."""
    _, waiting = await rig.ready(rig.services[service].url)
    return [place for place in waiting if place.endswith("]")]


async def _by_the_page(rig: Rig, services: tuple[str, ...]) -> int:
    """Forget the offsets of stopped partitions and restart, as the page for on-call says."""
    done = 0
    for service in services:
        places = await _stopped(rig, service)
        for place in places:
            topic, _, number = place.rstrip("]").partition("[")
            await rig.execute(
                service,
                "DELETE FROM consumer_offset WHERE topic = $1 AND partition = $2",
                topic,
                int(number),
            )
        if places:
            await rig.kill(service)
            await rig.start_again(service)
        done += len(places)
    return done


async def _healed(rig: Rig, services: tuple[str, ...]) -> None:
    """Do what the page says as often as a partition stops: each is read anew at its own time."""

    async def well() -> bool:
        await _by_the_page(rig, services)
        return await is_well(rig, 400)

    await until(well, 300, "everything is read on", every_s=2)


async def topic_made_anew(rig: Rig) -> list[str]:
    """`device.fault` deleted and made again under load: stopped by name, healed by the page."""
    await kafka.make_anew(rig.bootstrap, "device.fault")

    async def both_stopped() -> bool:
        return bool(await _stopped(rig, "support")) and bool(await _stopped(rig, "analytics"))

    await until(both_stopped, 60, "support and analytics stop their partitions", every_s=0.5)
    await _by_the_page(rig, ("support", "analytics"))
    return []


async def topic_grown_past(rig: Rig) -> list[str]:
    """Made anew and grown past the stored offset at once: nothing of it is skipped in silence."""
    event = {"type": "fault", "boot": "9f1c2ab37d405e68", "source": "young", "code": "y"}
    values = [
        json.dumps({**event, "customer": "cust-0", "seq": seq, "at": written(wall_now())}).encode()
        for seq in range(1, 600)
    ]
    await kafka.make_anew(rig.bootstrap, "device.fault")
    await kafka.produce(rig.bootstrap, "device.fault", values, partition=0)
    await asyncio.sleep(12)
    rows = await rig.rows("support", "SELECT seqs::text AS seqs FROM ledger WHERE source = 'young'")
    stopped = await _stopped(rig, "support")
    await _healed(rig, CONSUMERS)
    whole = [row["seqs"] for row in rows] == ["{[1,600)}"]
    if whole or any("device.fault[0]" in place for place in stopped):
        return []
    return [f"skipped in silence: the ledger has {[row['seqs'] for row in rows]}"]


async def log_a_second_older(rig: Rig) -> list[str]:
    """Kafka comes back without its last second; consumers run on, or are paused meanwhile (N14).

    What stood in that second is gone (DURABILITY=single says so); what is written afterwards counts.
    """
    wrong = []
    for paused in (None, "support"):
        moment = await _rolled_back(rig, paused)
        await asyncio.sleep(10)
        await _healed(rig, CONSUMERS)
        events = {
            id_
            for id_, event in (await in_kafka(rig)).items()
            if datetime.fromisoformat(event["at"]) > moment
        }
        for service in CONSUMERS:
            want = {id_ for id_ in events if id_[1] in READS[service]}
            if gone := await _never_counted(rig, service, want):
                wrong.append(
                    f"{service} ({paused or 'nobody'} paused): {gone} of {len(want)} written "
                    f"afterwards are skipped in silence"
                )
    return wrong


async def _never_counted(rig: Rig, service: str, want: set[Id]) -> int:
    """How many of these a service that reads on does not have after a minute."""
    gone = want

    async def all_there() -> bool:
        nonlocal gone
        with contextlib.suppress(OSError, asyncpg.PostgresError):  # no answer now is no answer
            gone = want - await in_ledger(rig, service)
        return not gone

    with contextlib.suppress(TimeoutError):
        await until(all_there, 60, f"{service} has counted everything", every_s=2)
    return len(gone)


async def _rolled_back(rig: Rig, paused: str | None) -> datetime:
    logs = rig.servers.kafka.data / "log"
    copy = logs.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    kafka_pids = rig.server_pids("kafka")
    os.kill(kafka_pids[0], signal.SIGSTOP)
    await asyncio.to_thread(shutil.copytree, logs, copy)
    os.kill(kafka_pids[0], signal.SIGCONT)
    await asyncio.sleep(0.7)
    moment = wall_now()
    sleeper = rig.pid(paused) if paused else None
    if sleeper is not None:
        os.kill(sleeper, signal.SIGSTOP)
    await rig.servers.kafka.kill()
    await asyncio.to_thread(shutil.rmtree, logs)
    copy.rename(logs)
    await rig.servers.kafka.start()
    await asyncio.sleep(4)
    if sleeper is not None:
        os.kill(sleeper, signal.SIGCONT)
    return moment


async def deleted_unread(rig: Rig) -> list[str]:
    """Records are deleted before support has read them: it says so, by place."""
    await rig.kill("support")
    await asyncio.sleep(5)
    await kafka.delete_unread(rig.bootstrap, "device.fault")
    await rig.starting("support")

    async def named() -> bool:
        return any("device.fault" in place for place in await _stopped(rig, "support"))

    await until(named, 60, "support names the partitions", every_s=0.5)
    await _healed(rig, CONSUMERS)  # analytics may have been behind, too
    return []


async def fewer_partitions(rig: Rig) -> list[str]:
    """`support.activity` with one partition: named, waited for, nobody dies of it (N9)."""
    deaths = len(rig.deaths)
    await kafka.make_anew(rig.bootstrap, "support.activity", partitions=1)
    device = rig.devices["cam-5"]
    for n in range(6):
        device.happen("fault", "fault", code=f"few{n}", component="x")

    async def six() -> bool:
        fresh_rows = await rig.rows("support", "SELECT 1 FROM ticket WHERE fault_code LIKE 'few%'")
        return len(fresh_rows) == 6

    await asyncio.sleep(25)
    await until(six, 60, "six tickets while the topic is wrong", every_s=1)
    wrong = [f"{name} died: {why}" for name, why in rig.deaths[deaths:]]
    await kafka.make_anew(rig.bootstrap, "support.activity")

    async def both_stopped() -> bool:  # they have read the topic of before
        return bool(await _stopped(rig, "journey")) and bool(await _stopped(rig, "analytics"))

    await until(both_stopped, 90, "journey and analytics stop their partitions", every_s=0.5)
    await _healed(rig, CONSUMERS)
    return wrong


async def unreadable(rig: Rig) -> list[str]:
    """2,000 records nobody can read, of one partition: the brake sees them, or all are set aside (N5)."""
    values = [b"{" + str(n).encode() for n in range(2_000)]
    await kafka.produce(rig.bootstrap, "device.fault", values, partition=1)
    await asyncio.sleep(10)
    stopped = [p for p in await _stopped(rig, "support") if p == "device.fault[1]"]
    said = [s for s in await rig.complaints() if "quarantine" in s or "too_much_poison" in s]
    await rig.execute("support", "DELETE FROM quarantine WHERE reason = 'undecodable'")
    await rig.execute("analytics", "DELETE FROM quarantine WHERE reason = 'undecodable'")
    for service in ("support", "analytics"):
        await rig.kill(service)
        await rig.start_again(service)
    return [] if stopped or said else ["2,000 unreadable records, and nobody said so"]


async def nothing_to_read(rig: Rig) -> list[str]:
    """Every partition of support stands: it still answers, and does not spin (N8)."""
    import psutil  # type: ignore[import-untyped]  # no stubs in the lock

    await rig.kill("support")
    await rig.execute("support", "UPDATE consumer_offset SET next_offset = next_offset + 1000000")
    await rig.starting("support")
    await asyncio.sleep(12)
    process = psutil.Process(rig.pid("support"))
    process.cpu_percent()
    await asyncio.sleep(4)
    busy = process.cpu_percent()
    await rig.kill("support")
    await rig.execute("support", "UPDATE consumer_offset SET next_offset = next_offset - 1000000")
    await rig.start_again("support")
    return [f"{busy:.0f} % of a core with nothing to read"] if busy > 30 else []
