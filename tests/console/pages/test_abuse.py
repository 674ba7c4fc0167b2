"""What people and machines do to pages: strange text in every field, services that are no help."""

import asyncio
import re
from contextlib import asynccontextmanager
from html.parser import HTMLParser

import pytest
from playwright.async_api import expect

from services.console.edges.pages import PAGES, panels
from shared.clock import wall_now
from shared.web.client import client
from tests.browser import NARROW, sticks_out, tab
from tests.console.pages.test_crawl import addresses, crawled  # noqa: F401 - fixtures
from tests.console.pages.test_room import enter
from tests.console.pages.test_tickets import TICKET, ticket

pytestmark = pytest.mark.servers
MARKUP = "<script>alert(1)</script><b onclick=x>"
NASTY = {
    "markup, right to left, emoji": f"{MARKUP} abc\u202eevil\u202c 👩‍👩‍👧‍👦",
    "10,000 characters": "x" * 10_000,
    "200 without a space": "W" * 200,
}
TYPED = {"text", "search", "email", "tel", "url", "number", "date"}
NOT_HERE = re.compile("/sign-out|/password|/second-factor|/step-up|/imports/")
ONES = (
    "/customers/c-ana", "/customers/c-ana/profile", "/customers/c-ana/subscription",
    "/devices/cam-7", "/at-risk/c-ana", "/products/cam", "/plays/set-up%20help/draft",
)  # fmt: skip
LISTS = [
    page.path
    for page in PAGES
    if page.roles and "{" not in page.path and page.path not in ("/sign-out", "/live", "/palette")
]


class Forms(HTMLParser):
    """The forms of a page: method, address, fields as a browser would send them, names of texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, dict[str, str], list[str]]] = []
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((said.get("method", "get"), said.get("action", ""), {}, []))
        if not self.forms:
            return
        _, _, fields, texts = self.forms[-1]
        name = said.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and (self._select not in fields or "selected" in said):
            fields[self._select] = said.get("value", "")
        elif name and tag in ("input", "textarea"):
            fields[name] = said.get("value", "")
            if tag == "textarea" or said.get("type", "text") in TYPED:
                texts.append(name)


async def strange(browser, path: str, typed: str) -> list[str]:
    """What goes wrong when all fields of all forms of a page are filled with something."""
    wrong, page = [], await browser.get(path)
    for method, action, fields, texts in Forms(page.text).forms:
        if not texts or NOT_HERE.search(action):
            continue
        filled, address = fields | dict.fromkeys(texts, typed), action or path
        if method == "post":
            done = await browser.post(address, data=filled)
        else:
            done = await browser.get(address, params=filled)
        if done.is_redirect:
            done = await browser.get(done.headers["location"])
        if done.status_code >= 500:
            wrong.append(f"{address}: {done.status_code}")
        if "<script>alert" in done.text or "<b onclick" in done.text:
            wrong.append(f"{address}: shown as markup")
    return wrong


async def test_every_field_of_every_form_takes_text_as_text(browser, serve, addresses):  # noqa: F811
    """And afterwards, with all of it in the lists, no page is wider than a telephone."""
    async with serve(**addresses) as (console, url):
        http = await console.signed_in("admin", "marketing", "lead")
        del http.headers["X-CSRF-Token"]
        tickets = await http.get("/tickets?state=all")
        ones = (*ONES, re.search(r'href="(/tickets/(?!files/)[^"?]+)', tickets.text)[1])
        wrong = [
            said
            for path in (*LISTS, *ones)
            for typed in NASTY.values()
            for said in await strange(http, path, typed)
        ]
        assert wrong == []
        async with tab(browser, url, viewport=NARROW) as page:
            await page.context.add_cookies(
                [
                    {"name": each.name, "value": each.value, "url": url, "secure": True}
                    for each in http.cookies.jar
                ]
            )
            for path in (*LISTS, *ones):
                await page.goto(path)
                await page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
                wrong += [f"{path}: {said}" for said in await sticks_out(page)]
        assert wrong == []


@asynccontextmanager
async def nobody_there():
    yield "http://127.0.0.1:1"


@asynccontextmanager
async def behind(answer: bytes):
    """Something that takes every connection and says this, or nothing for ever."""

    async def say(reader, writer):
        if not answer:
            await reader.read()
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


FAULTY = {
    "down": nobody_there,
    "slow": lambda: behind(b""),
    "500": lambda: behind(b"HTTP/1.1 500 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    "no HTTP": lambda: behind(b"SSH-2.0-OpenSSH_9.2\r\n"),
}


@pytest.mark.parametrize("faulty", FAULTY.values(), ids=FAULTY)
async def test_no_page_falls_with_a_service_behind_it(make_console, monkeypatch, faulty):
    """Every page of an admin: it comes with its panels empty, or says in words who is missing."""
    monkeypatch.setattr(panels, "PATIENCE_S", 0.05)
    monkeypatch.setattr(client, "READY_S", 0.2)
    monkeypatch.setattr(client, "DEADLINE_S", 0.2)
    async with faulty() as address:
        names = ("INGEST", "JOURNEY", "SUPPORT", "ANALYTICS")
        console = make_console(**{f"CONSOLE_{name}_URL": address for name in names})
        browser = await console.signed_in("admin")
        fallen = {}
        for path in (*LISTS, *ONES, "/tickets/t-1"):
            page = await browser.get(path)
            said = "does not answer" in page.text or "/panels/" in page.text
            if page.status_code == 500 or (page.status_code == 503 and not said):
                fallen[path] = page.status_code
            assert "<h1" in page.text, path
        assert fallen == {}
        for path in re.findall(r'href="(/[^"]*/panels/[^"]*)"', (await browser.get("/today")).text):
            assert "does not answer" in (await browser.get(path)).text
        await console.close()


async def test_ten_thousand_tickets_of_one_customer(make_console, support, desk):
    await desk(
        TICKET.replace("VALUES (:id,", "SELECT 'many-' || n,").replace(
            "false, 1)", "false, 1 FROM generate_series(1, 10000) n"
        ),
        **ticket("", 3, subject="Again"),
    )
    async with support() as address:
        console = make_console(CONSOLE_SUPPORT_URL=address)
        browser = await console.signed_in("agent")
        tickets = (await browser.get("/customers/ana/panels/tickets")).text
        assert "More are open than are shown here" in tickets
        story = (await browser.get("/customers/ana/panels/story")).text
        queue = (await browser.get("/tickets")).text
        for page in (tickets, story, queue):
            assert 5 < page.count("Again") <= 400  # of each row a link, at most twice its words
        assert "before=" in story
        await console.close()


async def test_a_browser_whose_clock_is_an_hour_ahead(browser, serve, support, desk):
    """What was done is taken back within ten seconds of ours, and times are told by the server."""
    await desk(TICKET, **ticket("old", 30, subject="No picture at night"))
    async with support() as there, serve(CONSOLE_SUPPORT_URL=there) as (console, url):
        await console.person("agent")
        async with tab(browser, url) as page:
            await page.clock.install(time=wall_now().timestamp() + 3600)
            await page.goto("/tickets/old")
            await enter(page)
            await page.get_by_role("button", name="I take it").click()
            await expect(page.get_by_role("button", name="Undo")).to_be_visible()
            await expect(page.locator("#standing time").first).to_contain_text("ago")


async def test_without_scripts_a_ticket_is_read_written_on_and_resolved(
    browser, serve, support, desk
):
    await desk(TICKET, **ticket("old", 30, subject="No picture at night"))
    async with support() as there, serve(CONSOLE_SUPPORT_URL=there) as (console, url):
        await console.person("agent")
        async with tab(browser, url, java_script_enabled=False) as page:
            await page.goto("/tickets")
            await enter(page)
            await page.get_by_role("link", name="No picture at night").click()
            await page.get_by_label("Write something").fill("Which lamp is near it?")
            await page.get_by_role("button", name="Write it down").click()
            await expect(page.get_by_text("Which lamp is near it?")).to_be_visible()
            await page.get_by_label("How it ended").select_option("education")
            await page.get_by_role("button", name="Resolve").click()
            await expect(page.get_by_text("It is resolved.")).to_be_visible()
            await page.get_by_role("button", name="Undo").click()
            await expect(page.locator("#chips")).to_contain_text("Open")
            await page.goto("/tickets?text=night")
            await page.get_by_label("Mark No picture at night").check()
            await page.get_by_role("button", name="Resolve").click()
            await page.get_by_role("button", name="Resolve one ticket").click()
            await expect(page.get_by_text("Done with one ticket.")).to_be_visible()
