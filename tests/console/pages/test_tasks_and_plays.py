"""From an event to the mail catcher and to a task done, beside a real journey, in Chromium too."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from services.journey.store.tables import metadata
from services.journey.wiring import load_rules
from shared.clock import wall_now
from shared.db.engine import make_engine
from shared.events import SetupStarted
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.emptied import empty
from tests.journey.engine import Engine, with_address

pytestmark = pytest.mark.servers
DAY = timedelta(days=1)


@pytest.fixture
async def played(journey_database, journey, inbox, smtp):
    """Where journey listens; Ann's camera is not set up after days: two mails went out, a call is due."""
    engine = make_engine(journey_database)
    await empty(engine, metadata)
    async with journey() as url:
        made = Engine(engine, smtp=smtp, rules=load_rules(Home()))
        begun = wall_now().replace(hour=11, minute=0, second=0) - 4 * DAY
        await made.publish(begun)
        await with_address(engine, "ann")
        event = SetupStarted(at=begun, source="cam-1", customer="ann"), "/cam-1/lifecycle#ab:1"
        await made.handle(event, now=begun)
        for hours in (3, 47, 71):
            await made.fire(begun + timedelta(hours=hours))
            await made.send(begun + timedelta(hours=hours))
        yield url
    await engine.dispose()


class Home:
    """The settings that a playbook is read with."""

    journey_map = Path(__file__).parents[3] / "playbooks/home-camera/journey.yaml"


async def test_from_an_event_to_the_mail_catcher_to_a_task_done_in_the_console(
    played, inbox, browser, screens, serve
):
    caught = [mail["Subject"] for mail in inbox()]
    assert caught == ["Your camera is nearly there", "Shall we set up your camera together?"]
    async with (
        serve(CONSOLE_JOURNEY_URL=played) as (console, address),
        tab(browser, address) as page,
    ):
        await console.person("csm")
        await page.goto("/tasks")
        await enter(page)
        await page.get_by_role("link", name="Call about the set-up").click()
        await expect(page.get_by_role("heading", name="Call about the set-up")).to_be_visible()
        assert await looked_at(page, screens, "task") == []
        await page.get_by_role("button", name="Take it").click()
        await expect(page.get_by_role("button", name="Give it back")).to_be_visible()
        await page.goto("/tasks")
        assert await looked_at(page, screens, "tasks") == []
        await page.get_by_role("link", name="Call about the set-up").first.click()
        await page.get_by_label("What came of it").select_option("helped")
        await page.get_by_label("Note").fill("The wrong network")
        await page.get_by_role("button", name="Done").click()
        await expect(page.get_by_text("Nothing is yours to do")).to_be_visible()

        await page.goto("/plays/set-up help")
        await expect(page.get_by_text("Second call")).to_be_visible()
        assert await looked_at(page, screens, "play") == []
        await page.goto("/plays")
        await expect(page.get_by_role("link", name="Set-up help")).to_be_visible()
        assert await looked_at(page, screens, "plays") == []
        await page.goto("/customers/ann")
        await expect(page.get_by_text("Call: helped")).to_be_visible()
        await expect(page.get_by_text("First help: sent")).to_be_visible()
