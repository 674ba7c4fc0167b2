"""The first page of each role: what needs somebody, and numbers that lead to their rows."""

import re

import pytest
from playwright.async_api import expect

from services.console.edges.pages import panels
from tests.browser import looked_at, tab
from tests.console.pages.test_customers import databases, filled, urls  # noqa: F401 - fixtures
from tests.console.pages.test_room import enter

pytestmark = pytest.mark.servers
STAFF = ("desk", "stages", "risk", "fleet")
# role, its panels in their order
HAVE = [
    ("csm", ("tasks", "risky", "next", "portfolio", "mine", "offered", *STAFF)),
    ("agent", ("tasks", "mine", "unassigned", "offered", *STAFF)),
    ("lead", ("tasks", "risky", "unassigned", "offered", "faults", *STAFF)),
    ("product", ("faults", "rejects", *STAFF)),
    ("marketing", ("desk", "stages", "risk")),
    ("oncall", ("rejects", *STAFF)),
    ("admin", ("first", "rejects", *STAFF)),  # nobody has heard of its device yet
    ("partner", ("tasks", "shared", "offered")),
]


@pytest.mark.parametrize(("role", "have"), HAVE, ids=[role for role, _ in HAVE])
async def test_each_role_has_what_it_may_see_and_all_of_it_comes(make_console, urls, role, have):  # noqa: F811
    console = make_console(**urls)
    browser = await console.signed_in(role, organisation="helpers" if role == "partner" else None)
    page = await browser.get("/today")
    first, rest = have[: have[0] == "first"], have[have[0] == "first" :]
    in_order = (*first, *rest[0::2], *rest[1::2])  # the left column, and then the right one
    assert tuple(re.findall(r'panel-title" id="(\w+)-title"', page.text)) == in_order
    for each in have:
        shown = await browser.get(f"/today/panels/{each}")
        assert "Not to be had" not in shown.text, each
    for path in re.findall(r'class="big"><a href="([^"]+)"', page.text):
        assert (await browser.get(path.replace("&amp;", "&"))).status_code == 200, path
    await console.close()


async def test_a_csm_begins_the_day(browser, serve, urls, screens, monkeypatch):  # noqa: F811
    monkeypatch.setattr(panels, "PATIENCE_S", 0.0)  # whatever is in panels comes later
    async with serve(**urls) as (console, url), tab(browser, url) as page:
        await console.person("csm")
        await page.goto("/today")
        await enter(page)
        opened = page.locator(".tile", has_text="Opened, 7 days")
        await expect(opened).to_contain_text("1")
        row = page.locator("#stages tr", has_text="Purchased")
        await expect(row).to_contain_text("+1")
        await expect(page.locator("[aria-busy=true]")).to_have_count(0)
        assert await looked_at(page, screens, "today") == []
        await row.get_by_role("link").click()
        await expect(page.get_by_role("link", name="Ana Lima")).to_be_visible()
