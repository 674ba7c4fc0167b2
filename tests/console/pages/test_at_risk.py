"""Customers at risk, over HTTP beside a real analytics, and a day of whoever looks after them."""

import asyncio
import re
from datetime import date, timedelta

import httpx
import pytest
from playwright.async_api import expect
from sqlalchemy import text

from services.analytics.store.tables import metadata
from shared.clock import wall_now
from tests.apis import running
from tests.browser import looked_at, tab
from tests.console.pages.conftest import emptying
from tests.console.pages.test_room import enter
from tests.signed import headers

pytestmark = pytest.mark.servers
# customer, tier, state, risk, price a month
FITTED = date(2026, 11, 20)
PEOPLE = [
    ("ana", "at_risk", "lapsed", 0.55, 10.0),
    ("bo<b>", "at_risk", "dropped", 0.816, 2.0),
    ("cy", "watch", "unreachable", 0.3, None),
    ("di", "none", "steady", 0.01, 3.0),
]
ROW = """INSERT INTO risk (customer, region, cohort, day, tier, since, posterior, drop_stop, drop_most,
    drop_part, expected, recent, usual, baseline, severity, risk, reporting_days, silent_days, days_above,
    factor, weight, dispersion, outage, state, head, onset, price_month, at_stake, cancels_30, cancels_90, cancels_by)
  VALUES (:customer, :region, 'eu', DATE '2026-11-27', :tier, DATE '2026-11-03', 0, 0, 0, 0, 1, 0.4, 3, 1, 0,
    :risk, 40, 5, 0, 1, 1, 1, false, :state, :head, DATE '2026-10-30', :price, :stake, :cancels, CAST(:cancels AS float) * 2, :head)"""
USE = """INSERT INTO day_input (customer, day, late, uses, hours)
  SELECT 'ana', DATE '2026-11-25' - n, 0, 3, 7 FROM generate_series(26, 60) AS n"""


@pytest.fixture(scope="module")
def analytics_database(postgres) -> str:
    return asyncio.run(postgres.migrated("analytics"))


@pytest.fixture
async def analytics(analytics_database):
    """Where analytics listens, with four customers."""
    async with emptying(analytics_database, metadata) as engine, engine.begin() as connection:
        for customer, tier, state, risk, price in PEOPLE:
            values = {"customer": customer, "tier": tier, "state": state, "risk": risk}
            values["head"] = FITTED if risk == 0.816 else None  # the others' is a stated prior
            values |= {"price": price, "stake": risk * (price or 0.0)}
            values["cancels"] = 0.24 if risk == 0.816 else 0.03 if price else None
            values["region"] = "us" if customer == "ana" else "eu"
            await connection.execute(text(ROW), values)
        await connection.execute(text(USE))
    async with running("analytics", analytics_database) as (_, port):
        yield f"http://127.0.0.1:{port}"


def people(page):
    """The customers that a page lists, in its order."""
    rows = re.findall(r'<th[^>]*scope="row">(.*?)</th>', page.text, re.DOTALL)
    return [re.sub(r"<.*?>", "", each).strip() for each in rows]


async def test_what_most_is_at_stake_of_first_in_words(make_console, analytics):
    console = make_console(CONSOLE_ANALYTICS_URL=analytics)
    browser = await console.signed_in("csm")
    for query, wanted in (
        ("", ["ana", "bo&lt;b&gt;"]),
        ("?sort=risk", ["bo&lt;b&gt;", "ana"]),
        ("?region=us", ["ana"]),
        ("?state=dropped", ["bo&lt;b&gt;"]),
        ("?snoozed=true", []),
        ("?tier=watch", ["cy"]),
        ("?tier=learning", []),
    ):
        found = await browser.get(f"/at-risk/panels/risks{query}")
        assert people(found) == wanted, query
    assert "Nobody is here" in found.text
    shown = (await browser.get("/at-risk/panels/risks")).text
    for said in ("82 %", "50 to 100 %", "10.00", "Uses it less than usual", "3 Nov 2026"):
        assert said in shown
    assert "0.4 of 3.0 hours a day" in shown
    assert re.search(r'<line class="mark" x1="52.7', shown), "where the drop began"
    tiers = (await browser.get("/at-risk/panels/tiers")).text
    assert re.findall(r'>([\w ]+) <span class="quiet">(\d+)', tiers) == [
        ("At risk", "2"), ("To be watched", "1"), ("Not at risk", "1"), ("Too early to say", "0")
    ]  # fmt: skip
    assert "27 Nov 2026" in tiers
    assert 'href="/at-risk/ana?tier=at_risk' in shown
    one = (await browser.get("/at-risk/ana/panels/why")).text
    assert "still too short to learn from" in one
    assert "3 % within 30 days is assumed of everybody" in one
    other = (await browser.get("/at-risk/bo%3Cb%3E/panels/why")).text
    assert "24 % within 30 days, 48 % within 90; learned from who has cancelled here" in other
    assert "Cancels" not in (await browser.get("/at-risk/cy/panels/why")).text
    file = (await browser.get("/at-risk/files/at-risk.csv?region=us")).text
    assert file.splitlines()[1].startswith("ana,at_risk,0.55,10.0,5.5,lapsed,")
    refused = await browser.get("/at-risk/panels/risks?tier=purple")
    assert "Not to be had at the moment" in refused.text
    await console.close()


async def test_it_is_for_our_own_people(console):
    partner = await console.signed_in("partner", organisation="helpers")
    assert (await partner.get("/at-risk")).status_code == 403


async def test_a_csms_day(browser, serve, analytics, screens):
    """Sees who comes first and why, writes down a contact, leaves somebody out, takes it back."""
    async with serve(CONSOLE_ANALYTICS_URL=analytics) as (console, url), tab(browser, url) as page:
        await console.person("csm")
        await page.goto("/at-risk")
        await enter(page)
        await expect(page.get_by_text("Has stopped using it").last).to_be_visible()
        assert await looked_at(page, screens, "at-risk") == []
        await page.locator("body").click(position={"x": 1, "y": 1})
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="ana", exact=True)).to_be_visible()
        await expect(page.get_by_text("3.0 were usual")).to_be_visible()
        await page.get_by_label("What came of it").select_option("will_stay")
        await page.get_by_label("Note").fill("Moves house, plugs it in again in May")
        await page.get_by_role("button", name="Mark as contacted").click()
        await expect(page.get_by_text("It is written down.")).to_be_visible()
        await expect(page.get_by_text("plugs it in again in May").first).to_be_visible()
        assert await looked_at(page, screens, "at-risk-one") == []
        await page.locator("select[name=days]").select_option("7")
        await page.get_by_label("Why not now").fill("Comes back in May")
        await page.get_by_role("button", name="Not now").click()
        await expect(page.get_by_text("ana is left out until")).to_be_visible()
        await expect(page.get_by_role("link", name="bo<b>")).to_be_visible()
        await expect(page.get_by_role("link", name="ana", exact=True)).to_have_count(0)
        kept = await of_analytics(analytics, "/v1/risks/ana/snooze")
        assert kept["until"] == (wall_now().date() + timedelta(days=7)).isoformat()
        assert kept["reason"] == "Comes back in May"
        (contact,) = await of_analytics(analytics, "/v1/risks/ana/contacts")
        assert contact["outcome"] == "will_stay"
        await page.goto("/at-risk?snoozed=true")
        await page.get_by_role("link", name="ana", exact=True).click()
        await page.get_by_role("button", name="Back into the list").click()
        await expect(page.get_by_text("Back in the list.")).to_be_visible()
        listed = await of_analytics(analytics, "/v1/risks?snoozed=false&tier=at_risk")
        assert [each["customer"] for each in listed["items"]] == ["bo<b>", "ana"]
        await page.goto("/customers/ana")
        await expect(page.get_by_text("Will stay: You")).to_be_visible()


async def of_analytics(address, path):
    """What analytics' interface says."""
    async with httpx.AsyncClient(base_url=address, headers=headers("csm")) as client:
        return (await client.get(path)).json()


async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(make_console, analytics):
    console = make_console(CONSOLE_ANALYTICS_URL=analytics)
    browser = await console.signed_in("lead")
    page = (await browser.get("/at-risk/ana")).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
    typed = {"csrf": csrf, "until": "2001-01-01", "reason": "Back <soon>"}
    refused = await browser.post("/at-risk/ana/snooze", data=typed)
    assert refused.status_code == 422
    assert "expected a day after" in refused.text
    assert 'value="Back &lt;soon&gt;"' in refused.text
    undo = await browser.post("/at-risk/ana/snooze", data={**typed, "until": "", "days": "7"})
    listed = await browser.get(undo.headers["location"])
    assert 'data-fades="' in listed.text
    assert "/at-risk/ana/wake" in listed.text
    woken = await browser.post("/at-risk/ana/wake", data={"csrf": csrf})
    again = await browser.post("/at-risk/ana/wake", data={"csrf": csrf})
    assert (woken.status_code, again.status_code) == (303, 303)
    await console.close()
