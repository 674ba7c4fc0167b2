"""The queue and a ticket, over HTTP beside a real support."""

import csv
import io
import re
from contextlib import asynccontextmanager
from html import unescape

import pyotp
import pytest
from playwright.async_api import expect

from services.support.edges.contacts import Contact
from tests.apis import running
from tests.browser import NARROW, WIDE, looked_at, tab
from tests.console.pages.test_room import enter

pytestmark = pytest.mark.servers

TICKET = """INSERT INTO ticket (id, origin, customer, device, state, opened_at, opened_by, reopen_count,
    priority, assignee, team, subject, historical, version)
  VALUES (:id, :origin, 'ana', 'cam-1', 'open', now() - make_interval(hours => :hours), 'device:cam-1', 0,
    :priority, :assignee, :team, :subject, false, 1)"""
FAULT = """INSERT INTO ticket_fault (ticket, key, device, code, component, severity, firmware, first_seen,
    last_seen, faults, flapping, is_open)
  VALUES (:id, 'cam-1|lens|', 'cam-1', 'lens', '', 'error', '4.2.1', now(), now(), 3, false, true)"""
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


async def an_id(console):
    """Of the only account."""
    return (await console.sql("SELECT id FROM account"))[0].id


def rows(page):
    """The tickets that a page lists, in its order."""
    return re.findall(r'<a href="/tickets/([^"?/]+)\?[^"]*">', page.text)


async def test_the_queue_by_its_address(desks, desk):
    async with desks() as console:
        browser = await console.signed_in("agent")
        ann = await an_id(console)
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
            "Lens on cam-1",
            "Urgent",
            ">You<",
            "Nobody",
            "30 h ago",
        ):
            assert said in whole
        part = await browser.get("/tickets/panels/rows?only=new&only=mine&only=gone")
        assert rows(part) == ["mine", "new"]
        assert 'data-kept="ana"' in part.text
        elsewhere = await browser.get("/tickets/panels/rows?priority=urgent&only=mine")
        assert rows(elsewhere) == []
        assert "data-rows" in elsewhere.text  # there is none, and support has said so
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


async def test_the_queue_as_a_file_to_its_end_without_formulas(desks):
    many = [ticket(f"t{n:03}", 300 - n, subject="x") for n in range(201)]
    bad = ticket("bad", 2, subject="=HYPERLINK(1)", priority="high")
    async with desks(*many, bad) as console:
        browser = await console.signed_in("agent")
        found = await browser.get("/tickets/files/tickets.csv?state=open")
        assert found.headers["content-disposition"] == 'attachment; filename="tickets.csv"'
        rows_ = list(csv.DictReader(io.StringIO(found.text.removeprefix("\ufeff"))))
        assert len(rows_) == 204
        assert len({row["id"] for row in rows_}) == 204
        told = {row["id"]: row["subject"] for row in rows_}
        assert told["bad"] == "'=HYPERLINK(1)"
        few = await browser.get("/tickets/files/tickets.csv?priority=high")
        assert few.text.count("\n") == 2
        link = re.search(r'href="([^"]+\.csv[^"]*)"', (await browser.get("/tickets?text=x")).text)[
            1
        ]
        assert link == "/tickets/files/tickets.csv?text=x"
        assert (await browser.get("/tickets/files/other.csv")).status_code == 404


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
        assert "Lens on the device …" in found.text
        assert "Nobody" not in found.text
        part = await browser.get("/tickets/panels/rows?only=new&only=old")
        assert rows(part) == ["new"]


def fields(page, act):
    """What the form of an act sends of itself."""
    form = re.search(rf'action="/tickets/[^"]+/{act}[^"]*">(.*?)</form>', page.text, re.DOTALL)[1]
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in hidden}


async def test_one_ticket_is_taken_talked_about_resolved_and_opened_again(desks, desk):
    async with desks() as console:
        browser = await console.signed_in("agent")
        ann = await an_id(console)
        page = await browser.get("/tickets/new")
        assert page.status_code == 200
        assert {"Lens on cam-1", "cam-1", "4.2.1"} <= set(re.findall(r">([^<>]+)<", page.text))
        assert 'href="/customers/ana"' in page.text
        said = "It is black.\r\n<i>Since Sunday</i>"
        for act, form, told in (
            ("assign", {"assignee": f"account:{ann}"}, "You took it"),
            ("assign", {"assignee": ""}, "You gave it back"),
            ("assign", {"assignee": "cameras"}, "You gave it to cameras"),
            ("comment", {"text": said}, "It is black.\n&lt;i&gt;Since Sunday&lt;/i&gt;"),
            ("resolve", {"resolution": "config", "note": "IR off"}, "A setting was changed"),
            ("reopen", {"note": "Not yet"}, "You opened it again"),
        ):
            sent = {**fields(page, act), **form}
            for _ in range(2):  # a second press of the button
                done = await browser.post(f"/tickets/new/{act}", data=sent)
                assert done.headers["location"].endswith(f"&said={act}"), done.text
            page = await browser.get(done.headers["location"])
            assert told in page.text
        assert page.text.count("It is black.") == 1


async def test_it_is_given_to_a_colleague_by_name(desks):
    async with desks() as console:
        browser = await console.signed_in("agent")
        bo = await console.person("csm", email="bo@example.org")
        await console.person("product", email="pia@example.org")
        await console.sql("UPDATE account SET name = 'Bo' WHERE id = :id", id=bo.id)
        page = await browser.get("/tickets/new")
        chosen = re.findall(r'<option value="([^"]*)"[^>]*>([^<]+)', page.text)
        given = {says: value for value, says in chosen}
        assert set(given) >= {"You", "Bo", "cameras", "Nobody"}
        assert "Pia" not in given
        sent = {**fields(page, "assign"), "assignee": given["Bo"]}
        done = await browser.post("/tickets/new/assign", data=sent)
        page = await browser.get(done.headers["location"])
        assert "You gave it to Bo" in page.text


async def test_the_ticket_knows_its_queue(desks):
    async with desks(ticket("last", 1, subject="The last")) as console:
        browser = await console.signed_in("agent")
        queue = (await browser.get("/tickets/panels/queue")).text
        assert 'href="/tickets/new?state=open&amp;sort=waiting"' in queue
        page = (await browser.get("/tickets/new?state=open&sort=waiting")).text
        assert 'href="/tickets/old?state=open&amp;sort=waiting"' in page
        assert 'href="/tickets/last?state=open&amp;sort=waiting"' in page
        newest = (await browser.get("/tickets/last?sort=newest&priority=normal")).text
        assert 'href="/tickets/old?state=open&amp;sort=newest&amp;priority=normal"' in newest
        assert (
            '<a href="/tickets?state=open&amp;sort=newest&amp;priority=normal" data-key="u"'
            in newest
        )


async def test_a_lead_shares_it_and_takes_it_back(desks, desk):
    async with desks() as console:
        await desk(HELPERS)
        agent = await console.signed_in("agent")
        assert "/share" not in (await agent.get("/tickets/new")).text
        browser = await console.signed_in("lead", email="lea@example.org")
        page = await browser.get("/tickets/new")
        sent = {**fields(page, "share"), "organisation": "helpers"}
        for act, told in (
            ("share", "Shared with Helpers"),
            ("unshare", "does not see it any more"),
        ):
            done = await browser.post(f"/tickets/new/{act}", data=sent)
            page = await browser.get(done.headers["location"])
            assert told in page.text
            sent = fields(page, "unshare") if act == "share" else {}


async def test_a_conflict_is_told_in_words_and_what_was_typed_stays(desks):
    async with desks() as console:
        browser = await console.signed_in("agent")
        page = await browser.get("/tickets/new")
        await browser.post(
            "/tickets/new/assign", data={**fields(page, "assign"), "assignee": "cameras"}
        )
        late = {**fields(page, "resolve"), "resolution": "refund", "note": "Paid <by> card"}
        refused = await browser.post("/tickets/new/resolve", data=late)
        assert refused.status_code == 412
        assert "somebody has changed this ticket" in refused.text
        assert "Paid &lt;by&gt; card</textarea>" in refused.text
        assert '<option value="refund" selected>' in refused.text
        assert "What happened since you opened the page" in refused.text
        assert refused.text.count("You gave it to cameras") == 2  # there, and in its history
        again = {**late, **fields(refused, "resolve")}
        assert (await browser.post("/tickets/new/resolve", data=again)).status_code == 303
        twice = await browser.post("/tickets/new/resolve", data={**again, "key": "x", "seen": ""})
        assert twice.status_code == 409
        assert "somebody has resolved this ticket meanwhile" in twice.text
        empty = await browser.post("/tickets/new/comment", data={**fields(page, "comment")})
        assert empty.status_code == 422
        assert "Not done. Expected:" in empty.text
        nowhere = await browser.get("/tickets/nowhere")
        assert nowhere.status_code == 404
        assert "There is no such ticket" in nowhere.text


async def test_while_support_is_away_nothing_typed_is_lost(make_console):
    console = make_console(CONSOLE_SUPPORT_URL="http://127.0.0.1:1")
    browser = await console.signed_in("agent")
    sent = {"csrf": browser.headers["X-CSRF-Token"], "key": "k-1", "text": "Call <her>"}
    kept = await browser.post("/tickets/new/comment", data=sent)
    assert kept.status_code == 503
    assert "The tickets&#39; service does not answer" in kept.text
    assert "Call &lt;her&gt;</textarea>" in kept.text
    assert fields(kept, "comment")["key"] == "k-1"
    await console.close()


async def test_a_partner_answers_and_resolves_what_is_shared(desks, desk):
    async with desks() as console:
        await desk(HELPERS)
        await desk(SHARE, id="new")
        browser = await console.signed_in("partner", organisation="helpers")
        page = await browser.get("/tickets/new")
        assert "/assign" not in page.text
        assert "cam-1" not in page.text
        assert "/customers" not in page.text
        for act, form in (("comment", {"text": "We look"}), ("resolve", {"resolution": "fix"})):
            done = await browser.post(f"/tickets/new/{act}", data={**fields(page, act), **form})
            assert done.status_code == 303, done.text
        page = await browser.get("/tickets/new")
        assert "Your organisation resolved it: Fixed" in page.text
        assert "/reopen" not in page.text
        assert (await browser.get("/tickets/old")).status_code == 404


async def test_an_agent_looks_at_the_queue_and_takes_a_ticket(
    browser, serve, support, desk, screens
):
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
            await page.set_viewport_size(NARROW)
            row = page.locator("tbody tr").first
            mark, says = [
                await row.locator(each).bounding_box() for each in (".mark", "a[href^='/tickets']")
            ]
            assert (
                mark["y"] < says["y"] + says["height"] / 2 < mark["y"] + mark["height"]
            )  # a mark stands beside its ticket
            await page.set_viewport_size(WIDE)
            await page.get_by_role("link", name="lens on cam-1").click()
            await page.get_by_label("Write something").fill("It is black at night.")
            await page.get_by_role("button", name="Write it down").click()
            await page.get_by_role("button", name="I take it").click()
            await expect(page.get_by_text("It is given.")).to_be_visible()
            assert await looked_at(page, screens, "ticket") == []
            await page.get_by_role("link", name="Tickets").first.click()
            await page.get_by_role("combobox", name="Priority").select_option("high")
            await page.get_by_role("button", name="Filter").click()
            await expect(page.get_by_text("Nothing waits here")).to_be_visible()


async def test_what_was_done_a_moment_ago_is_taken_back(desks):
    async with desks() as console:
        browser = await console.signed_in("agent")
        ann = f"account:{await an_id(console)}"
        page = await browser.get("/tickets/old")
        for act, form, told in (
            ("assign", {"assignee": ann}, "You gave it back"),
            ("resolve", {"resolution": "fix"}, "You opened it again"),
        ):
            sent = {**fields(page, act), **form}
            done = await browser.post(f"/tickets/old/{act}", data=sent)
            page = await browser.get(done.headers["location"])
            back = re.search(
                r'class="notice good undo".*?action="([^"?]+).*?</form>', page.text, re.DOTALL
            )
            sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', back[0]))
            done = await browser.post(back[1], data={k: unescape(v) for k, v in sent.items()})
            assert done.headers["location"].endswith("said=undone"), done.text
            page = await browser.get(done.headers["location"])
            assert told in page.text
        other = await console.signed_in("csm", email="bo@example.org")
        assert "notice good undo" not in (await other.get("/tickets/old")).text


async def test_many_are_asked_for_once_more_then_done_and_told_one_by_one(desks, desk):
    async with desks(ticket("mid", 9, subject="Second")) as console:
        browser = await console.signed_in("agent")
        queue = (await browser.get("/tickets/panels/queue")).text
        marks = dict(re.findall(r'name="(mark-\w+)" value="([^"]*)"', queue))
        assert set(marks) == {"mark-old", "mark-mid", "mark-new"}
        token = {"csrf": browser.headers["X-CSRF-Token"]}
        path = "/tickets/bulk?state=open"
        chosen = {**marks, "says-old": "No <b>picture"}
        sent = {**token, **chosen, "act": "resolve", "resolution": "config"}
        asked = await browser.post(path, data=sent)
        assert "Resolve 3 tickets: A setting was changed" in asked.text
        assert "No &lt;b&gt;picture" in asked.text
        await desk("UPDATE ticket SET version = 2 WHERE id = 'mid'")  # somebody was faster
        sure = {**sent, "sure": "yes", "key": "k-1"}
        for _ in range(2):  # a second press, or the back button
            done = await browser.post(path, data=sure)
            assert "Done with 2 tickets." in done.text
            assert "Not done with one ticket" in done.text
            assert "somebody has changed this ticket" in done.text
        form = re.search(r'class="notice good undo".*?</form>', done.text, re.DOTALL)[0]
        back = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))
        undone = await browser.post(path, data={**back, "says-old": "x"})
        assert "Open 2 tickets again" in undone.text
        assert set(rows(await browser.get("/tickets/panels/queue"))) == {"old", "mid", "new"}
        partner = await console.signed_in(
            "partner", email="pat@example.org", organisation="helpers"
        )
        refused = await partner.post(path, data={**sure, "csrf": partner.headers["X-CSRF-Token"]})
        assert refused.status_code == 403


async def test_views_are_kept_with_counts_and_columns_are_chosen(desks):
    async with desks(ticket("mid", 9, subject="Second", team="cameras")) as console:
        browser = await console.signed_in("agent")
        token = {"csrf": browser.headers["X-CSRF-Token"], "page": "/tickets"}
        kept = {**token, "query": "state=open&sort=waiting&team=cameras", "name": " Cameras <b> "}
        saved = await browser.post("/account/views", data=kept)
        assert saved.headers["location"] == f"/tickets?{kept['query']}"
        views = (await browser.get("/tickets/panels/views")).text
        assert "team=cameras" in views
        assert re.search(r'Cameras &lt;b&gt; <span class="quiet">2<', views)
        chosen = {
            **token,
            "query": "",
            "column-device": "on",
            "column-opened": "on",
            "column-x": "on",
        }
        assert (await browser.post("/account/columns", data=chosen)).headers[
            "location"
        ] == "/tickets"
        queue = (await browser.get("/tickets/panels/queue")).text
        heads = re.findall(r"<th[^>]*>([^<]+)</th>", queue)
        assert heads == ["Mark", "Ticket", "Serial", "Opened"]
        other = await console.signed_in("csm", email="bo@example.org")  # each their own
        assert "Cameras" not in (await other.get("/tickets/panels/views")).text
        assert "Serial</th>" not in (await other.get("/tickets/panels/queue")).text
        await browser.post("/account/views", data={**token, "query": "", "drop": "Cameras <b>"})
        assert "Cameras" not in (await browser.get("/tickets/panels/views")).text
        away = {**token, "page": "//example.org", "name": "x"}
        assert (await browser.post("/account/views", data=away)).headers["location"] == "/"


class Ana:
    """What journey answers when support asks for a contact."""

    async def of(self, customer):
        assert customer == "ana"
        return Contact(name="Ana Lima", email="ana@example.org", phone=None)


async def test_a_partner_reads_a_contact_for_a_reason_only(make_console, support_database, desk):
    await desk(TICKET, **ticket("mid", 9, subject="Second"))
    await desk(HELPERS)
    await desk(SHARE, id="mid")
    async with running("support", support_database) as (app, port):
        console = make_console(CONSOLE_SUPPORT_URL=f"http://127.0.0.1:{port}")
        factor = pyotp.random_base32()
        browser = await console.signed_in("partner", organisation="helpers", factor=factor)
        token = {"csrf": browser.headers.pop("X-CSRF-Token")}
        assert "/tickets/mid/contact" in (await browser.get("/tickets/mid")).text
        assert "Say why you need them" in (await browser.get("/tickets/mid/contact")).text
        vague = await browser.post("/tickets/mid/contact", data={**token, "reason": "xxxxxxxx"})
        assert vague.status_code == 422
        assert 'value="xxxxxxxx"' in vague.text
        why = {**token, "purpose": "call_back", "reason": "They asked to be called back"}
        said = await browser.post("/tickets/mid/contact", data=why)
        assert said.headers["location"] == "/tickets/mid/contact"
        shown = await browser.get("/tickets/mid/contact")
        assert shown.status_code == 503  # support has no journey to ask here, but it may
        app.state.contacts = Ana()
        shown = await browser.get("/tickets/mid/contact")
        assert re.findall(r"Ana Lima|ana@example.org|not known", shown.text, re.IGNORECASE) == [
            "Ana Lima", "ana@example.org", "Not known",
        ]  # fmt: skip
        assert "ana@example.org" not in (await browser.get("/tickets/mid")).text
        await console.close()


PRINTED = """() => ({
  seen: [...document.querySelectorAll('.side, .foot, .acts, .skip')].filter(one => one.checkVisibility()).length,
  cut: [...document.querySelectorAll('main, main .scroll, main table')]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1 || one.scrollWidth > one.clientWidth + 1)
    .map(one => one.className || one.tagName),
  faint: [...document.querySelectorAll('main a')].filter(one => one.checkVisibility() && one.innerText.trim())
    .map(one => getComputedStyle(one).color.match(/\\d+/g).slice(0, 3).map(Number))
    .filter(([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue > 118).length,
  ground: getComputedStyle(document.body).backgroundColor,
})"""
PAPER = {"width": 718, "height": 1046}  # A4 within margins of 10 mm, at 96 dots an inch


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_on_paper_stands_what_is_said_and_nothing_is_cut(
    serve, support, desk, browser, theme
):
    for each in (ticket("old", 30, subject=f"{'Picture' * 28}"), ticket("new", 3)):
        await desk(TICKET, **each)
    await desk(FAULT, id="new")
    async with (
        support() as address,
        serve(CONSOLE_SUPPORT_URL=address) as (console, url),
        tab(browser, url, color_scheme=theme) as page,
    ):
        await console.person("agent")
        await page.goto("/today")
        await enter(page)
        for path in ("/tickets", "/tickets/new", "/today"):
            await page.goto(path)
            await expect(page.locator("main")).to_be_visible()
            await expect(page.locator("[hx-trigger=load]")).to_have_count(0)
            await page.set_viewport_size(PAPER)
            await page.emulate_media(media="print")
            printed = await page.evaluate(PRINTED)
            assert printed == {"seen": 0, "cut": [], "faint": 0, "ground": "rgb(255, 255, 255)"}, (
                path
            )
            await page.emulate_media(media="screen")
