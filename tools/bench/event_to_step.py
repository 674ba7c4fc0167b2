"""How long until an event has begun a play's first step, while 500 events/s pass by."""

import asyncio
import contextlib

import httpx
from rich.console import Console

from shared.clock import monotonic
from tools.bench import fault_to_ticket
from tools.bench.devices import Devices

SAMPLES = 200
WARM = 10
LIMIT_S = 20.0


async def measure(devices: Devices, urls: dict[str, str], auth: httpx.Auth) -> list[float]:
    """Seconds from publishing that a set-up began to reading the run at its first step."""
    names = [f"starts-{n}" for n in range(WARM + SAMPLES)]
    async with httpx.AsyncClient(base_url=urls["ingest"], trust_env=False, auth=auth) as http:
        for name in names:
            answer = await http.post("/v1/devices", json={"id": name, "model": "bench"})
            answer.raise_for_status()
            claims = [{"source": name, "customer": name}]
            (await http.post("/v1/claims", json={"claims": claims})).raise_for_status()
    load = asyncio.create_task(fault_to_ticket.pass_by(devices))
    try:
        async with httpx.AsyncClient(base_url=urls["journey"], trust_env=False, auth=auth) as http:
            times = [await _one(devices, http, name) for name in names]
    finally:
        load.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await load
    return times[WARM:]


async def _one(devices: Devices, http: httpx.AsyncClient, name: str) -> float:
    began = monotonic()
    devices.publish(name, "lifecycle", "setup_started")
    while monotonic() - began < LIMIT_S:
        answer = await http.get(f"/v1/customers/{name}/plays")
        if answer.is_success and any(run["step"] for run in answer.json()["runs"]):
            return monotonic() - began
        await asyncio.sleep(fault_to_ticket.POLL_S)
    raise TimeoutError(f"no run for {name} after {LIMIT_S:.0f} s")


def show(out: Console, times: list[float]) -> None:
    """p50, p95, p99 and the maximum, in milliseconds."""
    fault_to_ticket.show(out, times, "first steps")
