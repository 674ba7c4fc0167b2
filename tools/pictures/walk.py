"""From page to page of the catalogue, each as somebody who has it, light and dark, wide and narrow."""

import base64
import re
from itertools import product
from typing import Literal

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from services.console.edges.pages import PAGES
from services.console.edges.pages.page import Page as Line
from tools.installation import Installation
from tools.local.people import PARTNER, PEOPLE
from tools.pictures.album import Album
from tools.setup.browser import find

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
TALLEST = 1_600  # px of a page that are shown
QUALITY = 48
OPEN = ("/sign-in",)  # pages that are pictured without anybody signed in
LEFT_OUT = ("/", "/static/{name}", "/welcome", "/forgotten", "/sign-out", "/live")
BELOW = "path => [...document.querySelectorAll(`main a[href^='${path}/']`)].map(a => a.getAttribute('href')).find(a => !/\\/(panels|files)\\//.test(a))"


async def walk(here: Installation, console: str, album: Album) -> None:
    """Picture every page, and of a list the first thing in it. Raises: RuntimeError: no browser."""
    chromium = find()
    if chromium is None:
        raise RuntimeError("no Chromium on this machine: `make test` brings one")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        desk = await browser.new_page()
        nobody = await browser.new_context(base_url=console)
        for public in OPEN:
            await _pictured(nobody, public, album, desk)
        for role, lines in _by_role().items():
            context = await _signed_in(browser, here, console, role)
            for line in lines:
                path = await _filled(context, line.path)
                if path is None:
                    continue
                page = await _pictured(context, path, album, desk, _name(line.path))
                below = await page.evaluate(BELOW, path)
                await page.close()
                if below:
                    await (
                        await _pictured(context, below, album, desk, f"{_name(line.path)}-one")
                    ).close()
            await context.close()
        await browser.close()


def _by_role() -> dict[str, list[Line]]:
    """Whose picture each page is: the first of the people who has it; a desk's as its agent."""
    lines = [line for line in PAGES if line.roles and line.path not in LEFT_OUT]
    whose: dict[str, list[Line]] = {}
    for line in lines:
        role = next(role for role in PEOPLE if role in line.roles)
        whose.setdefault(role, []).append(line)
    return whose


async def _signed_in(
    browser: Browser, here: Installation, console: str, role: str
) -> BrowserContext:
    context = await browser.new_context(base_url=console, timezone_id="Europe/Berlin")
    page = await context.new_page()
    await page.goto(await here.entry_link(role, PARTNER))
    await page.close()
    return context


async def _filled(context: BrowserContext, path: str) -> str | None:
    """A path with the first thing of its list in the place for one; None: the list has none."""
    above, gap, _ = path.partition("/{")
    if not gap:
        return path
    page = await context.new_page()
    await page.goto(above)
    await page.wait_for_load_state("networkidle")
    below: str | None = await page.evaluate(BELOW, above)
    await page.close()
    if below is None:
        return None
    thing = below.removeprefix(f"{above}/").partition("/")[0]
    return re.sub(r"\{[^}]+\}", thing, path)


async def _pictured(
    context: BrowserContext, path: str, album: Album, desk: Page, name: str = ""
) -> Page:
    """A page in all its looks; returns it, still open."""
    page = await context.new_page()
    await page.goto(path)
    for (size, (width, height)), scheme in product(SIZES.items(), SCHEMES):
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.wait_for_load_state("networkidle")
        tall: int = await page.evaluate("document.documentElement.scrollHeight")
        # as high as the page, so that what stays in view beside it goes down to its end
        await page.set_viewport_size({"width": width, "height": max(height, min(tall, TALLEST))})
        picture = await _taken(context, page, width)
        await album.put(f"{name or _name(path)}-{scheme}-{size}", picture, desk)
    return page


async def _taken(context: BrowserContext, page: Page, width: int) -> bytes:
    tall: int = await page.evaluate("document.documentElement.scrollHeight")
    chrome = await context.new_cdp_session(page)
    clip = {"x": 0, "y": 0, "width": width, "height": min(tall, TALLEST), "scale": 1}
    taken = await chrome.send(
        "Page.captureScreenshot",
        {"format": "webp", "quality": QUALITY, "clip": clip, "captureBeyondViewport": True},
    )
    await chrome.detach()
    return base64.b64decode(taken["data"])


def _name(path: str) -> str:
    """A path as a file's name.

    >>> _name("/on-call/rejects")
    'on-call-rejects'
    """
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")
