"""How long until a fault is a ticket that people can read, while 500 events/s pass by."""

import asyncio
import contextlib
from itertools import cycle, islice

import httpx
from rich.console import Console

from shared.clock import monotonic
from tools.bench.devices import Devices

LOAD_PER_S = 500
TURNS_PER_S = 50
SAMPLES = 300
WARM = 20
POLL_S = 0.004
LIMIT_S = 20.0


async def measure(devices: Devices, support_url: str, auth: httpx.Auth) -> list[float]:
    """Seconds from publishing a fault to reading its ticket over HTTP; shape (SAMPLES,)."""
    load = asyncio.create_task(pass_by(devices))
    try:
        async with httpx.AsyncClient(base_url=support_url, trust_env=False, auth=auth) as http:
            times = [await _one(devices, http, n) for n in range(WARM + SAMPLES)]
    finally:
        load.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await load
    return times[WARM:]


async def pass_by(devices: Devices) -> None:
    """Uses, LOAD_PER_S of them, until it is cancelled."""
    sources = cycle(devices.ids)
    began, turn = monotonic(), 0
    while True:
        devices.publish_uses(islice(sources, LOAD_PER_S // TURNS_PER_S))
        turn += 1
        await asyncio.sleep(max(0.0, began + turn / TURNS_PER_S - monotonic()))


async def _one(devices: Devices, http: httpx.AsyncClient, n: int) -> float:
    source, code = devices.ids[n % len(devices.ids)], f"bench-{n}"
    began = monotonic()
    devices.publish(source, "fault", "fault", code=code)
    while monotonic() - began < LIMIT_S:
        answer = await http.get("/v1/tickets", params={"device": source, "fault_code": code})
        if answer.json()["items"]:
            return monotonic() - began
        await asyncio.sleep(POLL_S)
    raise TimeoutError(f"no ticket for {code} after {LIMIT_S:.0f} s")


def show(out: Console, times: list[float], of: str = "faults") -> None:
    """p50, p95, p99 and the maximum, in milliseconds."""
    ordered = sorted(times)

    def at(share: float) -> float:
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    out.print(
        f"{len(times)} {of} at {LOAD_PER_S} events/s beside them: p50 {at(0.5):.0f} ms, "
        f"p95 {at(0.95):.0f} ms, p99 {at(0.99):.0f} ms, max {1000 * ordered[-1]:.0f} ms "
        f"(asked every {1000 * POLL_S:.0f} ms)"
    )
