"""A hundred open queues while fifty tickets a second change: how far behind is a page?

A page here does what `static/live.js` does: it keeps one stream, and asks for those of its rows that have
changed, at most every 1.2 s. Tickets are commented on over support's own interface, so that
every change goes through its outbox, Kafka and console. The pages are plain readers of sockets: a hundred
clients of httpx cost more than what they measure. What each process has cost is said beside it.
"""

import asyncio
import contextlib
import os
import re
import ssl
from collections.abc import AsyncIterator, Collection, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
from rich.console import Console

from shared import ids
from shared.clock import monotonic
from shared.web.client.sender import Sender

WITHIN_S = 60.0  # an answer
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
        cost_s: seconds of a core, by process; `these pages`: the clients themselves.
        lasted_s: from the first change to the last.
    """

    def __init__(self) -> None:
        self.changed: dict[str, float] = {}
        self.told: list[float] = []
        self.drawn: list[float] = []
        self.refused = 0
        self.cost_s: Mapping[str, float] = {}
        self.lasted_s = 0.0


class Client:
    """One browser: its cookies, a connection for its stream and one for what it asks."""

    def __init__(self, base: str, cookies: str) -> None:
        self._base = base
        self._headers = {"Cookie": cookies}
        self._sender = Sender(ssl.create_default_context(), 2)

    async def get(self, path: str, only: Collection[str] = ()) -> str:
        """A page or a part of one."""
        until_s = asyncio.get_running_loop().time() + WITHIN_S
        headers = {**self._headers, **PART}
        params = {"only": only} if only else None
        url = f"{self._base}{path}"
        heard = await self._sender.send("GET", url, until_s, headers=headers, params=params)
        if heard.status != httpx.codes.OK:
            raise ValueError(f"{path} answered {heard.status}")
        return heard.content.decode()

    async def stream(self, path: str) -> AsyncIterator[bytes]:
        """Lines of a stream, those between its chunks too."""
        parts = urlsplit(self._base)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            headers = {"Host": parts.netloc, **self._headers}
            said = (f"GET {path} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items()))
            writer.write("\r\n".join((*said, "", "")).encode())
            while line := await reader.readline():
                yield line
        finally:
            writer.close()

    async def close(self) -> None:
        """Close what it asks by."""
        await self._sender.close()


async def measure(link: str, support: str, auth: httpx.Auth, pids: Mapping[str, int]) -> Watch:
    """Open the pages, change tickets, and watch.

    Args:
        pids: of the processes whose cost is told.
    """
    parts, watch = urlsplit(link), Watch()
    base = f"{parts.scheme}://{parts.netloc}"
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=WITHIN_S) as http:
        (await http.get(link, follow_redirects=True)).raise_for_status()
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in http.cookies.jar)
    clients = [Client(base, cookies) for _ in range(PAGES)]
    shown = [await _rows(client) for client in clients]  # one after another, as people come
    pages = [
        asyncio.create_task(_page(client, watch, rows))
        for client, rows in zip(clients, shown, strict=True)
    ]
    try:
        await asyncio.sleep(3)  # until all streams are open
        before, began = _cost_s(pids), monotonic()
        await _change(support, auth, watch)
        watch.lasted_s, after = monotonic() - began, _cost_s(pids)
        watch.cost_s = {name: after[name] - before[name] for name in after}
        await asyncio.sleep(3)
    finally:
        for page in pages:
            page.cancel()
        await asyncio.gather(*pages, return_exceptions=True)
        await asyncio.gather(*(client.close() for client in clients))
    return watch


def _cost_s(pids: Mapping[str, int]) -> Mapping[str, float]:
    """What processes have cost so far, and we ourselves."""
    costs = {"these pages": sum(os.times()[:2])}
    for name, pid in pids.items():
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        costs[name] = (int(fields[11]) + int(fields[12])) / os.sysconf(
            "SC_CLK_TCK"
        )  # proc_pid_stat(5)
    return costs


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


async def _rows(client: Client) -> list[str]:
    """The tickets of a queue, in its order."""
    rows = re.findall(r'data-live="ticket:([^"]+)"', await client.get(ROWS))
    if not rows:
        raise ValueError("the queue shows no ticket")
    return rows


async def _page(client: Client, watch: Watch, rows: list[str]) -> None:
    mine = set(rows)
    wanted: dict[str, float] = {}
    looks: asyncio.Task[None] | None = None

    async def look() -> None:
        while wanted:
            since = dict(wanted)
            wanted.clear()
            await client.get(ROWS, sorted({*since, rows[-1]}))
            watch.drawn.extend(monotonic() - at for at in since.values())
            await asyncio.sleep(REST_S)

    with contextlib.suppress(asyncio.CancelledError):
        async for line in client.stream("/live"):
            if not line.startswith(b"data: {"):
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
    cores = {name: seconds / watch.lasted_s for name, seconds in watch.cost_s.items()}
    out.print(
        "  of a core: " + ", ".join(f"{name} {share:.0%}" for name, share in sorted(cores.items()))
    )
