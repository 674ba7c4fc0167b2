"""A product manager describes what is sold; a customer's page says what may be offered."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from playwright.async_api import expect

from shared.clock import wall_now
from tests.apis import running
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.signed import headers

pytestmark = pytest.mark.servers
ANA = {
    "id": "c-ana",
    "profile": {"name": "Ana Lima"},
    "purchases": [{"product": "cam / 2", "at": "2026-01-05T10:00:00Z", "price": 99.0}],
    "subscription": {"plan": "plus", "started_at": "2026-01-05T10:00:00Z"},
}
SOLAR = {"name": "Solar panel", "kind": "accessory", "price": 39.0, "works_with": ["cam / 2"]}


@pytest.fixture(scope="module")
def shop_database(postgres) -> str:
    return asyncio.run(postgres.migrated("journey", "products_journey"))


@pytest.fixture
async def shop(shop_database):
    """A journey of its own, and its interface."""
    async with (
        running("journey", shop_database) as (_, port),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers("admin"), trust_env=False
        ) as http,
    ):
        yield http


async def test_what_a_purchase_named_is_described_and_then_offered(browser, serve, shop, screens):
    (await shop.post("/v1/customers", json=ANA)).raise_for_status()
    url = str(shop.base_url).rstrip("/")
    async with serve(CONSOLE_JOURNEY_URL=url) as (console, address), tab(browser, address) as page:
        await console.person("product")
        await page.goto("/products?described=false")
        await enter(page)
        await page.get_by_role("link", name="cam / 2").click()
        await page.get_by_label("Name", exact=True).fill("Outdoor camera")
        await page.get_by_label("Kind").select_option("device")
        await page.get_by_label("Price").fill("ninety")
        await page.get_by_label("Margin in %").fill("35")
        await page.get_by_label("Sold until").fill("2027-03-01")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Expected a number, with a point.")).to_be_visible()
        assert await page.get_by_label("Margin in %").input_value() == "35"
        await page.get_by_label("Price").fill("99")

        theirs = {"name": "Camera", "kind": "device", "price": 109.0}
        (await shop.put("/v1/products/cam%20%2F%202", json=theirs)).raise_for_status()
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Somebody has changed this")).to_be_visible()
        await expect(page.get_by_role("definition").get_by_text("109")).to_be_visible()
        assert await looked_at(page, screens, "product") == []
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("It is saved")).to_be_visible()
        await expect(page.get_by_role("heading", name="Outdoor camera")).to_be_visible()

        await page.goto("/products")
        await expect(page.get_by_role("row", name="Outdoor camera")).to_contain_text("99.00")
        assert await looked_at(page, screens, "products") == []
    saved = (await shop.get("/v1/products/cam%20%2F%202")).json()
    assert (saved["price"], saved["margin"]) == (99.0, 0.35)
    assert saved["sold_until"] == "2027-02-28T23:00:00Z"  # midnight where the browser is

    (await shop.put("/v1/products/solar", json=SOLAR)).raise_for_status()
    async with serve(CONSOLE_JOURNEY_URL=url) as (console, address):
        csm = await console.signed_in("csm", email="bo@example.org")
        said = (await csm.get("/customers/c-ana/panels/offers")).text
        assert "Solar panel" in said
        assert "they have it" in said
        until = f"{wall_now() + timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}"
        wish = {"kind": "promotion", "product": "solar", "price": 29.0, "valid_until": until}
        (await shop.post("/v1/customers/c-ana/offers", json=wish)).raise_for_status()
        made = (await csm.get("/customers/c-ana/panels/offers")).text
        assert "for 29.00 instead of 39.00" in made
        assert "Open" in made
        lines = (await csm.get("/customers/c-ana/files/offers.csv")).text.splitlines()
        assert (len(lines), "promotion,solar,Solar panel,39.0,29.0" in lines[1]) == (2, True)
        may = await csm.get("/products/solar")
        assert (may.status_code, "Save" in may.text) == (200, False)
        file = (await csm.get("/products/files/products.csv")).text
        assert "solar,Solar panel,accessory,39.0" in file
    again = await shop.post(
        "/v1/products/import", content=file.encode(), headers={"content-type": "text/csv"}
    )
    assert again.json() == {"added": 0, "changed": 0, "unchanged": 3}, again.text
