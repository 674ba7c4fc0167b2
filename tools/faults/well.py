"""When is it well again? Ready, up to date, every ring empty."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import httpx

from shared.clock import monotonic
from tools.faults.rig import CONSUMERS, SERVICES, Rig


async def is_well(rig: Rig, lag: int) -> bool:
    """Every service is ready, and the consumers are nearly up to date."""
    for name in SERVICES:
        if rig.pid(name) is None or (await rig.ready(rig.services[name].url))[0] != 200:
            return False
    return await rig.lag(*CONSUMERS) <= lag


async def recovered(rig: Rig, seconds: float, lag: int = 400) -> float | None:
    """Seconds until it is well while the load goes on; None, it was not within `seconds`."""
    return await _within(seconds, lambda: is_well(rig, lag))


async def settled(rig: Rig, seconds: float) -> bool:
    """Wait until every ring is empty and everything is read; False: no step in so many seconds."""
    least: list[int] = []

    async def a_step() -> bool:
        held = sum(len(s.held) for d in rig.devices.values() for s in d.streams.values())
        left = held + await rig.lag(*CONSUMERS)
        if least and left >= least[-1] > 0:
            return False
        least.append(left)
        return True

    while not least or least[-1] > 0:
        if await _within(seconds, a_step) is None:
            return False
    return True


async def _within(seconds: float, look: Callable[[], Awaitable[bool]]) -> float | None:
    began = monotonic()
    while monotonic() - began < seconds:
        try:
            if await look():
                return round(monotonic() - began, 1)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, httpx.HTTPError):
            pass  # it is not well then
        except Exception as error:  # Kafka's client has many words for "away"
            if not type(error).__module__.startswith("aiokafka"):
                raise
        await asyncio.sleep(0.5)
    return None
