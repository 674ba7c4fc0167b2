"""The list of customers at risk, over HTTP beside a real analytics."""

import asyncio
import re
from datetime import date

import pytest
from playwright.async_api import expect
from sqlalchemy import text

from services.analytics.store.tables import metadata
from shared.db.engine import make_engine
from tests.apis import running
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.emptied import empty

pytestmark = pytest.mark.servers
# customer, tier, state, risk
FITTED = date(2026, 11, 20)
PEOPLE = [
    ("ana", "at_risk", "lapsed", 0.55),
    ("bo<b>", "at_risk", "dropped", 0.816),
    ("cy", "watch", "unreachable", 0.3),
    ("di", "none", "steady", 0.01),
]
ROW = """INSERT INTO risk (customer, region, cohort, day, tier, since, posterior, drop_stop, drop_most,
    drop_part, expected, recent, usual, baseline, severity, risk, reporting_days, silent_days, days_above,
    factor, weight, dispersion, outage, state, head)
  VALUES (:customer, 'eu', 'eu', DATE '2026-11-27', :tier, DATE '2026-11-03', 0, 0, 0, 0, 1, 1, 1, 1, 0, :risk,
    40, 0, 0, 1, 1, 1, false, :state, :head)"""


@pytest.fixture(scope="module")
def analytics_database(postgres) -> str:
    return asyncio.run(postgres.migrated("analytics"))


@pytest.fixture
async def analytics(analytics_database):
    """Where analytics listens, with four customers."""
    engine = make_engine(analytics_database)
    await empty(engine, metadata)
    async with engine.begin() as connection:
        for customer, tier, state, risk in PEOPLE:
            values = {"customer": customer, "tier": tier, "state": state, "risk": risk}
            values["head"] = FITTED if risk == 0.816 else None  # the others' is a stated prior
            await connection.execute(text(ROW), values)
    await engine.dispose()
    async with running("analytics", analytics_database) as (_, port):
        yield f"http://127.0.0.1:{port}"


def people(page):
    """The customers that a page lists, in its order."""
    rows = re.findall(r'<th[^>]*scope="row">(.*?)</th>', page.text, re.DOTALL)
    return [re.sub(r"<.*?>", "", each).strip() for each in rows]


async def test_the_highest_risk_first_in_words(make_console, analytics):
    console = make_console(CONSOLE_ANALYTICS_URL=analytics)
    browser = await console.signed_in("csm")
    for query, wanted in (
        ("", ["bo&lt;b&gt;", "ana"]),
        ("?tier=watch", ["cy"]),
        ("?tier=learning", []),
    ):
        found = await browser.get(f"/at-risk/panels/risks{query}")
        assert people(found) == wanted, query
    assert "Nobody is here" in found.text
    shown = (await browser.get("/at-risk/panels/risks")).text
    for said in (
        "82 %",
        "50 to 100 %",
        "Uses it less than usual",
        "Use as before ends it",
        "3 Nov 2026",
    ):
        assert said in shown
    tiers = (await browser.get("/at-risk/panels/tiers")).text
    assert re.findall(r'>([\w ]+) <span class="quiet">(\d+)', tiers) == [
        ("At risk", "2"), ("To be watched", "1"), ("Not at risk", "1"), ("Too early to say", "0")
    ]  # fmt: skip
    assert "27 Nov 2026" in tiers
    assert 'href="/customers/ana"' in shown
    refused = await browser.get("/at-risk/panels/risks?tier=purple")
    assert "Not to be had at the moment" in refused.text
    await console.close()


async def test_it_is_for_our_own_people(console):
    partner = await console.signed_in("partner", organisation="helpers")
    assert (await partner.get("/at-risk")).status_code == 403


async def test_a_csm_looks_at_it(browser, serve, analytics, screens):
    async with serve(CONSOLE_ANALYTICS_URL=analytics) as (console, url), tab(browser, url) as page:
        await console.person("csm")
        await page.goto("/at-risk")
        await enter(page)
        await expect(page.get_by_text("Has stopped")).to_be_visible()
        assert await looked_at(page, screens, "at-risk") == []
