"""A day at the desk, from the sign-in to what support says afterwards: by mouse only, by keys only."""

import httpx
import pytest
from playwright.async_api import expect

from tests.browser import tab
from tests.console.pages.test_room import enter
from tests.console.pages.test_tickets import FAULT, HELPERS, SHARE, TICKET, ticket
from tests.signed import headers

pytestmark = pytest.mark.servers


async def of_support(address, id_):
    """What support's interface says of a ticket."""
    async with httpx.AsyncClient(base_url=address, headers=headers("agent")) as client:
        return (await client.get(f"/v1/tickets/{id_}")).json()


async def test_an_agents_day_by_mouse_and_a_partners_by_keys(browser, serve, support, desk):
    for each in (
        ticket("old", 30, subject="No picture at night"),
        ticket("mid", 9, subject="Second"),
        ticket("new", 3, priority="urgent"),
    ):
        await desk(TICKET, **each)
    await desk(FAULT, id="new")
    await desk(HELPERS)
    await desk(SHARE, id="mid")
    async with support() as address, serve(CONSOLE_SUPPORT_URL=address) as (console, url):
        await console.person("agent")
        await console.person("partner", email="pat@example.org", organisation="helpers")
        async with tab(browser, url) as page:
            await page.goto("/today")
            await enter(page)
            await page.get_by_role("link", name="Tickets", exact=True).first.click()
            await page.get_by_role("link", name="No picture at night").click()
            await page.get_by_role("button", name="I take it").click()
            await expect(page.get_by_text("You took it")).to_be_visible()
            await page.get_by_label("Write something").fill("Which lamp is near it?")
            await page.get_by_role("button", name="Write it down").click()
            await expect(page.get_by_text("Which lamp is near it?")).to_be_visible()
            await page.get_by_role("link", name="Next").click()
            await expect(page.get_by_role("heading", name="Second")).to_be_visible()
            await page.get_by_role("link", name="Tickets", exact=True).last.click()
            await page.get_by_label("Mark lens on cam-1").check()
            await page.get_by_label("How it ended").select_option("exchange")
            await page.get_by_role("button", name="Resolve").click()
            await page.get_by_role("button", name="Resolve one ticket").click()
            await expect(page.get_by_text("Done with one ticket.")).to_be_visible()
        taken, ended = await of_support(address, "old"), await of_support(address, "new")
        assert taken["assignee"].startswith("account:")
        assert taken["history"][0]["detail"]["text"] == "Which lamp is near it?"
        assert (ended["state"], ended["resolution"]) == ("resolved", "exchange")
        async with tab(browser, url) as page:
            press = page.keyboard.press
            await page.goto("/tickets")
            await page.get_by_label("E-mail address").focus()
            await page.keyboard.type("pat@example.org")
            await press("Tab")
            await page.keyboard.type("correct horse battery")
            await press("Enter")
            await expect(page.get_by_role("link", name="Second")).to_be_visible()
            await press("j")
            await press("Enter")
            await expect(page.get_by_role("heading", name="Second")).to_be_visible()
            await press("c")
            await page.keyboard.type("We have called them.")
            await press("Control+Enter")
            await expect(page.get_by_text("It is written down.")).to_be_visible()
            await press("e")
            await press("Control+Enter")
            await expect(page.get_by_text("It is resolved.")).to_be_visible()
        theirs = await of_support(address, "mid")
        assert (theirs["state"], theirs["resolution"]) == ("resolved", "fix")
        said = [line["detail"].get("text") for line in theirs["history"]]
        assert "We have called them." in said
