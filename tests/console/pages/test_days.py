"""A day of each role, from its sign-in link to what the services' own interfaces say then.

The days go on side by side in one browser, beside the same services; each has things of its own.
"""

import asyncio

import httpx
import pytest
from playwright.async_api import expect

from services.console.edges.pages import EVERYBODY
from services.console.handlers.entry import Somebody, offer
from shared.clock import wall_now
from tests.browser import PATIENCE_MS, tab
from tests.console.pages.test_crawl import addresses, crawled  # noqa: F401 - fixtures
from tests.console.pages.test_customers import TICKET
from tests.console.pages.test_on_call import BOOT
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


async def agent(page, services):
    """By mouse only: one is taken and asked about, another ended in the list, and taken back."""
    await go(page, "Tickets")
    await page.get_by_role("link", name="No picture at night").click()
    await page.get_by_role("button", name="I take it").click()
    await expect(page.get_by_text("You took it").first).to_be_visible()
    await page.get_by_label("Write something").fill("Which lamp is near it?")
    await page.get_by_role("button", name="Write it down").click()
    await expect(page.get_by_text("Which lamp is near it?")).to_be_visible()
    taken = page.url.partition("/tickets/")[2].partition("?")[0]
    await page.get_by_role("link", name="Tickets", exact=True).last.click()
    await page.get_by_label("Mark The bill is wrong").check()
    await page.get_by_label("How it ended").select_option("education")
    await page.get_by_role("button", name="Resolve").click()
    await page.get_by_role("button", name="Resolve one ticket").click()
    await expect(page.get_by_text("Done with one ticket.")).to_be_visible()
    said = await services.get("support", f"/v1/tickets/{taken}")
    assert said["assignee"].startswith("account:")
    assert said["history"][0]["detail"]["text"] == "Which lamp is near it?"
    found = await services.get("support", "/v1/tickets?state=resolved&text=bill")
    assert [each["resolution"] for each in found["items"]] == ["education"]


async def partner(page, services):
    """By keys only, over what is shared: an answer, and the end of it."""
    press = page.keyboard.press
    await press("q")
    await expect(page.get_by_role("link", name="It hums")).to_be_visible()
    await expect(page.get_by_role("link", name="The bill is wrong")).to_have_count(0)
    await press("j")
    await press("Enter")
    await expect(page.get_by_role("heading", name="It hums")).to_be_visible()
    await press("c")
    await page.keyboard.type("We have called them.")
    await press("Control+Enter")
    await expect(page.get_by_text("It is written down.")).to_be_visible()
    await press("e")
    await press("Control+Enter")
    await expect(page.get_by_text("It is resolved.")).to_be_visible()
    ticket = page.url.partition("/tickets/")[2].partition("?")[0]
    said = await services.get("support", f"/v1/tickets/{ticket}")
    assert (said["state"], said["resolution"]) == ("resolved", "fix")
    assert "We have called them." in [each["detail"].get("text") for each in said["history"]]


async def product(page, services):
    """What a purchase named is described; a delivery of devices is registered from a file."""
    await page.goto("/products?described=false")
    await page.get_by_role("link", name="cam", exact=True).click()
    await page.get_by_label("Name", exact=True).fill("Outdoor camera")
    await page.get_by_label("Kind").select_option("device")
    await page.get_by_label("Price").fill("99")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("It is saved")).to_be_visible()
    await go(page, "Import")
    lines = "id,model\n" + "".join(f"new-{n},Cam 3\n" for n in range(20))
    file = {"name": "devices.csv", "mimeType": "text/csv", "buffer": lines.encode()}
    await page.locator("#devices-file").set_input_files(file)
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.get_by_role("row", name="Devices").get_by_text("Done")).to_be_visible()
    assert (await services.get("journey", "/v1/products/cam"))["price"] == 99
    assert (await services.get("ingest", "/v1/devices/new-19"))["model"] == "Cam 3"


async def oncall(page, services):
    """What was refused is read, a record that is set aside tried, and discarded."""
    await go(page, "On call")
    await page.get_by_role("link", name="A value that is not permitted").click()
    await page.get_by_role("link", name="A value that is not permitted").click()
    await expect(page.get_by_text("write to [mail]")).to_be_visible()
    await go(page, "On call")
    await page.get_by_role("link", name="A number used twice").click()
    await page.get_by_role("button", name="Try: only count").click()
    await expect(page.get_by_text("2 records would go back. Nothing was done.")).to_be_visible()
    row = page.get_by_role("row", name=f"{BOOT}:1")
    await row.locator("summary").click()
    await row.get_by_role("button", name="Discard").click()
    await expect(page.get_by_text("The record is discarded")).to_be_visible()
    left = (await services.get("support", "/v1/quarantine"))["newest"]
    assert [each["id"] for each in left] == [f"/cam-9/fault#{BOOT}:2"]


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
    """What they read is what the service counts; a mail is changed, and a lead asked to approve it."""
    await go(page, "Journey")
    row = page.locator("#stages tr", has_text="Purchased")
    (counted,) = [
        each["customers"]
        for each in await services.get("journey", "/v1/stages")
        if each["stage"] == "purchased"
    ]
    await expect(row.locator("td").first).to_have_text(str(counted))
    assert "Ana Lima" not in await page.content()
    await go(page, "Plays")
    await page.get_by_role("link", name="Set-up help").click()
    await page.get_by_role("link", name="Change it").click()
    mail = page.get_by_label("messages/set-up-help.md")
    text = await mail.input_value()
    subject = next(line for line in text.splitlines() if line.startswith("subject:"))
    await mail.fill(text.replace(subject, "subject: Three minutes and it sees", 1))
    await page.get_by_role("button", name="Save the draft").click()
    await page.get_by_role("button", name="Ask for approval").click()
    await expect(page.get_by_text("To be approved")).to_be_visible()
    draft = await services.get("journey", "/v1/plays/set-up%20help/draft")
    assert draft["state"] == "asked"
    assert "subject: Three minutes and it sees" in draft["files"]["messages/set-up-help.md"]


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


DAYS = (csm, agent, partner, lead, product, marketing, oncall, admin)


@pytest.fixture
async def workday(addresses):  # noqa: F811
    """What waits for an agent and for a partner."""
    url = addresses["CONSOLE_SUPPORT_URL"]
    async with httpx.AsyncClient(base_url=url, headers=headers("admin")) as http:
        for subject in ("No picture at night", "The bill is wrong", "It hums"):
            made = await http.post("/v1/tickets", json={**TICKET, "subject": subject})
            made.raise_for_status()
        shared = {"organisation": "helpers"}
        (await http.post(f"/v1/tickets/{made.json()['id']}/share", json=shared)).raise_for_status()
    return addresses


def test_every_role_has_its_day():
    assert {day.__name__ for day in DAYS} == EVERYBODY


async def test_days_from_the_link_to_the_services(browser, serve, workday):
    services = Services(workday)
    failed = {}

    async def day(live, console, url) -> None:
        role = live.__name__
        whose = "helpers" if role == "partner" else None
        who = Somebody(f"{role}@console.test", role.title(), role, whose)
        secret = await offer(console.context, who, wall_now())
        try:
            async with tab(browser, url) as page:
                page.set_default_timeout(2 * PATIENCE_MS)  # eight at once
                await page.goto(f"/sign-in/once/{secret}")
                await live(page, services)
        except Exception as error:  # noqa: BLE001 - each day is told
            failed[role] = f"{error}"

    async with serve(**workday) as (console, url):
        await asyncio.gather(*(day(each, console, url) for each in DAYS))
    assert failed == {}
