"""PostgreSQL, Kafka and mosquitto: ended, killed, frozen, wiped, full."""

import asyncio
import os
import random
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from tools.faults.rig import CONSUMERS, SERVICES, Rig
from tools.faults.until import until
from tools.local import unprivileged

_rng = random.Random(7)  # noqa: S311 - no secret

SESSIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE usename IN ('ingest', 'journey', 'support', 'analytics') AND pid <> pg_backend_pid()"
)


async def sessions_ended(rig: Rig) -> list[str]:
    """Every session of PostgreSQL ended, twelve times."""
    for _ in range(12):
        await rig.execute("postgres", SESSIONS)
        await asyncio.sleep(_rng.uniform(0.3, 1.0))
    return []


async def postgres_restarted(rig: Rig) -> list[str]:
    """Restarted in order, then `kill -9` and started."""
    await rig.servers.postgres.stop()
    await asyncio.sleep(6)
    await rig.servers.postgres.start()
    await asyncio.sleep(3)
    await rig.servers.postgres.kill()
    await asyncio.sleep(3)
    await rig.servers.postgres.start()
    return []


async def _frozen(rig: Rig, server: str, seconds: float) -> list[str]:
    pids = rig.server_pids(server)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    return []


async def postgres_frozen(rig: Rig) -> list[str]:
    """SIGSTOP for 45 s."""
    return await _frozen(rig, "postgres", 45)


async def kafka_frozen(rig: Rig) -> list[str]:
    """SIGSTOP for 30 s."""
    return await _frozen(rig, "kafka", 30)


async def mosquitto_frozen(rig: Rig) -> list[str]:
    """SIGSTOP for 45 s."""
    return await _frozen(rig, "mosquitto", 45)


async def kafka_away(rig: Rig) -> list[str]:
    """Stopped for 60 s."""
    await rig.servers.kafka.stop()
    await asyncio.sleep(60)
    await rig.servers.kafka.start()
    return []


async def kafka_killed(rig: Rig) -> list[str]:
    """`kill -9` twice, started at once; afterwards every consumer has its group and is quick."""
    for _ in range(2):
        await rig.servers.kafka.kill()
        await asyncio.sleep(1)
        await rig.servers.kafka.start()
        await asyncio.sleep(5)
    return []


async def kafka_away_then_killed(rig: Rig) -> list[str]:
    """A minute away, then killed twice: no consumer stays without its group (N16)."""
    await kafka_away(rig)
    await kafka_killed(rig)
    await asyncio.sleep(65)  # the watchdog's minute without a group

    async def all_have_groups() -> bool:
        return not any("MISSING" in sentence for sentence in await rig.complaints())

    await until(all_have_groups, 90, "every consumer has its group back", every_s=3)
    return []


async def mosquitto_killed(rig: Rig) -> list[str]:
    """`kill -9` twice."""
    for _ in range(2):
        await rig.servers.mosquitto.kill()
        await asyncio.sleep(1)
        await rig.servers.mosquitto.start()
        await asyncio.sleep(5)
    return []


async def mosquitto_wiped(rig: Rig) -> list[str]:
    """Killed with a queue, its file deleted: sources send again what was not acked."""
    await rig.kill("ingest")  # so that the broker has a queue to lose
    await asyncio.sleep(5)
    await rig.servers.mosquitto.kill()
    (rig.servers.mosquitto.data.resolve() / "mosquitto.db").unlink(missing_ok=True)
    await rig.servers.mosquitto.start()
    await rig.start_again("ingest")
    return []


async def _widened(rig: Rig, service: str, table: str) -> None:
    """As a migration does: it gives way to a long transaction, and is run again."""

    async def is_wider() -> bool:
        try:
            await rig.execute(
                service, f"SET lock_timeout = '5s'; ALTER TABLE \"{table}\" ADD COLUMN zz int"
            )
        except asyncpg.LockNotAvailableError:
            return False
        return True

    await until(is_wider, 60, f"{table} has a column more", every_s=1)


async def columns_added(rig: Rig) -> list[str]:
    """An expanding migration under load: a column more in every table of every database."""
    wrong = []
    for service in SERVICES:
        tables = await rig.rows(
            service, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
        for row in tables:
            await _widened(rig, service, row["tablename"])
        await asyncio.sleep(1)
    rig.devices["cam-7"].publish("usage", b"{")  # a reject, so that ingest writes
    await asyncio.sleep(8)
    for service in CONSUMERS:
        rows = await rig.rows(
            service, "SELECT reason FROM quarantine WHERE reason <> 'seq_conflict' LIMIT 3"
        )
        wrong += [f"{service} set records aside: {row['reason']}" for row in rows]
    return wrong


async def disk_full(rig: Rig) -> list[str]:
    """PostgreSQL's disk is full for 25 s: as many new rows as fit, then none."""
    folder = rig.servers.postgres.data
    filler = folder / "filler"
    with filler.open("wb") as out:
        try:
            for _ in range(shutil.disk_usage(folder).free // 65_536 - 8):
                out.write(b"x" * 65_536)
        except OSError:
            pass  # it is full
    devices = [device for device in rig.devices.values() if device.kind == "devices"]
    for n in range(200):  # new problems and tickets, so that tables grow
        devices[n % len(devices)].happen(
            "fault", "fault", code=f"full{n // 40}", component=f"c{n % 3}"
        )
        if n % 8 == 0:
            await asyncio.sleep(1)
    await asyncio.to_thread(filler.unlink)
    server = rig.servers.postgres
    if server.find() is None or not await server.is_healthy(server.ports):
        await server.stop()  # it has panicked, as PostgreSQL does when its log cannot be written
        await server.start()
    return []


@contextmanager
def small_disk(folder: Path, megabytes: int = 400) -> Iterator[None]:
    """PostgreSQL's data on a disk of its own size, while it lasts (Linux, root)."""
    folder.mkdir(mode=0o700)  # as an installation makes it
    wanted = folder / "data" / "postgres"
    data, owner = unprivileged.data_folder(wanted), unprivileged.user()
    options = f"size={megabytes}m,mode=0700,uid={owner},gid={owner}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(data)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(data)], check=True)
        unprivileged.remove(wanted)
