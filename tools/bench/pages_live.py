"""A hundred open queues while fifty tickets a second change: how far behind is a page?

A page here does what `static/live.js` does: it keeps one stream, and asks for those of its rows that have
changed, at most every 1.2 s. Tickets are commented on over support's own interface, so that
every change goes through its outbox, Kafka and console.
"""

import asyncio
import contextlib
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx
import msgspec
from rich.console import Console

from shared import ids
from shared.clock import monotonic

PAGES, PER_S, LASTS_S, REST_S = 100, 50, 30.0, 1.2
BEHIND_S = 2.0  # at most
OPEN = 10_000  # tickets; every tenth of all
ROWS, PART = "/tickets/panels/rows", {"HX-Request": "true"}


class Watch:
    """What was changed when, and how late pages drew it.

    Attributes:
        changed: when each ticket last changed.
        told: seconds from a change to the page that is told of it.
        drawn: seconds from a change of a row to the list that shows it.
        refused: changes that the service had no time for: the machine is too busy to say anything.
    """

    def __init__(self) -> None:
        self.changed: dict[str, float] = {}
        self.told: list[float] = []
        self.drawn: list[float] = []
        self.refused = 0


async def measure(link: str, support: str, auth: httpx.Auth) -> Watch:
    """Open the pages, change tickets, and watch."""
    parts, watch = urlsplit(link), Watch()
    limits = httpx.Limits(max_connections=3 * PAGES)
    async with httpx.AsyncClient(
        base_url=f"{parts.scheme}://{parts.netloc}", trust_env=False, timeout=60, limits=limits
    ) as http:
        (await http.get(link, follow_redirects=True)).raise_for_status()
        shown = [await _rows(http) for _ in range(PAGES)]  # one after another, as people come
        pages = [asyncio.create_task(_page(http, watch, rows)) for rows in shown]
        try:
            await asyncio.sleep(3)  # until all streams are open
            await _change(support, auth, watch)
            await asyncio.sleep(3)
        finally:
            for page in pages:
                page.cancel()
            await asyncio.gather(*pages, return_exceptions=True)
    return watch


async def _change(support: str, auth: httpx.Auth, watch: Watch) -> None:
    """Comment on tickets, PER_S of them, the first pages of the queue as often as all others."""
    async with httpx.AsyncClient(base_url=support, trust_env=False, auth=auth, timeout=60) as http:

        async def comment(n: int) -> None:
            ticket = f"t-{(n * 7919 % OPEN) * 10:06}"
            body = {"text": "We look at it", "audience": "internal"}
            key = {"Idempotency-Key": ids.random_id()}
            answer = await http.post(f"/v1/tickets/{ticket}/comment", json=body, headers=key)
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                watch.refused += 1
                return
            answer.raise_for_status()
            watch.changed[ticket] = monotonic()

        began, tasks = monotonic(), []
        for n in range(int(PER_S * LASTS_S)):
            tasks.append(asyncio.create_task(comment(n)))
            await asyncio.sleep(max(0.0, began + n / PER_S - monotonic()))
        await asyncio.gather(*tasks)


async def _rows(http: httpx.AsyncClient) -> list[str]:
    """The tickets of a queue, in its order."""
    page = (await http.get(ROWS)).raise_for_status()
    rows = re.findall(r'data-live="ticket:([^"]+)"', page.text)
    if not rows:
        raise ValueError("the queue shows no ticket")
    return rows


async def _page(http: httpx.AsyncClient, watch: Watch, rows: list[str]) -> None:
    mine = set(rows)
    wanted: dict[str, float] = {}
    looks: asyncio.Task[None] | None = None

    async def look() -> None:
        while wanted:
            since = dict(wanted)
            wanted.clear()
            only = {"only": sorted({*since, rows[-1]})}
            (await http.get(ROWS, params=only, headers=PART)).raise_for_status()
            watch.drawn.extend(monotonic() - at for at in since.values())
            await asyncio.sleep(REST_S)

    with contextlib.suppress(asyncio.CancelledError):
        async with http.stream("GET", "/live") as stream:
            async for line in stream.aiter_lines():
                if not line.startswith("data: {"):
                    continue
                now = monotonic()
                told = msgspec.json.decode(line[6:], type=Mapping[str, list[str]])
                for ticket in told.get("ticket", ()):
                    at = watch.changed.get(ticket, now)
                    watch.told.append(now - at)
                    if ticket in mine:
                        wanted.setdefault(ticket, at)
                if wanted and (looks is None or looks.done()):
                    looks = asyncio.create_task(look())
    if looks is not None:
        looks.cancel()


def show(out: Console, watch: Watch) -> None:
    """Percentiles and the worst."""
    out.print(
        f"{PAGES} open queues, {PER_S} changes a second for {LASTS_S:.0f} s, {watch.refused} refused:"
    )
    for what, values in (("told of a change", watch.told), ("row drawn anew", watch.drawn)):
        ordered = sorted(values)
        if not ordered:
            out.print(f"  {what}: nothing came")
            continue
        out.print(
            f"  {what}: {len(ordered):,} times, median {ordered[len(ordered) // 2]:.2f} s, p95 "
            f"{ordered[int(0.95 * len(ordered))]:.2f} s, longest {ordered[-1]:.2f} s; "
            f"over {BEHIND_S:.0f} s: {sum(late > BEHIND_S for late in ordered):,}"
        )
