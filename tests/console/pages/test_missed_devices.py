"""A device that is not heard while its owner is: on its page, the customer's, and in the timeline."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import expect
from sqlalchemy import text

from shared.db.engine import make_engine
from tests.browser import looked_at, tab
from tests.console.pages.test_customers import NAMES, fill, up
from tests.console.pages.test_room import enter

pytestmark = pytest.mark.servers

MISSED = """INSERT INTO unreachable (customer, device, since, told_at, over_at) VALUES
    ('c-ana', 'cam-7', DATE '2026-11-03', TIMESTAMPTZ '2026-11-12 04:00Z', NULL),
    ('c-ana', 'cam-7', DATE '2026-08-01', TIMESTAMPTZ '2026-08-10 04:00Z', TIMESTAMPTZ '2026-08-20 04:00Z')"""
SAYS = "Nothing of it since 3 Nov 2026, though its owner is heard"


@pytest.fixture(scope="module")
def databases(postgres) -> dict[str, str]:
    """Of this file's own: Ana's only device is missed."""

    async def made() -> dict[str, str]:
        urls = {name: await postgres.migrated(name, f"missed_{name}") for name in NAMES}
        await fill(urls, others=1)
        engine = make_engine(urls["analytics"])
        async with engine.begin() as connection:
            await connection.execute(text(MISSED))
        await engine.dispose()
        return urls

    return asyncio.run(made())


@pytest.fixture
async def urls(databases):
    async with AsyncExitStack() as stack:
        there = await up(stack, databases)
        yield {f"CONSOLE_{name.upper()}_URL": url for name, url in there.items()}


async def test_a_missed_device_is_seen_wherever_it_is_shown(make_console, urls):
    console = make_console(**urls)
    agent = await console.signed_in("agent")
    for panel in ("/customers/c-ana/panels/devices", "/devices/cam-7/panels/facts"):
        assert SAYS in (await agent.get(panel)).text, panel
    story = (await agent.get("/customers/c-ana/panels/story")).text
    assert story.count("cam-7 is not heard any more, though the customer is") == 2
    assert story.count("cam-7 is heard again") == 1
    await console.close()


async def test_without_analytics_devices_are_shown_without_it(make_console, urls):
    console = make_console(**{**urls, "CONSOLE_ANALYTICS_URL": "http://127.0.0.1:9"})
    agent = await console.signed_in("agent")
    shown = (await agent.get("/customers/c-ana/panels/devices")).text
    assert "cam-7" in shown
    assert "Nothing of it since" not in shown
    await console.close()


async def test_how_it_looks(browser, serve, urls, screens):
    async with serve(**urls) as (console, url), tab(browser, url) as page:
        await console.person("agent")
        await page.goto("/customers/c-ana")
        await enter(page)
        await expect(page.get_by_text(SAYS)).to_be_visible()
        assert await looked_at(page, screens, "missed-customer") == []
        await page.goto("/devices/cam-7")
        await expect(page.get_by_text(SAYS)).to_be_visible()
        assert await looked_at(page, screens, "missed-device") == []
