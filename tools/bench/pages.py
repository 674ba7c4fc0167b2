"""How long the console's pages take on databases as large as a vendor's: p95 as a client sees it."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from shared.clock import monotonic
from tools.bench import pages_import, pages_live, pages_seen
from tools.bench.pages_full import fill
from tools.local.auth import Operator
from tools.local.servers import Servers
from tools.local.services import Services
from tools.screens.screen import Screen

TIMES, WARM = 40, 5
PAGE_MS, PALETTE_MS = 100, 150  # p95 at most
CUSTOMER, DEVICE, TICKET = "c-050000", "cam-050000", "t-050000"
PLAY, MESSAGE = "set-up%20help", "set-up-help"
LOOKS: Mapping[str, Sequence[str]] = {
    "csm": (
        "/today", "/customers", "/customers?stage=engaged&model=cam-3&firmware=4.2",
        "/customers?text=person+4711", f"/customers/{CUSTOMER}", "/devices",
        "/devices?model=cam-3&firmware=4.2", f"/devices/{DEVICE}", "/journey", "/at-risk",
        f"/at-risk/{CUSTOMER}", "/renewals", "/products", "/plays", f"/plays/{PLAY}",
        f"/plays/{PLAY}/rehearsal", "/messages", f"/messages/{MESSAGE}", "/tasks", "/handoffs",
        "/portfolios", "/discoveries", "/suppressions", "/referrals", "/apps", "/account",
        f"/customers/{CUSTOMER}/profile", f"/customers/{CUSTOMER}/subscription",
        "/palette?q=person+4711", "/palette?q=cam-0500", "/palette?q=zwieback",
    ),
    "agent": (
        "/today", "/tickets", "/tickets?text=dark", "/tickets?text=4711", "/tickets?state=all",
        f"/tickets/{TICKET}", "/palette?q=picture+4711",
    ),
    "marketing": ("/today", "/journey", f"/plays/{PLAY}/draft", f"/plays/{PLAY}/audience"),
    "lead": ("/today", "/customers", "/portfolios"),
    "product": ("/today", "/products", "/imports"),
    "partner": ("/today", "/tickets", "/tasks", "/handoffs"),
    "admin": ("/today", "/people", "/audit", "/jobs", "/keys", "/organisations"),
    "oncall": ("/today", "/on-call", "/on-call/rejects"),
}  # fmt: skip


class Looked:
    """What was seen of a page.

    Attributes:
        took: milliseconds of each look.
        late: panels that the page came without, of all looks.
        failed: answers that were none.
    """

    def __init__(self) -> None:
        self.took: list[float] = []
        self.late = self.failed = 0


async def run(out: Console, folder: Path) -> None:
    """Measure and show."""
    servers = Servers(folder, end_with_parent=True)
    endpoints = await servers.start()
    services = Services(folder, endpoints, end_with_parent=True)
    try:
        await services.prepare()
        await fill(endpoints.owner_urls)
        urls = await services.start()
        links = dict(zip(LOOKS, await services.entry_links(*LOOKS), strict=True))
        show(out, {role: await _looked(link, LOOKS[role]) for role, link in links.items()})
        again = dict(zip(LOOKS, await services.entry_links(*LOOKS), strict=True))
        pages_seen.show(out, await pages_seen.measure(again["csm"], LOOKS["csm"]))
        link = (await services.entry_links("agent"))[0]
        auth = Operator(folder)
        pages_live.show(out, await pages_live.measure(link, urls["support"], auth, services.pids()))
        pages_import.show(out, await pages_import.measure(urls, auth))
    finally:
        await services.stop()
        await servers.stop()
        servers.erase()


async def _looked(link: str, paths: Sequence[str]) -> Mapping[str, Looked]:
    """Every page in turn, as one who looks for the first time in a while would."""
    base, _, rest = link.partition("/sign-in")
    looks = {path: Looked() for path in paths}
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=30) as http:
        (await http.get(f"/sign-in{rest}", follow_redirects=True)).raise_for_status()
        for n in range(WARM + TIMES):
            for path, looked in looks.items():
                began = monotonic()
                page = await http.get(path)
                if n >= WARM:
                    looked.took.append((monotonic() - began) * 1000)
                    looked.late += page.text.count('hx-trigger="load"')
                    looked.failed += not page.is_success
    return looks


def p95(values: Sequence[float]) -> float:
    """By nearest rank; NaN of none.

    >>> p95(range(1, 101))
    95
    """
    ordered = sorted(values)
    return ordered[math.ceil(0.95 * len(ordered)) - 1] if ordered else math.nan


def show(out: Console, by_role: Mapping[str, Mapping[str, Looked]]) -> None:
    """A line for each page."""
    slow: list[str] = []
    table = Table("role", "page", "median ms", "p95 ms", "besides")
    for role, looks in by_role.items():
        for path, looked in looks.items():
            middle = sorted(looked.took)[len(looked.took) // 2]
            said = [
                f"{n} {what}"
                for n, what in ((looked.late, "panels late"), (looked.failed, "failed"))
                if n
            ]
            if p95(looked.took) > most_ms(path):
                said.append("too slow")
                slow.append(f"{path} ({role})")
            table.add_row(role, path, f"{middle:.0f}", f"{p95(looked.took):.0f}", ", ".join(said))
    out.print(table)
    out.print(
        f"p95 over {PAGE_MS} ms, the palette's over {PALETTE_MS} ms: {', '.join(slow) or 'none'}"
    )


def most_ms(path: str) -> int:
    """What the p95 of a page may be.

    >>> most_ms("/today"), most_ms("/palette?q=ana")
    (100, 150)
    """
    return PALETTE_MS if path.startswith("/palette") else PAGE_MS


if __name__ == "__main__":
    asyncio.run(run(Screen(), Path(".playcaller-bench").absolute() / "pages"))
