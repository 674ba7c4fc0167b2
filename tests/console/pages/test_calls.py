"""A day with an agreed call, in Chromium: the customer books and moves it, somebody keeps it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from services.journey.wiring import load_rules
from shared.clock import wall_now
from shared.events import SetupStarted
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.console.pages.test_tasks_and_plays import Home
from tests.journey.engine import Engine, with_address

pytestmark = pytest.mark.servers
LINK = re.compile(r"/book/[\w-]+")


def said(mail) -> str:
    return mail.get_body(("plain",)).get_content()


@pytest.fixture
async def invited(lives, journey, inbox, smtp):
    """Where journey listens, its engine, and the link of a mail that Ann got a moment ago."""
    async with journey() as url:
        made = Engine(lives, smtp=smtp, rules=load_rules(Home()))
        begun = wall_now() - timedelta(hours=47)
        await made.publish(begun)
        await with_address(lives, "ann", zone="America/New_York")
        event = SetupStarted(at=begun, source="cam-1", customer="ann"), "/cam-1/lifecycle#ab:1"
        await made.handle(event, now=begun)
        now = begun
        while not (links := LINK.findall(" ".join(map(said, inbox())))):
            now += timedelta(hours=1)
            assert now < begun + timedelta(days=5)
            await made.fire(now)
            await made.send(now)
        yield url, made, links[-1]


async def test_a_customer_books_and_moves_a_call_and_somebody_keeps_it(
    invited, inbox, browser, screens, serve
):
    url, engine, link = invited
    async with await browser.new_context(java_script_enabled=False) as closed:
        page = await closed.new_page()
        await page.goto(f"{url}{link}")
        await expect(
            page.get_by_role("heading", name="We set up your camera together")
        ).to_be_visible()
        await expect(page.get_by_text("Times are those of America/New_York")).to_be_visible()
        times = page.locator(".times button")
        first = await times.first.get_attribute("aria-label")
        await times.first.click()
        await expect(page.get_by_text("It is agreed")).to_be_visible()
        await expect(page.locator(".when")).to_contain_text(first.rpartition(", ")[2])
        await page.get_by_text("Choose another time").click()
        other = page.locator(".times button").nth(1)
        second = await other.get_attribute("aria-label")
        await other.click()
        await expect(page.locator(".when")).to_contain_text(second.rpartition(", ")[2])
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name="Put it into your calendar").click()
        download = await waiting.value
        assert download.suggested_filename == "call.ics"
    async with (
        serve(CONSOLE_JOURNEY_URL=url) as (console, address),
        tab(browser, address) as page,
    ):
        await console.person("csm")
        await page.goto("/tasks")
        await enter(page)
        agreed = page.get_by_role("region", name="Agreed calls")
        await expect(agreed).to_contain_text("Ann ann")
        assert await looked_at(page, screens, "tasks-calls") == []
        await agreed.get_by_role("link", name="We set up your camera together").click()
        call = page.get_by_role("region", name="Agreed time")
        await expect(call).to_contain_text("America/New_York")
        assert await looked_at(page, screens, "task-call") == []
        before = await call.locator("time").first.inner_text()
        await call.get_by_label("Another time").select_option(index=3)
        await call.get_by_role("button", name="Move it").click()
        await expect(call.locator("time").first).not_to_have_text(before)
        await engine.send(datetime.now(UTC) + timedelta(minutes=1))
        assert any("moved" in str(mail["Subject"]) for mail in inbox())
        await page.get_by_label("What came of it").select_option("helped")
        await page.get_by_role("button", name="Done").click()
        await expect(page.get_by_text("No call is agreed on")).to_be_visible()
        await page.goto("/customers/ann")
        await expect(
            page.get_by_text("Onboarding kept it: We set up your camera together")
        ).to_be_visible()
        await expect(page.get_by_text("Second help: helped")).to_be_visible()


async def test_the_page_of_times_as_a_designer_sees_it(invited, browser, screens):
    url, _, link = invited
    for name, scheme, width in (
        ("wide", "light", 1280),
        ("narrow", "light", 390),
        ("dark", "dark", 390),
    ):
        context = await browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme
        )
        page = await context.new_page()
        for step in ("free", "agreed"):
            await page.goto(f"{url}{link}")
            if step == "agreed" and await page.get_by_text("Choose a time").is_visible():
                await page.locator(".times button").first.click()
            scrolls = await page.evaluate("document.documentElement.scrollWidth")
            assert scrolls <= width
            if screens is not None:
                await page.screenshot(path=screens / f"book-{step}-{name}.png")
        await page.locator("form[action$='/cancel'] button").click()
        await expect(page.get_by_text("It is cancelled.")).to_be_visible()
        await context.close()
