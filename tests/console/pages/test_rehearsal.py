"""A play is rehearsed in Chromium beside a real journey: begun, watched, stopped, seen as a picture."""

import asyncio
from datetime import timedelta

import pytest
from playwright.async_api import expect
from typer.testing import CliRunner

from services.journey.wiring import load_rules
from shared.clock import wall_now
from shared.events import SetupStarted
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.console.pages.test_tasks_and_plays import Home
from tests.journey.engine import Engine, with_address
from tests.signed import bearer, who
from tools.cli import app

pytestmark = pytest.mark.servers


@pytest.fixture
async def lived(lives, journey):
    """Where journey listens; thirty customers began a set-up some days ago."""
    async with journey() as url:
        made = Engine(lives, rules=load_rules(Home()))
        begun = wall_now().replace(hour=11, minute=0, second=0, microsecond=0)
        await made.publish(begun - timedelta(days=40))
        names = [f"c-{n:02}" for n in range(30)]
        await with_address(lives, *names)
        for n, name in enumerate(names):
            at = begun - timedelta(days=20 - n % 9)
            event = SetupStarted(at=at, source=f"cam-{n}", customer=name)
            await made.handle((event, f"/cam-{n}/lifecycle#ab:1"), now=at)
        yield url


async def test_marketing_rehearses_a_play_and_sees_what_it_would_have_been(
    lived, browser, screens, serve
):
    async with (
        serve(CONSOLE_JOURNEY_URL=lived) as (console, address),
        tab(browser, address) as page,
    ):
        await console.person("marketing")
        await page.goto("/plays/set-up help")
        await enter(page)
        await page.get_by_role("link", name="Rehearse it").click()
        await expect(page.get_by_text("Not rehearsed yet")).to_be_visible()
        assert await looked_at(page, screens, "rehearsal-none") == []
        await page.get_by_label("Over").select_option("30")
        await page.get_by_role("button", name="Rehearse").click()
        await expect(page.get_by_text("How far they would have come")).to_be_visible(timeout=60_000)
        await expect(page.get_by_text("30 times").first).to_be_visible()
        await expect(page.get_by_role("row", name="Onboarding").first).to_contain_text("24.0 hours")
        await expect(page.get_by_text("customers, like this one").first).to_be_visible()
        assert await looked_at(page, screens, "rehearsal") == []
        await page.goto("/plays/first questions/rehearsal")
        await page.get_by_role("button", name="Rehearse").click()
        await expect(page.get_by_text("who was not really asked").first).to_be_visible(
            timeout=60_000
        )


async def test_a_csm_reads_rehearsals_and_begins_none(lived, browser, serve):
    async with (
        serve(CONSOLE_JOURNEY_URL=lived) as (console, address),
        tab(browser, address) as page,
    ):
        await console.person("csm")
        await page.goto("/plays/set-up help/rehearsal")
        await enter(page)
        await expect(page.get_by_text("Not rehearsed yet")).to_be_visible()
        await expect(page.get_by_role("button", name="Rehearse")).to_have_count(0)


def signed(request):
    """An auth of httpx."""
    request.headers.update(bearer(who("admin")))
    return request


async def test_the_command_draws_what_it_would_have_been(lived, monkeypatch):
    monkeypatch.setattr("tools.installation.urls", lambda folder: {"journey": lived})
    monkeypatch.setattr("tools.local.auth.Operator", lambda folder: signed)
    words = ["rehearse", "set-up help", "--history", "30d"]
    found = await asyncio.to_thread(CliRunner().invoke, app, words)
    assert found.exit_code == 0, found.output
    assert "of 30 customers 30 would have entered" in found.output
    assert "onboarding" in found.output
    refused = await asyncio.to_thread(CliRunner().invoke, app, ["rehearse", "set-up hlep"])
    assert "did you mean `set-up help`?" in str(refused.exception)
