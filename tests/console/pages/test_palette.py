"""Ctrl-K: customers, devices, tickets, pages and actions by a few letters, each role its own."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from services.console.edges.services.answers import Found
from services.console.edges.services.ingest import Device
from services.console.edges.services.journey.customers import Listed
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.console.pages.test_tickets import FAULT, HELPERS, SHARE, TICKET, ticket

pytestmark = pytest.mark.servers


def hits(page):
    return re.findall(r'<li><a href="([^"?]+)', page.text)


async def asked(browser, text):
    params = {"q": text, "again": "true"}
    return await browser.get("/palette", params=params, headers={"HX-Request": "true"})


async def test_each_role_finds_its_own(make_console, support, desk):
    await desk(TICKET, **ticket("old", 30, subject="No picture at night"))
    await desk(TICKET, **ticket("new", 3))
    await desk(FAULT, id="new")
    await desk(HELPERS)
    await desk(SHARE, id="old")
    async with support() as url:
        console = make_console(CONSOLE_SUPPORT_URL=url)
        agent = await console.signed_in("agent")
        partner = await console.signed_in(
            "partner", email="pat@example.org", organisation="helpers"
        )
        marketing = await console.signed_in("marketing", email="mia@example.org")
        for text, ours, theirs in (
            ("pict", ["/tickets/old"], ["/tickets/old"]),
            ("lens", ["/tickets/new"], []),
            ("cam-1", ["/tickets/new", "/tickets/old"], []),
            ("tick", ["/tickets"], ["/tickets"]),
            ("custom", ["/customers"], []),
        ):
            assert hits(await asked(agent, text)) == ours, text
            assert hits(await asked(partner, text)) == theirs, text
        none = await asked(marketing, "pict")
        assert "Nothing is called so." in none.text
        assert "does not answer" not in none.text  # nobody was asked
        await console.close()


async def test_who_is_slow_is_not_waited_for(make_console, monkeypatch):
    async def late(*_):
        await asyncio.sleep(3_600)

    async def ada(*_):
        known = ("household", "Europe/Berlin", "eu", None, None)
        return Found([Listed("ana", *known, "Ada Example", None)])

    async def camera(*_):
        return [Device("cam-1", "home-2", None, "claimed", None)]

    console = make_console()
    browser = await console.signed_in("agent")
    services = "services.console.edges.services"
    monkeypatch.setattr(f"{services}.support.Support.found", late)
    monkeypatch.setattr(f"{services}.journey.customers.Customers.some", ada)
    monkeypatch.setattr(f"{services}.ingest.Ingest.devices_called", camera)
    async with asyncio.timeout(60):
        page = await browser.get("/palette", params={"q": "a"}, headers={"HX-Request": "true"})
    assert {"/customers/ana", "/devices/cam-1"} <= set(hits(page))
    assert 'hx-get="/palette?q=a&amp;again=true"' in page.text
    await console.close()


async def test_by_keys_to_a_ticket_and_to_an_action(browser, serve, support, desk, screens):
    await desk(TICKET, **ticket("old", 30, subject="No picture at night"))
    async with support() as address, serve(CONSOLE_SUPPORT_URL=address) as (console, url):
        await console.person("agent")
        async with tab(browser, url) as page:
            await page.goto("/tickets")
            await enter(page)
            await expect(page.get_by_role("heading", name="Tickets")).to_be_visible()
            await page.keyboard.press("Control+k")
            await page.keyboard.type("picture")
            hit = page.get_by_role("dialog").get_by_role("link", name="No picture at night")
            await expect(hit).to_be_visible()
            assert await looked_at(page, screens, "palette") == []
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("heading", name="No picture at night")).to_be_visible()
            await page.get_by_role("link", name="Find").click()
            await page.keyboard.type("i take")
            await expect(page.get_by_role("button", name="I take it Here")).to_be_visible()
            await page.keyboard.press("Enter")
            await expect(page.get_by_text("It is given.")).to_be_visible()
