"""When a browser shows the first of a page: first contentful paint in Chromium, nothing cached."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from playwright.async_api import async_playwright
from rich.console import Console

from tools.setup.browser import find

TIMES, MOST_MS = 3, 800
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


async def measure(link: str, paths: Sequence[str]) -> Mapping[str, list[float]] | None:
    """Milliseconds of each look, by path; None: there is no browser here.

    Args:
        link: signs somebody in.
        paths: what is looked at.
    """
    chromium = find()
    if chromium is None:
        return None
    seen: dict[str, list[float]] = {path: [] for path in paths if "/palette" not in path}
    parts = urlsplit(link)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        first = await browser.new_context(base_url=f"{parts.scheme}://{parts.netloc}")
        await (await first.new_page()).goto(link)
        state = await first.storage_state()
        for path in list(seen) * TIMES:
            fresh = await browser.new_context(
                base_url=f"{parts.scheme}://{parts.netloc}", storage_state=state
            )
            page = await fresh.new_page()
            await page.goto(path)
            await page.wait_for_function(PAINTED)
            seen[path].append(await page.evaluate(PAINTED))
            await fresh.close()
        await browser.close()
    return seen


def show(out: Console, seen: Mapping[str, list[float]] | None) -> None:
    """Of all pages, and the slowest."""
    if seen is None:
        out.print("First contentful paint: no Chromium on this machine.")
        return
    every = sorted(took for looks in seen.values() for took in looks)
    slowest = max(seen, key=lambda path: max(seen[path]))
    out.print(
        f"First contentful paint of {len(seen)} pages, {len(every)} looks, nothing cached: median "
        f"{every[len(every) // 2]:.0f} ms, slowest {every[-1]:.0f} ms ({slowest}); over {MOST_MS} ms: "
        f"{sum(took > MOST_MS for took in every)}"
    )
