"""Customers in a real browser, beside all four real services: the list, and one of them."""

import asyncio
import re
from contextlib import AsyncExitStack
from datetime import timedelta
from html import unescape

import httpx
import pytest
from playwright.async_api import expect

from services.console.edges.services.journey.customers import Customers
from services.ingest.store.sources.firmware import write_told
from services.journey.wiring import load_rules
from services.support.edges.consumer import HANDLERS
from services.support.store.store import Store
from shared.clock import wall_now
from shared.db.engine import make_engine
from shared.events import FirmwareUpdated, RegistryChanged
from shared.stream.transaction import transaction
from tests.analytics.player import DAY, HOUR, START, Player, beats, described, uses
from tests.apis import running
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.console.pages.test_tasks_and_plays import Home
from tests.journey.engine import Engine
from tests.signed import headers
from tests.support.build import RULES, records
from tests.units import units

pytestmark = pytest.mark.servers
NAMES = ("ingest", "journey", "support", "analytics")
ANA = {
    "id": "c-ana",
    "zone": "Asia/Tokyo",
    "region": "apac",
    "profile": {"name": "Ana Lima", "email": "ana@example.org"},
    "subscription": {"plan": "plus", "started_at": "2026-01-01T10:30:00Z"},
}
TICKET = {
    "customer": "c-ana",
    "subject": "The lens is fogged",
    "text": "Since Monday",
    "channel": "phone",
}


@pytest.fixture(scope="module")
def databases(postgres) -> dict[str, str]:
    """Databases of this file's own: other tests want theirs without customers."""

    async def made() -> dict[str, str]:
        return {name: await postgres.migrated(name, f"customers_{name}") for name in NAMES}

    return asyncio.run(made())


@pytest.fixture(scope="module")
def filled(databases) -> dict[str, str]:
    """60 customers, one of whom has a device, a ticket and three days of use."""
    asyncio.run(fill(databases))
    return databases


async def fill(databases, others=59):
    urls: dict[str, str]
    await publish_plays(databases["journey"])
    async with AsyncExitStack() as stack, httpx.AsyncClient(headers=headers("admin")) as http:
        urls = await up(stack, databases)

        async def post(name, path, body):
            answer = await http.post(f"{urls[name]}{path}", json=body)
            assert answer.is_success, answer.text

        bought = {"product": "cam", "at": (wall_now() - timedelta(days=2)).isoformat()}
        await post("journey", "/v1/customers", {**ANA, "purchases": [bought]})
        for n in range(others):
            plain = {"id": f"d-{n:02}", "profile": {"name": f"Person {n}"}}
            await post("journey", "/v1/customers", plain)
        await tell_support(databases["support"])
        await post("support", "/v1/tickets", TICKET)
        await post("ingest", "/v1/devices", {"id": "cam-7", "model": "Cam 2", "firmware": "4.2"})
        await post("ingest", "/v1/devices/cam-7/claim", {"customer": "c-ana"})
    await tell_of_firmware(databases)
    engine = make_engine(databases["analytics"])
    player = Player(engine)
    await player.handle(described("c-ana"))
    for day in range(3):
        log = [*beats("c-ana", day, day + 1), *uses("c-ana", day, day + 1)]
        await player.handle(*[each.event for each in log])
        await player.close_until(START + (day + 1) * DAY + 7 * HOUR)
    await engine.dispose()


async def tell_of_firmware(databases) -> None:
    """Ana's camera has told of another firmware, and journey has heard of both."""
    engine, told = make_engine(databases["ingest"]), wall_now() - timedelta(hours=5)
    async with engine.begin() as connection:
        await write_told(connection, {"cam-7": [("4.3", told)]})
    await engine.dispose()
    engine = make_engine(databases["journey"])
    about = {"source": "cam-7", "customer": "c-ana", "model": "Cam 2"}
    claimed = RegistryChanged(at=told, change="claimed", kind="device", version=2, **about)
    update = FirmwareUpdated(at=told, to_firmware="4.3", **about)
    for event in (claimed, update):
        await Engine(engine, rules=load_rules(Home())).handle(
            (event, f"/cam-7/{event.type_name()}#1"), now=told
        )
    await engine.dispose()


async def publish_plays(database: str) -> None:
    """The playbook is published, as journey's process does when it starts."""
    engine = make_engine(database)
    await Engine(engine, rules=load_rules(Home())).publish(wall_now())
    await engine.dispose()


async def tell_support(database: str) -> None:
    """Support has heard of the customer, as from Kafka."""
    engine, event = make_engine(database), described("c-ana")
    handle = units("support", Store, RULES).handlers(HANDLERS)[event.TOPIC]
    async with transaction(engine, "support", event.at) as tx:
        await handle(tx, records(event))
    await engine.dispose()


async def up(stack: AsyncExitStack, databases) -> dict[str, str]:
    ports = {
        name: (await stack.enter_async_context(running(name, url)))[1]
        for name, url in databases.items()
    }
    return {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}


@pytest.fixture
async def urls(filled):
    """Where the services are, as console's settings say it."""
    async with AsyncExitStack() as stack:
        found = await up(stack, filled)
        yield {f"CONSOLE_{name.upper()}_URL": url for name, url in found.items()}


async def test_a_csm_changes_a_profile_and_of_two_the_later_one_is_told(
    browser, serve, urls, screens
):
    async with serve(**urls) as (console, url), tab(browser, url) as page:
        await console.person("csm")
        await page.goto("/customers/d-03")
        await enter(page)
        await page.get_by_role("link", name="Profile").click()
        other = await page.context.new_page()
        await other.goto("/customers/d-03/profile")
        await page.get_by_label("Street and town").fill("Sea Lane 1, Hamburg")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("The profile is changed.")).to_be_visible()
        await other.get_by_label("Name").fill("Person Three")
        await other.get_by_role("button", name="Save").click()
        await expect(other.get_by_text("Somebody has changed it meanwhile.")).to_be_visible()
        await expect(other.get_by_text("Sea Lane 1, Hamburg")).to_be_visible()
        assert await other.get_by_label("Name").input_value() == "Person Three"
        assert await looked_at(other, screens, "profile") == []


async def test_from_the_list_to_everything_about_one_customer(browser, serve, urls, screens):
    async with serve(**urls) as (console, url), tab(browser, url) as page:
        await console.person("csm")
        await page.goto("/today")
        await enter(page)
        await page.get_by_role("link", name="Customers").click()
        await expect(page.locator("tbody tr")).to_have_count(50)
        assert await looked_at(page, screens, "customers") == []
        await page.get_by_role("link", name="More").click()
        await expect(page.locator("tbody tr")).to_have_count(10)
        await page.get_by_role("combobox", name="Stage").select_option("purchased")
        await page.get_by_role("button", name="Filter").click()
        await expect(page.locator("tbody tr")).to_have_count(1)
        assert "stage=purchased" in page.url
        await page.goto("/customers?text=lima")
        await page.get_by_role("link", name="Ana Lima").click()
        await expect(page.get_by_role("heading", name="Ana Lima")).to_be_visible()
        for name, said in {
            "person": ["Ana Lima", "ana@example.org", "Purchased", "plus", "active", "Asia/Tokyo"],
            "risk": ["Too early to say", "Too few days are known yet", "14 days"],
            "use": ["Uses a day", "2 Mar"],
            "tickets": ["The lens is fogged", "Open"],
            "devices": ["Cam 2", "cam-7", "4.3", "In use", "Never"],
        }.items():
            for each in said:
                await expect(page.locator(f"#{name}")).to_contain_text(each)
        await expect(page.locator("#story .timeline .entry")).to_have_count(5)
        for each in ("Stage: Purchased", "Because of a purchase", "Bought cam", "cam-7", "fogged"):
            await expect(page.locator("#story .timeline")).to_contain_text(each)
        await expect(page.locator("#use svg rect.bar")).to_have_count(3)
        await expect(page.locator("#use")).to_contain_text("3 days up to the newest")
        assert await looked_at(page, screens, "customer") == []
        await page.get_by_role("link", name="The lens is fogged", exact=True).click()
        await expect(page.get_by_text("Since Monday")).to_be_visible()
        await page.goto("/customers/c-nobody")
        await expect(page.get_by_text("Nobody has this id")).to_be_visible()
        for nothing in ("No verdict yet", "No use is known", "No tickets", "No devices"):
            await expect(page.get_by_text(nothing)).to_be_visible()
        assert await looked_at(page, screens, "customer-unknown") == []


async def test_a_page_waits_for_the_name_that_is_its_heading(make_console, urls, monkeypatch):
    quick = Customers.names

    async def slow(self, ids):
        await asyncio.sleep(1.2)
        return await quick(self, ids)

    monkeypatch.setattr(Customers, "names", slow)
    console = make_console(**urls)
    browser = await console.signed_in("csm")
    assert "<h1>Ana Lima</h1>" in (await browser.get("/customers/c-ana")).text
    await console.close()


@pytest.mark.parametrize(
    ("page", "query", "chosen", "head", "many"),
    [
        pytest.param("/customers", "plan=plus", "plan", ["Customer", "Plan"], 1, id="customers"),
        pytest.param("/devices", "model=Cam+2", "heard", ["Id", "Last heard"], None, id="devices"),
    ],
)
async def test_views_and_columns_are_kept(make_console, urls, page, query, chosen, head, many):
    console = make_console(**urls)
    browser = await console.signed_in("csm")
    form = {"csrf": browser.headers["X-CSRF-Token"], "page": page, "query": query}
    await browser.post("/account/views", data={**form, "name": "Mine <b>"})
    await browser.post("/account/columns", data={**form, f"column-{chosen}": "on"})
    kept = page if many is None else f"{page}/panels/views"
    shown = (await browser.get(f"{kept}?{query}")).text
    assert f'href="{page}?{query}" aria-current="true"' in shown
    assert "Mine &lt;b&gt;" in shown
    counts = re.findall(r'Mine &lt;b&gt; <span class="quiet">(.*?)</span>', shown)
    assert counts == ([] if many is None else [str(many)])
    listed = (await browser.get(f"{page}/panels/list?{query}")).text
    assert re.findall(r"<th scope=.col.[^>]*>([^<]+)</th>", listed) == head
    await browser.post("/account/views", data={**form, "drop": "Mine <b>"})
    assert "Mine &lt;b&gt;" not in (await browser.get(kept)).text
    await console.close()


async def test_each_panel_fails_alone_and_says_whose_it_is(make_console, urls):
    there = {name: url for name, url in urls.items() if "JOURNEY" in name or "SUPPORT" in name}
    console = make_console(**there)
    browser = await console.signed_in("csm")
    shown = {}
    for panel in ("person", "tickets", "risk", "devices"):
        shown[panel] = (await browser.get(f"/customers/c-ana/panels/{panel}")).text
    assert "Ana Lima" in shown["person"]
    assert "The lens is fogged" in shown["tickets"]
    assert "The service for risks does not answer" in shown["risk"]
    assert "The registry of devices does not answer" in shown["devices"]
    await console.close()


async def test_who_sees_a_customer_and_who_the_person(make_console, urls):
    console = make_console(**urls)
    oncall = await console.signed_in("oncall")
    seen = (await oncall.get("/customers/c-ana/panels/person")).text
    assert "Not shown to your role" in seen
    assert "Ana Lima" not in seen
    listed = await oncall.get("/customers/panels/list?plan=plus")
    assert "c-ana" in listed.text
    assert "Ana Lima" not in listed.text
    product = await console.signed_in("product", email="pam@example.org")
    answer = await product.get("/customers")
    assert answer.status_code == 403
    assert 'href="/customers"' not in answer.text
    await console.close()


async def test_a_panel_that_comes_later_is_asked_for_with_the_pages_own_filter(make_console, urls):
    console = make_console(**urls)
    browser = await console.signed_in("csm")
    path = "/customers/panels/list?stage=none"
    seen = (await browser.get(path)).text
    assert "d-00" in seen
    assert "c-ana" not in seen
    unknown = (await browser.get("/customers/panels/list?stage=nowhere")).text
    assert "Nobody is as the filter asks" in unknown
    await console.close()
    away = make_console()
    browser = await away.signed_in("csm", email="bob@example.org")
    assert f'href="{path}"' in (await browser.get("/customers?stage=none")).text
    await away.close()


async def test_a_form_that_is_refused_asks_late_panels_of_its_page(make_console, urls):
    """What did not come in time is asked for below the page, not below where the form was sent."""
    console = make_console(CONSOLE_JOURNEY_URL=urls["CONSOLE_JOURNEY_URL"])
    browser = await console.signed_in("csm")
    token = {"csrf": browser.headers.pop("X-CSRF-Token")}
    sold = {**token, "product": "Lock", "at": "2026-01-05", "price": "a lot", "key": "k" * 32}
    refused = await browser.post("/customers/d-05/purchase", data=sold)
    assert refused.status_code == 422
    assert 'href="/customers/d-05/panels/tickets"' in refused.text
    assert "/purchase/panels/" not in refused.text
    await console.close()


async def test_a_purchase_and_another_plan_are_told_and_nothing_typed_is_lost(make_console, urls):
    console = make_console(**urls)
    browser = await console.signed_in("csm")
    token = {"csrf": browser.headers.pop("X-CSRF-Token")}
    sold = {**token, "product": "Lock", "at": "2026-01-05", "price": "99", "key": "k" * 32}
    for price, status in (("a lot", 422), ("nan", 422), ("99", 303), ("99", 303)):
        done = await browser.post("/customers/d-05/purchase", data={**sold, "price": price})
        assert done.status_code == status, done.text
        assert status == 303 or f'value="{price}"' in done.text
    assert (await browser.get("/customers/d-05/panels/story")).text.count("Bought Lock") == 1
    form = (await browser.get("/customers/c-ana/subscription")).text
    seen = unescape(re.search(r'name="seen" value="([^"]*)"', form)[1])
    assert 'value="plus"' in form
    was = re.search(r'name="started_at_was" value="([^"]*)"', form)[1]
    wish = {**token, "plan": "pro", "started_at": "2026-01-01", "status": "active", "seen": seen}
    wish["started_at_was"] = was
    done = await browser.post("/customers/c-ana/subscription", data=wish)
    assert done.headers["location"] == "/customers/c-ana?said=subscribed", done.text
    again = (await browser.get("/customers/c-ana/subscription")).text
    assert f'value="{was}"' in again  # a day nobody touched is still the moment it was
    assert "T10:30:00" in was
    late = await browser.post("/customers/c-ana/subscription", data={**wish, "plan": "max"})
    assert late.status_code == 412
    assert "Now it is: pro, active" in late.text
    assert 'value="max"' in late.text
    await console.close()


async def test_a_term_that_ends_soon_is_listed_and_what_came_of_it_written_down(make_console, urls):
    ends = (wall_now() + timedelta(days=9)).replace(microsecond=0)
    plan = {"plan": "pro", "started_at": "2026-01-01T10:00:00Z", "price_month": 12.5}
    async with httpx.AsyncClient(headers=headers("admin")) as http:
        journey = urls["CONSOLE_JOURNEY_URL"]
        path = f"{journey}/v1/customers/d-07/subscription"
        put = await http.put(path, json={**plan, "renews_at": ends.isoformat()})
        assert put.is_success, put.text
    console = make_console(**urls)
    browser = await console.signed_in("csm")
    token = {"csrf": browser.headers.pop("X-CSRF-Token")}
    shown = (await browser.get("/renewals/panels/terms")).text
    assert "Person 7" in shown
    assert "12.50" in shown
    term = unescape(re.search(r'name="term_ends" value="([^"]*)"', shown)[1])
    seen = unescape(re.search(r'name="seen" value="([^"]*)"', shown)[1])
    said = {**token, "term_ends": term, "outcome": "cancelled", "seen": seen}
    refused = await browser.post("/renewals/d-07", data=said)
    assert refused.status_code == 422, "who leaves does so for a reason"
    assert "does so for a reason" in refused.text
    done = await browser.post("/renewals/d-07", data={**said, "reason": "faults"})
    assert done.headers["location"].startswith("/renewals?within=90"), done.text
    late = await browser.post("/renewals/d-07", data={**said, "outcome": "renewed"})
    assert (late.status_code, "somebody was faster" in late.text) == (412, True)
    assert "Person 7" not in (await browser.get("/renewals/panels/terms")).text
    decided = (await browser.get("/renewals/panels/terms?decided=true")).text
    assert "Does not go on" in decided
    assert "faults" in decided
    file = (await browser.get("/renewals/files/renewals.csv?decided=true")).text
    assert "d-07" in file
    assert "cancelled,faults" in file
    await console.close()


async def test_who_may_gives_out_everything_and_erases(make_console, urls):
    console = make_console(**urls)
    csm = await console.signed_in("csm", email="carl@example.org")
    assert "/erasure" not in (await csm.get("/customers/d-06")).text
    lead = await console.signed_in("lead")
    token = {"csrf": lead.headers.pop("X-CSRF-Token")}
    assert "/customers/d-06/export" in (await lead.get("/customers/d-06")).text
    short = await lead.post("/customers/d-06/erasure", data={**token, "reason": "x"})
    assert short.status_code == 422
    gone = await lead.post("/customers/d-06/erasure", data={**token, "reason": "request 7"})
    assert gone.headers["location"] == "/customers/d-06?said=erased"
    await console.close()


NASTY = {
    "markup": "<script>alert(1)</script><b onclick=x>",
    "right to left": "abc\u202eevil\u202c",
    "emoji": "👩‍👩‍👧‍👦" * 50,
    "10,000 characters": "x" * 10_000,
    "one long word": "W" * 200,
}


@pytest.mark.parametrize("typed", NASTY.values(), ids=NASTY)
async def test_whatever_is_typed_is_refused_or_shown_as_text(make_console, urls, typed):
    console = make_console(**urls)
    browser = await console.signed_in("csm")
    token = {"csrf": browser.headers.pop("X-CSRF-Token")}
    for path in ("/customers", "/devices", "/tickets"):
        for name in ("text", "plan", "beginning", "model", "fault_code"):
            page = await browser.get(path, params={name: typed})
            assert page.status_code == 200, (path, name)
            assert "<script>alert" not in page.text
            assert "<b onclick" not in page.text
    sold = {**token, "product": typed, "at": "2026-01-05"}
    done = await browser.post("/customers/d-09/purchase", data=sold)
    assert done.status_code in {303, 422}
    assert "<script>alert" not in done.text
    assert "<script>alert" not in (await browser.get("/customers/d-09/panels/story")).text
    await console.close()


async def test_what_a_customer_wants_is_seen_with_who_wrote_it_down_and_changed(make_console, urls):
    console = make_console(**urls)
    browser = await console.signed_in("csm")
    token = {"csrf": browser.headers.pop("X-CSRF-Token")}
    page, at = "/customers/c-ana/consent", "/customers/c-ana/consent"
    shown = (await browser.get(page)).text
    assert "set-up" in shown
    assert 'href="/customers/c-ana/consent"' in (await browser.get("/customers/c-ana")).text
    seen = unescape(re.search(r'name="seen" value="([^"]*)"', shown)[1])
    no = {**token, "about": "set-up", "channel": "email", "wanted": "no", "seen": seen}
    assert (await browser.post(at, data=no)).status_code == 303
    late = await browser.post(at, data=no)
    assert (late.status_code, "somebody was faster" in late.text) == (412, True)
    agreed = {**token, "about": "promotion", "channel": "", "wanted": "yes", "seen": ""}
    assert (await browser.post(at, data=agreed)).status_code == 303
    file = (await browser.get(f"{page}/files/consent.csv")).text
    assert "set-up,email,false," in file.lower()
    assert "set-up,app,true,,," in file.lower()
    assert "promotion,,true," in file.lower()
    stop = {**token, "why": "complained"}
    assert (await browser.post(f"{at}/suppress", data=stop)).status_code == 303
    shown = (await browser.get(page)).text
    assert "They complained" in shown
    assert "Send again" not in shown, "a lead lifts it"
    listed = (await browser.get("/suppressions/panels/list")).text
    assert "Ana Lima" in listed
    id_ = (await browser.get("/suppressions/files/suppressions.csv")).text.splitlines()[1][:64]
    lead = await console.signed_in("lead", email="leo@example.org")
    token = {"csrf": lead.headers.pop("X-CSRF-Token")}
    bad = await lead.post(f"/suppressions/{id_}/lift", data={**token, "reason": "Ana Lima"})
    assert bad.status_code == 422
    lifted = await lead.post(f"/suppressions/{id_}/lift", data={**token, "reason": "works now"})
    assert lifted.headers["location"] == "/suppressions?said=lifted"
    assert "Ana Lima" not in (await lead.get("/suppressions/panels/list?why=complained")).text
    await console.close()


async def test_plays_are_listed_with_whom_they_are_of_and_as_a_file(make_console, urls):
    console = make_console(**urls)
    browser = await console.signed_in("marketing")
    shown = (await browser.get("/plays/panels/list")).text
    assert "Published by" in shown
    file = (await browser.get("/plays/files/plays.csv")).text
    assert "set-up help,live,,1," in file
    await console.close()
