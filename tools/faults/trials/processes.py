"""Processes of ours: killed, stopped, frozen, joined by others, told to end."""

import asyncio
import os
import random
import signal

from shared.clock import monotonic
from tools.faults.rig import CONSUMERS, SERVICES, SESSION_S, Rig

# moments nobody chose, but the same in every run
_rng = random.Random(9)  # noqa: S311 - no secret


async def nothing(rig: Rig) -> list[str]:
    """No fault: what the comparison says of a calm system."""
    deaths = len(rig.deaths)
    await asyncio.sleep(6)
    return [f"{name} died: {why}" for name, why in rig.deaths[deaths:]]


async def kill_ingest(rig: Rig) -> list[str]:
    """`kill -9` four times, started again after a moment."""
    for _ in range(4):
        await rig.kill("ingest")
        await asyncio.sleep(_rng.uniform(0.2, 1.5))
        await rig.start_again("ingest")
        await asyncio.sleep(_rng.uniform(0.5, 2))
    return []


async def kill_consumers(rig: Rig) -> list[str]:
    """All three at once, three times."""
    for _ in range(3):
        await rig.kill(*CONSUMERS)
        await asyncio.sleep(_rng.uniform(0.2, 1.0))
        await rig.start_again(*CONSUMERS)
        await asyncio.sleep(_rng.uniform(0.3, 3))
    return []


async def stopped_beyond_its_session(rig: Rig) -> list[str]:
    """SIGSTOP of support while a second one takes over; then it wakes and believes it still leads."""
    second = await rig.second("support")
    pid = rig.pid("support")
    if pid is None:
        return ["support does not run"]
    rig.fault_began = monotonic()
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(3.0 * SESSION_S)
    lag = await rig.lag("support")
    os.kill(pid, signal.SIGCONT)
    await asyncio.sleep(SESSION_S)
    for victim, seconds in ((pid, 0.4 * SESSION_S), (second.pid, 1.2 * SESSION_S)):
        os.kill(victim, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        os.kill(victim, signal.SIGCONT)
        await asyncio.sleep(1.5)
    await second.end()
    return [f"{lag} records waited though a second one ran"] if lag > 1_000 else []


async def joined_while_stopped(rig: Rig) -> list[str]:
    """A third member joins while the second is stopped: who waits must answer all the same."""
    second = await rig.second("support")
    os.kill(second.pid, signal.SIGSTOP)
    third = asyncio.create_task(rig.second("support"))
    await asyncio.sleep(4)
    slow = 0.0
    for _ in range(4):
        began = asyncio.get_running_loop().time()
        await rig.ready(rig.services["support"].url)
        slow = max(slow, asyncio.get_running_loop().time() - began)
        await asyncio.sleep(0.5)
    os.kill(second.pid, signal.SIGCONT)
    for process in (second, await third):
        await process.end()
    return [f"/readyz took {slow:.1f} s while the group formed"] if slow > 2 else []


async def stop_ingest(rig: Rig) -> list[str]:
    """SIGSTOP for longer than the broker waits for its keep-alive."""
    pid = rig.pid("ingest") or 0
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(45)
    os.kill(pid, signal.SIGCONT)
    return []


async def told_to_end(rig: Rig) -> list[str]:
    """SIGTERM to each in turn, in mid-load: no force is needed."""
    wrong = []
    for name in SERVICES:
        rig.down.add(name)  # the restarter must not be faster
        if not await rig.services[name].stop():
            wrong.append(f"{name} had to be ended by force")
        await rig.start_again(name)
    return wrong


async def second_ingest(rig: Rig) -> list[str]:
    """A second ingest for the same buckets, for half a minute: both live, each bucket has one.

    Which of the two wins a bucket is chance, so neither needs to be ready meanwhile.
    """
    second = await rig.second("ingest", "/livez")
    await asyncio.sleep(30)
    if (ended := second.child.returncode) is not None:
        return [f"the second ingest ended with {ended}"]
    await second.end()
    return []


async def seconds_come_and_go(rig: Rig) -> list[str]:
    """A second support five times, ended gently or by force."""
    for _ in range(5):
        second = await rig.second("support")
        await asyncio.sleep(_rng.uniform(1, 4))
        await second.end(_rng.choice([signal.SIGTERM, signal.SIGKILL]))
    return []


async def power_cut(rig: Rig) -> list[str]:
    """All services and all servers at once."""
    await rig.kill(*SERVICES)
    servers = (rig.servers.postgres, rig.servers.kafka, rig.servers.mosquitto)
    await asyncio.gather(*(server.kill() for server in servers))
    await asyncio.gather(*(server.start() for server in servers))
    await rig.start_again(*SERVICES)
    return []
