"""The queue and a ticket, over HTTP beside a real support."""

import re
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import expect

from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter

pytestmark = pytest.mark.servers

TICKET = """INSERT INTO ticket (id, origin, customer, device, state, opened_at, opened_by, reopen_count,
    priority, assignee, team, subject, historical, version)
  VALUES (:id, :origin, 'ana', 'cam-1', 'open', now() - make_interval(hours => :hours), 'device:cam-1', 0,
    :priority, :assignee, :team, :subject, false, 1)"""
FAULT = """INSERT INTO ticket_fault (ticket, key, device, code, component, severity, firmware, first_seen,
    last_seen, faults, flapping, is_open)
  VALUES (:id, :id, 'cam-1', 'lens', '', 'error', '4.2.1', now(), now(), 3, false, true)"""
HELPERS = """INSERT INTO organisation (id, name, active, version, created_at)
  VALUES ('helpers', 'Helpers', true, 1, now())"""
SHARE = """INSERT INTO shared_with (kind, id, organisation, by, since)
  VALUES ('ticket', :id, 'helpers', 'account:lead', now())"""


def ticket(id_, hours, *, subject=None, priority="normal", assignee=None, team=None):
    return {
        "id": id_, "hours": hours, "subject": subject, "priority": priority, "assignee": assignee,
        "team": team, "origin": "fault" if subject is None else "person",
    }  # fmt: skip


@pytest.fixture
def desks(make_console, support, desk):
    """`async with desks() as console`: three tickets wait, one of a fault."""

    @asynccontextmanager
    async def made(*more):
        for each in (
            ticket("old", 30, subject="No <b>picture</b> at night", team="cameras"),
            ticket("new", 3, priority="urgent"),
            *more,
        ):
            await desk(TICKET, **each)
        await desk(FAULT, id="new")
        async with support() as url:
            console = make_console(CONSOLE_SUPPORT_URL=url)
            yield console
            await console.close()

    return made


def rows(page):
    """The tickets that a page lists, in its order."""
    return re.findall(r'<a href="/tickets/([^"?/]+)">', page.text)


async def test_the_queue_by_its_address(desks, desk):
    async with desks() as console:
        browser = await console.signed_in("agent")
        ann = (await console.sql("SELECT id FROM account"))[0].id
        await desk(TICKET, **ticket("mine", 9, subject="Mine", assignee=f"account:{ann}"))
        page = await browser.get("/tickets?state=open&text=pict")
        assert page.status_code == 200
        assert 'value="pict"' in page.text
        assert 'data-go="q"' in page.text
        asked = {
            "": ["old", "mine", "new"],
            "?sort=newest": ["new", "mine", "old"],
            "?assigned=false&state=open": ["old", "new"],
            f"?assignee=account:{ann}": ["mine"],
            "?priority=urgent": ["new"],
            "?team=cameras&text=pict": ["old"],
            "?state=resolved&sort=waiting": [],
        }
        for query, wanted in asked.items():
            found = await browser.get(f"/tickets/panels/queue{query}")
            assert rows(found) == wanted, query
        assert "Nothing waits here" in found.text
        whole = (await browser.get("/tickets/panels/queue")).text
        for said in (
            "No &lt;b&gt;picture",
            "lens on cam-1",
            "Urgent",
            ">You<",
            "Nobody",
            "30 h ago",
        ):
            assert said in whole
        views = (await browser.get("/tickets/panels/views")).text
        counts = re.findall(r'>(\w[\w ]*) <span class="quiet">(\d+)', views)
        assert counts == [("Unassigned", "2"), ("Mine", "1"), ("All open", "3")]
        assert f"assignee=account%3A{ann}" in views


async def test_the_next_page_begins_where_this_one_ends(desks):
    many = [ticket(f"t{n:02}", 100 - n, subject="x") for n in range(50)]
    async with desks(*many) as console:
        browser = await console.signed_in("agent")
        first = await browser.get("/tickets/panels/queue?priority=normal")
        assert rows(first) == [each["id"] for each in many]
        onward = re.search(r'href="/tickets\?([^"]+after=[^"]+)"', first.text)[1]
        second = await browser.get(f"/tickets/panels/queue?{onward.replace('&amp;', '&')}")
        assert rows(second) == ["old"]


async def test_a_partner_has_what_is_shared_and_no_counts(desks, desk):
    async with desks() as console:
        await desk(HELPERS)
        await desk(SHARE, id="new")
        browser = await console.signed_in("partner", organisation="helpers")
        page = await browser.get("/tickets?priority=urgent")
        assert "Views" not in page.text
        assert 'name="team"' not in page.text
        assert (await browser.get("/tickets/panels/views")).status_code == 404
        found = await browser.get("/tickets/panels/queue?team=cameras")
        assert rows(found) == ["new"]
        assert "lens on the device …" in found.text
        assert "Nobody" not in found.text


async def test_an_agent_looks_at_the_queue(browser, serve, support, desk, screens):
    await desk(TICKET, **ticket("old", 30, subject="No picture at night", team="cameras"))
    await desk(TICKET, **ticket("new", 3, priority="urgent"))
    await desk(FAULT, id="new")
    async with support() as address, serve(CONSOLE_SUPPORT_URL=address) as (console, url):
        await console.person("agent")
        async with tab(browser, url) as page:
            await page.goto("/tickets")
            await enter(page)
            await expect(page.get_by_role("link", name="lens on cam-1")).to_be_visible()
            assert await looked_at(page, screens, "tickets") == []
            await page.get_by_label("Priority").select_option("high")
            await page.get_by_role("button", name="Filter").click()
            await expect(page.get_by_text("Nothing waits here")).to_be_visible()
