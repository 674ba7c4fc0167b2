"""A CSM writes down who is who at a business account; a household has no contacts."""

import asyncio

import httpx
import pytest
from playwright.async_api import expect

from tests.apis import running
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.signed import headers

pytestmark = pytest.mark.servers
ACME = {"id": "acme", "kind": "business", "zone": "Europe/Berlin", "profile": {"name": "Acme"}}


@pytest.fixture(scope="module")
def accounts_database(postgres) -> str:
    return asyncio.run(postgres.migrated("journey", "accounts_journey"))


@pytest.fixture
async def accounts(accounts_database):
    """A journey of its own, and its interface."""
    async with (
        running("journey", accounts_database) as (_, port),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers("admin"), trust_env=False
        ) as http,
    ):
        yield http


async def test_a_csm_adds_changes_asks_and_removes_a_contact(browser, serve, accounts, screens):
    (await accounts.post("/v1/customers", json=ACME)).raise_for_status()
    url = str(accounts.base_url).rstrip("/")
    async with serve(CONSOLE_JOURNEY_URL=url) as (console, address), tab(browser, address) as page:
        await console.person("csm")
        await page.goto("/customers/acme")
        await enter(page)
        panel = page.get_by_role("region", name="Contacts")
        await expect(panel.get_by_text("No contacts yet")).to_be_visible()
        await panel.get_by_role("link", name="Add a contact").click()
        await page.get_by_label("Name", exact=True).fill("Eve Quick")
        await page.get_by_label("E-mail address").fill("eve@example.org")
        await page.get_by_label("Time zone").fill("Mars/Base")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Not done. Expected")).to_be_visible()
        await page.get_by_label("Time zone").fill("Europe/Paris")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("The contact is added.")).to_be_visible()
        await expect(panel.get_by_text("Decides")).to_be_visible()
        assert "eve@example.org" not in await page.content()

        await panel.get_by_role("link", name="Eve Quick").click()
        assert await page.get_by_label("E-mail address").input_value() == "eve@example.org"
        assert await looked_at(page, screens, "contact") == []
        await page.get_by_label("Anything at all").check()
        await page.get_by_role("button", name="Write it down").click()
        await expect(page.get_by_text("Written down.")).to_be_visible()
        await page.get_by_label("Role").select_option("billing")
        await page.get_by_role("button", name="Save").click()
        await expect(panel.get_by_text("Pays the bills")).to_be_visible()
        await expect(panel.get_by_text("Wants no mails")).to_be_visible()
        assert await looked_at(page, screens, "account") == []

        await panel.get_by_role("link", name="Eve Quick").click()
        await page.locator("summary", has_text="Remove").click()
        await page.locator("#remove").get_by_role("button", name="Remove").click()
        await expect(panel.get_by_text("No contacts yet")).to_be_visible()


async def test_a_household_has_none_and_oncall_sees_no_names(make_console, accounts):
    ann = {"id": "ann", "profile": {"name": "Ann"}}
    (await accounts.post("/v1/customers", json=ann)).raise_for_status()
    console = make_console(CONSOLE_JOURNEY_URL=str(accounts.base_url).rstrip("/"))
    browser = await console.signed_in("csm")
    shown = (await browser.get("/customers/ann/panels/contacts")).text
    assert "A household" in shown
    assert "Add a contact" not in shown
    oncall = await console.signed_in("oncall", email="olga@example.org")
    assert (await oncall.get("/customers/ann/contacts/new")).status_code == 403
    await console.close()
