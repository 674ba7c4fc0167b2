"""A real browser that looks at our pages as a person does, and remembers every complaint."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tools.setup.browser import find

AXE = Path(__file__).with_name("vendor") / "axe.js"
GRAVE = {"serious", "critical"}
PATIENCE_MS = 60_000  # a machine that is busy is slow, and no test is about that
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}

expect.set_options(timeout=PATIENCE_MS)


def needs_chromium() -> str:
    """Where it is; without one the test is left out and says so."""
    found = find()
    if found is None:
        pytest.skip(
            "no Chromium on this machine: `make test` brings one, or names the line to type"
        )
    return found


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window."""
    path = needs_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def tab(browser: Browser, url: str, **more: Any) -> AsyncIterator[Page]:
    """A tab of a person of their own, at the console's address; at its end nothing was wrong in it.

    An answer that says what is wrong (a refused form, a service that is away) is no complaint.
    """
    wrong: list[str] = []
    options = {
        "viewport": WIDE,
        "ignore_https_errors": True,
        "timezone_id": "Europe/Berlin",
        **more,
    }
    context = await browser.new_context(base_url=url, **options)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on("console", lambda said: wrong.append(said.text) if _is_wrong(said) else None)
    host = urlsplit(url).netloc
    page.on("request", lambda one: wrong.append(one.url) if _leaves(one.url, host) else None)
    try:
        yield page
        assert wrong == []
    finally:
        await context.close()


def _is_wrong(said: Any) -> bool:
    answered = "Failed to load resource: the server responded with a status of"
    return said.type in {"error", "warning"} and not said.text.startswith(answered)


def _leaves(url: str, host: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != host


async def complaints(page: Page, only: str = "") -> list[str]:
    """What axe finds that keeps somebody out; `only`: by this one of its rules."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text("utf-8"))
    wanted = {
        "resultTypes": ["violations"],
        "iframes": False,
        **({"runOnly": [only]} if only else {}),
    }
    found = await page.evaluate("wanted => axe.run(document, wanted)", wanted)
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in found["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


async def sticks_out(page: Page) -> list[str]:
    """Whether one has to scroll sideways."""
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"{wide} px wider than the window"] if wide > 0 else []


async def looked_at(page: Page, folder: Path | None, name: str) -> list[str]:
    """What is wrong with a page in light and dark, wide and narrow; with a folder its screenshots are kept."""
    said = []
    for size, viewport in (("narrow", NARROW), ("wide", WIDE)):
        await page.set_viewport_size(viewport)
        for scheme in ("dark", "light") if folder or size == "wide" else ("light",):
            await page.emulate_media(color_scheme=scheme)
            if folder:
                await page.screenshot(path=folder / f"{name}-{scheme}-{size}.png", full_page=True)
            only = "color-contrast" if scheme == "dark" else ""  # all that colours can change
            found = await (complaints(page, only) if size == "wide" else sticks_out(page))
            said += [f"{scheme} {size}: {each}" for each in found]
    return said
