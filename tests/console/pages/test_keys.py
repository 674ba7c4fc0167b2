"""Single keys: they press what is declared, are explained by `?`, and can be switched off."""

import pytest
from playwright.async_api import expect

from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.console.pages.test_tickets import FAULT, TICKET, ticket

pytestmark = pytest.mark.servers


async def test_a_desk_by_keys_alone(browser, serve, support, desk, screens):
    for each in (
        ticket("old", 30, subject="No picture at night", team="cameras"),
        ticket("mid", 9, subject="Second"),
        ticket("new", 3, priority="urgent"),
    ):
        await desk(TICKET, **each)
    await desk(FAULT, id="new")
    async with support() as address, serve(CONSOLE_SUPPORT_URL=address) as (console, url):
        await console.person("agent")
        async with tab(browser, url) as page:
            press = page.keyboard.press
            await page.goto("/today")
            await enter(page)
            await expect(page.get_by_role("heading", name="Today")).to_be_visible()
            await press("g")
            await press("q")
            await expect(page).to_have_url(f"{url}/tickets")
            await expect(page.get_by_role("link", name="No picture at night")).to_be_visible()
            await press("/")
            await expect(page.get_by_label("Words of the subject")).to_be_focused()
            await page.keyboard.type("jk?")  # typing is typing
            assert await page.get_by_label("Words of the subject").input_value() == "jk?"
            await press("Escape")
            await press("?")
            keys = page.get_by_role("dialog", name="Keys")
            for told in ("Down and up through the list", "Words of the subject", "Tickets"):
                await expect(
                    keys.get_by_role("definition").filter(has_text=told).first
                ).to_be_visible()
            assert await looked_at(page, screens, "keys") == []
            await press("Escape")
            for key, subject in (
                ("j", "No picture"),
                ("j", "Second"),
                ("j", "lens"),
                ("k", "Second"),
            ):
                await press(key)
                await expect(page.get_by_role("link", name=subject)).to_be_focused()
            await press("Enter")
            await expect(page.get_by_role("heading", name="Second")).to_be_visible()
            await press("j")
            await expect(page.get_by_role("heading", name="lens on cam-1")).to_be_visible()
            await press("i")
            await expect(page.get_by_text("It is given.")).to_be_visible()
            await press("c")
            await page.keyboard.type("It is black at night. i e j")
            await press("Control+Enter")
            await expect(page.get_by_text("It is written down.")).to_be_visible()
            await press("e")
            await press("Control+Enter")
            await expect(page.get_by_text("It is resolved.")).to_be_visible()
            await press("u")
            await expect(page.get_by_role("link", name="lens on cam-1")).to_have_count(0)


async def test_keys_that_are_switched_off_do_nothing(browser, serve):
    async with serve() as (console, url):
        await console.person("csm")
        async with tab(browser, url) as page:
            await page.goto("/account")
            await enter(page)
            await page.get_by_label("Off", exact=True).check()
            await page.locator("#keys-choice").get_by_role("button", name="Save").click()
            await expect(page.locator("body[data-keys=off]")).to_be_visible()
            await page.keyboard.press("?")
            await page.keyboard.press("g")
            await page.keyboard.press("t")
            await expect(page).to_have_url(f"{url}/account")
            await expect(page.get_by_role("dialog")).to_have_count(0)
            await page.get_by_role("button", name="Keys").click()  # the mouse still shows them
            await expect(page.get_by_text("Single keys are switched off for you")).to_be_visible()
        async with tab(browser, url) as elsewhere:  # kept with the account, not in the browser
            await elsewhere.goto("/account")
            await enter(elsewhere)
            await expect(elsewhere.get_by_label("Off", exact=True)).to_be_checked()
