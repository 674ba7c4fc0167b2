"""A day of each role that has no file of its own, from its sign-in link to what the services say then.

Agent and partner: test_day.py; on call: test_on_call.py; product: test_products.py; tasks of plays:
test_tasks_and_plays.py. The days go on side by side in one browser, beside the same services.
"""

import asyncio

import httpx
import pytest
from playwright.async_api import expect

from services.console.handlers.entry import Somebody, offer
from shared.clock import wall_now
from tests.browser import tab
from tests.console.pages.test_crawl import addresses  # noqa: F401 - a fixture
from tests.signed import headers

pytestmark = pytest.mark.servers


class Services:
    """What the services' own interfaces say."""

    def __init__(self, urls: dict[str, str]) -> None:
        self._urls = urls

    async def get(self, name: str, path: str):
        """An answer, as an admin's program reads it."""
        url = self._urls[f"CONSOLE_{name.upper()}_URL"]
        async with httpx.AsyncClient(base_url=url, headers=headers("admin")) as http:
            answer = await http.get(path)
        assert answer.is_success, answer.text
        return answer.json()


async def go(page, name):
    await page.get_by_role("link", name=name, exact=True).first.click()


async def csm(page, services):
    """A purchase is written down once, however often it is sent; of two tabs the later one is told."""
    await go(page, "Customers")
    await page.get_by_role("link", name="Ana Lima").click()
    await page.locator("summary").get_by_text("Purchase").click()
    await page.get_by_label("Product", exact=True).fill("doorbell")
    await page.get_by_label("Day", exact=True).fill("2026-03-05")
    await page.get_by_role("button", name="Purchase").dblclick()
    await expect(page.get_by_text("The purchase is written down.")).to_be_visible()
    await page.go_back()
    await page.go_forward()
    told = await services.get("journey", "/v1/audit?action=customer.purchase&id=c-ana")
    assert [each["after"]["product"] for each in told["items"]] == ["doorbell"]
    other = await page.context.new_page()
    for each in (page, other):
        await each.goto("/customers/c-ana/subscription")
    await page.get_by_label("Price a month").fill("9")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("The subscription is changed.")).to_be_visible()
    await other.get_by_label("Price a month").fill("12")
    await other.get_by_role("button", name="Save").click()
    await expect(other.get_by_role("alert")).to_be_visible()
    assert await other.get_by_label("Price a month").input_value() == "12"
    await other.get_by_role("button", name="Save").click()
    await expect(other.get_by_text("The subscription is changed.")).to_be_visible()
    saved = await services.get("journey", "/v1/customers/c-ana")
    assert saved["subscription"]["price_month"] == 12


async def lead(page, services):
    """A ticket is shared with a partner; back leads to the queue as it was."""
    await go(page, "Tickets")
    await page.goto("/tickets?state=open&sort=waiting&text=fogged")
    await page.get_by_role("link", name="The lens is fogged").click()
    await page.get_by_role("button", name="Share", exact=True).click()
    await expect(page.get_by_text("The partner sees it from now on.")).to_be_visible()
    ticket = page.url.partition("/tickets/")[2].partition("?")[0]
    await go(page, "Tickets")
    await page.go_back()
    await expect(page.locator("#chips")).to_contain_text("Shared with Helpers")
    assert (await services.get("support", f"/v1/tickets/{ticket}"))["shared_with"] == ["helpers"]


async def marketing(page, services):
    """What they read is what the service counts; no customer is named to them."""
    await go(page, "Journey")
    row = page.locator("#stages tr", has_text="Purchased")
    (counted,) = [
        each["customers"]
        for each in await services.get("journey", "/v1/stages")
        if each["stage"] == "purchased"
    ]
    await expect(row.locator("td").first).to_have_text(str(counted))
    assert "Ana Lima" not in await page.content()
    await go(page, "Products")
    await page.get_by_role("link", name="cam", exact=True).click()
    await expect(page.get_by_role("button", name="Save")).to_have_count(0)


async def admin(page, services):
    """A device is registered and given to its owner; its password is shown once."""
    await go(page, "Devices")
    await page.get_by_label("Id", exact=True).fill("cam-8")
    form = page.get_by_role("region", name="Register one")
    await form.get_by_label("Model").fill("Cam 2")
    await page.get_by_role("button", name="Register it").click()
    await expect(page.get_by_text("It is registered.")).to_be_visible()
    await page.locator("summary").get_by_text("New password").click()
    await page.get_by_role("button", name="New password").click()
    await expect(page.locator("code.secret")).to_have_count(2)
    await page.get_by_role("link", name="I have it").click()
    await page.locator("summary").get_by_text("Claim").click()
    await page.get_by_label("Customer (id)").first.fill("d-03")
    await page.get_by_role("button", name="Claim").click()
    await expect(page.get_by_text("It has an owner now.")).to_be_visible()
    assert (await services.get("ingest", "/v1/devices/cam-8"))["customer"] == "d-03"


DAYS = (csm, lead, marketing, admin)


async def test_days_from_the_link_to_the_services(browser, serve, addresses):  # noqa: F811
    services = Services(addresses)
    failed = {}

    async def day(live, console, url) -> None:
        role = live.__name__
        who = Somebody(f"{role}@console.test", role.title(), role)
        secret = await offer(console.context, who, wall_now())
        try:
            async with tab(browser, url) as page:
                page.set_default_timeout(60_000)
                await page.goto(f"/sign-in/once/{secret}")
                await live(page, services)
        except Exception as error:  # noqa: BLE001 - each day is told
            failed[role] = f"{error}"

    async with serve(**addresses) as (console, url):
        await asyncio.gather(*(day(each, console, url) for each in DAYS))
    assert failed == {}
