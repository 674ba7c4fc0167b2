"""A file of 100,000 devices and one of 100,000 customers, to their ends: how fast, and how soon it is seen."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx
from rich.console import Console

from shared.clock import monotonic

ROWS = 100_000
LOOK_S, PATIENCE_S = 0.2, 900.0
FILES: Mapping[str, tuple[str, str, Sequence[str]]] = {
    "devices": ("ingest", "/v1/devices/import", ("id,model", "new-{n:06},cam-3")),
    "customers": ("journey", "/v1/customers/import", ("id,name,zone", "new-{n:06},Person {n},UTC")),
}


@dataclass(frozen=True)
class Imported:
    """How an import went.

    Attributes:
        took_s: from the file to the end of its job.
        seen: different numbers of rows done that were told on the way.
        longest_s: that the number stood still.
    """

    state: str
    done: int
    failed: int
    took_s: float
    seen: int
    longest_s: float


async def measure(urls: Mapping[str, str], auth: httpx.Auth) -> Mapping[str, Imported]:
    """Import both, one after the other, as the console's page does."""
    return {
        name: await _imported(urls[service], path, lines, auth)
        for name, (service, path, lines) in FILES.items()
    }


async def _imported(url: str, path: str, lines: Sequence[str], auth: httpx.Auth) -> Imported:
    head, row = lines
    csv = "\n".join([head, *(row.format(n=n) for n in range(ROWS))])
    began = changed_at = monotonic()
    seen, longest_s = {0}, 0.0
    async with httpx.AsyncClient(base_url=url, trust_env=False, auth=auth, timeout=60) as http:
        begun = await http.post(path, content=csv, headers={"Content-Type": "text/csv"})
        job = begun.raise_for_status().json()["job"]
        async with asyncio.timeout(PATIENCE_S):
            while True:
                said = (await http.get(f"/v1/jobs/{job}")).raise_for_status().json()
                now = monotonic()
                if said["done"] not in seen:
                    longest_s, changed_at = max(longest_s, now - changed_at), now
                    seen.add(said["done"])
                if said["state"] != "running":
                    break
                await asyncio.sleep(LOOK_S)
    return Imported(
        said["state"], said["done"], said["failed"], now - began, len(seen) - 1, longest_s
    )


def show(out: Console, imported: Mapping[str, Imported]) -> None:
    """A line for each."""
    for name, job in imported.items():
        out.print(
            f"A file of {ROWS:,} {name}: {job.state} after {job.took_s:.0f} s, {job.done:,} done "
            f"({job.done / job.took_s:,.0f} a second), {job.failed:,} left out; progress told "
            f"{job.seen} times, at the latest after {job.longest_s:.1f} s"
        )
