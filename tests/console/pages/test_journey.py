"""How customers move on the map, in a real browser beside a real journey."""

import pytest
from playwright.async_api import expect

from tests.browser import looked_at, tab
from tests.console.pages.test_customers import databases, filled, urls  # noqa: F401 - fixtures
from tests.console.pages.test_room import enter

pytestmark = pytest.mark.servers


async def test_a_csm_sees_where_customers_go_and_opens_them(browser, serve, urls, screens):  # noqa: F811
    async with serve(**urls) as (console, url), tab(browser, url) as page:
        await console.person("csm")
        await page.goto("/journey?last=7")
        await enter(page)
        await expect(page.locator("#flow svg path.ribbon")).to_have_count(1)
        await expect(page.locator("#flow svg")).to_contain_text("Purchased 1")
        row = page.locator("#stages tr", has_text="Purchased")
        await expect(row.locator("td").nth(1)).to_have_text("1")
        board = page.locator("#map li.card", has=page.get_by_role("heading", name="Engaged"))
        await expect(board).to_contain_text("active days 30d ≥ 8")
        touched = page.locator("#map li.card", has=page.get_by_role("heading", name="Onboarding"))
        await expect(touched).to_contain_text("Phone: two days later. We go through it together")
        await expect(touched).to_contain_text("0 reached it, 0 did not, 0 are under way")
        assert await looked_at(page, screens, "journey") == []
        await row.get_by_role("link").click()
        await expect(page.get_by_role("link", name="Ana Lima")).to_be_visible()


async def test_marketing_reads_it_and_is_led_to_no_customer(make_console, urls):  # noqa: F811
    console = make_console(**urls)
    browser = await console.signed_in("marketing")
    for panel in ("flow", "stages", "map"):
        shown = (await browser.get(f"/journey/panels/{panel}?last=everything")).text
        assert "Not to be had" not in shown
        assert "/customers" not in shown.partition("<main")[2]
    await console.close()
