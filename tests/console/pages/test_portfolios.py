"""Ann leaves: a lead gives all her customers to Bob, takes it back, and does it again."""

import re

import httpx
import pyotp
import pytest
from playwright.async_api import expect

from tests.apis import running
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.signed import headers

pytestmark = pytest.mark.servers


@pytest.fixture
async def theirs(postgres, request):
    """A journey of its own with four customers, and its interface."""
    database = await postgres.migrated("journey", f"portfolios_{len(request.node.name)}")
    async with (
        running("journey", database) as (_, port),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers("admin"), trust_env=False
        ) as http,
    ):
        for n in range(4):
            new = {"id": f"c-{n}", "profile": {"name": f"Person {n}"}}
            (await http.post("/v1/customers", json=new)).raise_for_status()
        yield http


async def test_a_lead_hands_a_whole_portfolio_over_and_takes_it_back(
    browser, serve, theirs, screens
):
    url = str(theirs.base_url).rstrip("/")
    async with serve(CONSOLE_JOURNEY_URL=url) as (console, address), tab(browser, address) as page:
        await console.person("csm", email="cleo@example.org", name="Cleo")
        await console.person("csm", email="bob@example.org", name="Bob")
        factor = pyotp.random_base32()
        await console.person("lead", factor=factor)
        await page.goto("/customers?csm=none")
        await enter(page)
        await page.get_by_label("Code").fill(pyotp.TOTP(factor).now())
        await page.get_by_role("button", name="Sign in", exact=True).click()
        for n in range(3):
            await page.get_by_label(f"Mark Person {n}").check()
        await page.get_by_label("Give those marked to").select_option(label="Cleo")
        assert await looked_at(page, screens, "customers-marked") == []
        await page.get_by_role("button", name="Hand over").click()
        await expect(page.get_by_text("3 customers were handed over.")).to_be_visible()
        await expect(page.get_by_role("row", name="Cleo")).to_contain_text("3")

        # Cleo leaves
        await page.locator("#hand-over summary").click()
        assert await looked_at(page, screens, "portfolios") == []
        await page.locator("#hand-over select[name=from]").select_option(label="Cleo")
        await page.locator("#hand-over select[name=to]").select_option(label="Bob")
        await page.locator("#hand-over").get_by_role("button", name="Hand over").click()
        await expect(page.get_by_text("3 customers were handed over.")).to_be_visible()
        await expect(page.get_by_role("row", name="Bob")).to_contain_text("3")
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_text("3 customers went back.")).to_be_visible()
        await page.get_by_role("link", name="Cleo").click()
        await expect(page.get_by_role("row", name="Person 2")).to_be_visible()
        await expect(page.get_by_role("row", name="Person 3")).to_have_count(0)

        await page.get_by_role("link", name="Person 2").click()
        await expect(page.get_by_role("definition").get_by_text("Cleo")).to_be_visible()
        await page.locator("#csm summary").click()
        await page.locator("#csm select").select_option(label="Bob")
        await page.locator("#csm").get_by_role("button", name="Give to a CSM").click()
        await expect(page.get_by_text("They have another CSM now.")).to_be_visible()
        await expect(page.get_by_role("definition").get_by_text("Bob")).to_be_visible()


async def test_today_counts_ones_own_and_a_csm_hands_nothing_over(make_console, theirs):
    console = make_console(CONSOLE_JOURNEY_URL=str(theirs.base_url).rstrip("/"))
    browser = await console.signed_in("csm", email="cy@example.org")
    token = {"csrf": browser.headers.pop("X-CSRF-Token")}
    mine = (await browser.get("/today/panels/portfolio")).text
    assert "No customers of yours" in mine
    me = re.search(r'value="account:([^"]+)"', (await browser.get("/customers")).text)[1]
    given = {"csm": f"account:{me}"}
    (await theirs.put("/v1/customers/c-3/csm", json=given)).raise_for_status()
    mine = (await browser.get("/today/panels/portfolio")).text
    assert f'href="/customers?csm=account%3A{me}"' in mine
    wish = {**token, "from": f"account:{me}", "to": "none"}
    assert (await browser.post("/portfolios/hand-over", data=wish)).status_code == 403
    assert (
        await browser.post("/portfolios/undo", data={**token, "handed": "x"})
    ).status_code == 403
    assert "Mark Person" not in (await browser.get("/customers/panels/list")).text
    file = (await browser.get("/portfolios/files/portfolios.csv")).text
    assert f"account:{me},You,1" in file
    await console.close()
