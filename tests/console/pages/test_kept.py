"""What somebody typed is there again when a session ends, a right is gone or a token is old."""

import re
from html import unescape

import pytest
from playwright.async_api import expect

from tests.browser import looked_at, tab
from tests.console.conftest import URL
from tests.console.pages.test_room import enter
from tests.console.pages.test_tickets import TICKET, fields, ticket

pytestmark = pytest.mark.servers
SAID = "It is <b>black</b>.\r\nSince Sunday"


def typed(page):
    """What a kept form shows and sends again."""
    [form] = re.findall(r'<form class="kept".*?</form>', page.text, re.DOTALL)
    areas = re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL)
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in [*areas, *hidden]}


async def test_words_outlive_the_session_and_are_sent_once(make_console, support, desk):
    await desk(TICKET, **ticket("old", 30))
    async with support() as url:
        console = make_console(CONSOLE_SUPPORT_URL=url)
        browser = await console.signed_in("agent")
        sent = {**fields(await browser.get("/tickets/old"), "comment"), "text": SAID}
        await console.sql("DELETE FROM session")
        headers = {"Referer": f"{URL}/tickets/old"}
        kept = await browser.post("/tickets/old/comment", data=sent, headers=headers)
        assert kept.status_code == 401
        assert 'href="/sign-in?next=/tickets/old"' in kept.text
        assert typed(kept)["text"] == SAID
        assert typed(kept)["key"] == sent["key"]

        again = console.browser()
        login = {"email": "ann@example.org", "password": "correct horse battery"}
        await again.post("/sign-in", data=login, headers={"Origin": URL})
        stale = await again.post("/tickets/old/comment", data=typed(kept))
        assert stale.status_code == 403
        assert typed(stale)["text"] == SAID
        for _ in range(2):
            done = await again.post("/tickets/old/comment", data=typed(stale))
            assert done.headers["location"].endswith("said=comment")
        assert (await again.get("/tickets/old")).text.count("Since Sunday") == 1
        await console.close()


async def test_words_outlive_a_lost_right(console):
    browser = await console.signed_in("csm")
    token = browser.headers.pop("X-CSRF-Token")
    await console.sql("UPDATE account SET roles = '{marketing}'")
    kept = await browser.post("/tickets/old/comment", data={"csrf": token, "text": SAID})
    assert kept.status_code == 403
    assert "This page is for other roles" in kept.text
    assert typed(kept) == {"csrf": token, "text": SAID}


@pytest.mark.parametrize(
    ("path", "form", "headers"),
    [
        pytest.param("/account/password", {"present": "old one", "text": "x"}, {}, id="a password"),
        pytest.param("/tickets/old/comment", {"text": "x"}, {"Origin": "https://e.example"}, id="another site"),
        pytest.param("/tickets/old/comment", {}, {}, id="nothing typed"),
    ],
)  # fmt: skip
async def test_what_is_not_kept(console, path, form, headers):
    browser = await console.signed_in("csm")
    answer = await browser.post(path, data={"csrf": "0" * 64, **form}, headers=headers)
    assert answer.status_code == 403
    assert 'class="kept"' not in answer.text


async def test_it_looks_like_something_one_can_go_on_with(browser, serve, support, desk, screens):
    await desk(TICKET, **ticket("old", 30))
    async with support() as there, serve(CONSOLE_SUPPORT_URL=there) as (console, url):
        await console.person("agent")
        async with tab(browser, url) as page:
            await page.goto("/tickets/old")
            await enter(page)
            await page.get_by_label("Write something").fill("It is black")
            await console.sql("DELETE FROM session")
            await page.get_by_role("button", name="Write it down").click()
            await expect(page.get_by_label("What you wrote")).to_have_value("It is black")
            assert await looked_at(page, screens, "kept") == []
            async with page.context.expect_page() as opened:
                await page.get_by_role("link", name="Sign in").click()
            other = await opened.value
            await enter(other)
            await expect(other.get_by_label("Write something")).to_be_visible()
            for _ in range(2):
                await page.get_by_role("button", name="Send it again").click()
            await expect(page.get_by_text("It is written down")).to_be_visible()
