"""The ways between: connections reset, refused, held back, answers lost."""

import asyncio
import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from shared.clock import wall_now
from tools.faults import kafka
from tools.faults.device import Device
from tools.faults.proxy import Proxy
from tools.faults.rig import Rig
from tools.faults.until import until
from tools.faults.well import recovered

_rng = random.Random(3)  # noqa: S311 - no secret
HOLD_S = 20.0  # until the recovery's hold ends


async def kafka_reset(rig: Rig) -> list[str]:
    """Between ingest and Kafka: reset six times, refused for 10 s, five answers lost."""
    proxy = rig.proxies["ingest"]
    for _ in range(6):
        proxy.reset()
        await asyncio.sleep(_rng.uniform(0.3, 1.5))
    proxy.refuses = True
    proxy.reset()
    await asyncio.sleep(10)
    proxy.refuses = False
    await asyncio.sleep(3)
    for _ in range(5):  # the request arrives, its answer does not
        proxy.hold(up=False)
        await asyncio.sleep(0.5)
        proxy.reset()
        proxy.release()
        await asyncio.sleep(1.5)
    return []


async def kafka_silent(rig: Rig) -> list[str]:
    """Bytes between ingest and Kafka held back for 25 s, then for 60 s."""
    proxy = rig.proxies["ingest"]
    for seconds in (25, 60):
        proxy.hold()
        await asyncio.sleep(seconds)
        proxy.release()
        await asyncio.sleep(3)
    return []


async def commit_unanswered(rig: Rig) -> list[str]:
    """The answer to COMMIT is lost now and then (support)."""
    proxy = rig.database_proxy
    proxy.cuts_at = lambda data: b"COMMIT" in data and _rng.random() < 0.15
    await asyncio.sleep(20)
    proxy.cuts_at = None
    return [] if proxy.cuts else ["no COMMIT was cut"]


async def commits_swallowed(rig: Rig) -> list[str]:
    """Kafka hears nothing of support's offsets for a while: told later, also of what is quiet (N17)."""
    proxy = rig.proxies["support"]
    proxy.swallows_at = kafka.asks_to_commit
    for n in range(6):
        customer = {"id": f"quiet-{n}", "profile": {"name": "Ana"}}
        await rig.post("journey", "/v1/customers", customer)
    quiet = "SELECT partition, next_offset FROM consumer_offset WHERE topic = 'customer.changed'"
    try:
        await until(lambda: _cut(proxy, 3), 60, "three commits are swallowed", every_s=0.5)
    finally:
        proxy.swallows_at = None

    async def is_told() -> bool:
        told = await kafka.committed(rig.bootstrap, "support")
        rows = await rig.rows("support", quiet)
        places = {("customer.changed", row["partition"]): row["next_offset"] for row in rows}
        return sum(places.values()) > 0 and all(told.get(p, 0) == at for p, at in places.items())

    await until(is_told, 60, "Kafka is told where the quiet partitions stand", every_s=1)
    return []


async def _cut(proxy: Proxy, times: int) -> bool:
    return proxy.cuts >= times


class Waiting:
    """A fault that has recovered; its ticket is closed when the hold ends, unless it comes back."""

    def __init__(self, device: Device, code: str, now: datetime, hold_s: float = HOLD_S) -> None:
        self.code = code
        self._device, self._back = device, now - timedelta(minutes=30) + timedelta(seconds=hold_s)
        device.happen("fault", "fault", at=now - timedelta(minutes=40), code=code, component="t")
        device.happen("fault", "recovered", at=self._back, code=code, component="t")

    async def applied(self, rig: Rig) -> None:
        """Wait until support has both."""

        async def is_due() -> bool:
            query = "SELECT recovery_due FROM fault_key WHERE code = $1"
            rows = await rig.rows("support", query, self.code)
            return bool(rows) and rows[0]["recovery_due"] is not None

        await until(is_due, 20, "the recovery is applied")

    def again(self) -> None:
        """Ten minutes after the recovery it happened again: the ticket must simply stay open."""
        at = self._back + timedelta(minutes=10)
        self._device.happen("fault", "fault", at=at, code=self.code, component="t")

    async def wrong(self, rig: Rig, how: str) -> list[str]:
        """What support decided in the end."""

        async def both() -> list[Any]:
            query = (
                "SELECT t.state, t.reopen_count FROM fault_key k JOIN ticket t ON t.id = k.ticket "
                "WHERE k.code = $1 AND k.faults >= 2"
            )
            return await rig.rows("support", query, self.code)

        (row,) = await until(both, 60, "support has the second fault")
        if row["state"] == "open" and row["reopen_count"] == 0:
            return []
        return [f"{how}: the ticket is {row['state']}, reopened {row['reopen_count']} times"]


async def timer_and_backlog(rig: Rig) -> list[str]:
    """A timer may not act while a record that forbids it is in Kafka, unread (N7)."""
    proxy, wrong = rig.proxies["support"], []
    held = Waiting(rig.devices["cam-2"], "timer-held", wall_now())
    await held.applied(rig)
    proxy.hold()
    held.again()
    await asyncio.sleep(HOLD_S + 6)
    proxy.release()
    wrong += await held.wrong(rig, "Kafka held back from support while the hold ended")
    for delay_s, how in ((0.0, "support was down"), (0.3, "support was down, Kafka 300 ms away")):
        await recovered(rig, 60)
        down = Waiting(rig.devices["cam-3"], f"timer-down-{delay_s}", wall_now())
        await down.applied(rig)
        await rig.kill("support")
        down.again()
        await asyncio.sleep(HOLD_S + 2)
        proxy.delay_s = delay_s
        await rig.start_again("support")
        wrong += await down.wrong(rig, how)
        proxy.delay_s = 0.0
    return wrong


HOLDER = (
    "SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'advisory' AND l.objid = 7002 AND l.granted AND a.datname = 'support'"
)


async def relay_loses_its_lock(rig: Rig) -> list[str]:
    """The session that holds the relay's lock is ended: one leads again, and only one (N6)."""
    before = await rig.rows("support", HOLDER)
    if len(before) != 1:
        return [f"{len(before)} relays held the lock before"]
    told = await _activity(rig)  # a producer that was cut off has told some twice: allowed
    await rig.execute("support", f"SELECT pg_terminate_backend({before[0]['pid']})")
    second = await rig.second("support")

    async def one() -> bool:
        rows = await rig.rows("support", HOLDER)
        return len(rows) == 1 and rows[0]["pid"] != before[0]["pid"]

    await until(one, 20, "one relay holds the lock again", every_s=0.5)
    devices = [device for device in rig.devices.values() if device.kind == "devices"]
    for n in range(60):
        devices[n % len(devices)].happen("fault", "fault", code=f"r{n // 20}", component="relay")
    await asyncio.sleep(5)
    await second.end()
    records = (await _activity(rig)) - told
    twice = sum(count - 1 for count in records.values())
    return [f"{twice} events of support are in Kafka twice"] if twice else []


async def _activity(rig: Rig) -> Counter[bytes]:
    records = await kafka.read(rig.bootstrap, ["support.activity"])
    return Counter(record.headers["ce_id"] for record in records if "ce_id" in record.headers)
