"""One's own account in a real browser: the second factor as a QR code, sessions, looks, a code again."""

import re

import pyotp
import pytest
from playwright.async_api import expect

from tests.browser import looked_at, tab
from tests.console.conftest import PASSWORD, URL
from tests.console.pages.test_room import enter

pytestmark = pytest.mark.servers


async def test_an_admin_sets_up_a_second_factor_before_anything_else(browser, serve, screens):
    async with serve() as (console, url), tab(browser, url) as page:
        await console.person("admin")
        await page.goto("/today")
        await enter(page)
        await expect(page).to_have_url(f"{url}/account/second-factor")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Show the QR code").click()
        await expect(page.locator("svg.qr")).to_be_visible()
        assert await looked_at(page, screens, "second-factor") == []
        code = pyotp.TOTP(await page.locator("code.secret").inner_text()).now()
        await page.get_by_label("Code").fill(code)
        await page.get_by_role("button", name="Confirm").click()
        await expect(page.locator(".codes li")).to_have_count(10)
        await page.get_by_role("link", name="I have kept them").click()
        await expect(page).to_have_url(f"{url}/today")
        await page.goto("/account")
        await expect(page.get_by_text("10 recovery codes left")).to_be_visible()
        assert await looked_at(page, screens, "account") == []
        await page.get_by_label("Dark").check()
        await page.get_by_label("Time zone").fill("Asia/Tokyo")
        looks = page.locator('form[action="/account/looks"]')
        await looks.get_by_role("button", name="Save").click()
        await expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        await expect(page.locator("footer")).to_contain_text("Asia/Tokyo")


async def test_a_forgotten_password_is_answered_the_same_for_everybody(serve, console):
    browser = console.browser()
    for address in ("nobody@example.org", "ann@example.org"):
        answer = await browser.post("/forgotten", data={"email": address})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?said=mailed")
    answer = await browser.post("/forgotten", data={"email": "ann"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


async def test_who_has_no_second_factor_is_led_to_its_set_up_and_on(console):
    browser = await console.signed_in("csm")
    asked = await browser.get("/account/step-up?next=/customers/c-1")
    assert asked.headers["location"] == "/account/second-factor?next=/customers/c-1"
    browser.headers["Origin"] = URL
    onward = {"password": PASSWORD, "next": "/customers/c-1"}
    shown = (await browser.post("/account/second-factor", data=onward)).text
    assert 'name="next" value="/customers/c-1"' in shown
    secret = re.search(r'class="secret">(\w+)<', shown)[1]
    sent = {"code": pyotp.TOTP(secret).now(), "next": "//example.org"}
    done = await browser.post("/account/second-factor/confirm", data=sent)
    assert 'href="/">I have kept them' in done.text  # nobody is led to another host


async def test_who_came_by_a_link_of_this_machine_is_told_how_to_answer(make_console):
    console = make_console(CONSOLE_LOCAL_PORT="1")
    browser = await console.signed_in("admin")
    assert 'name="code"' in (await browser.get("/account/step-up")).text
    await console.sql("UPDATE account SET password_hash = NULL")
    page = (await browser.get("/account/step-up")).text
    assert "./playcaller login --role admin" in page
    assert 'name="code"' not in page
    await console.close()


async def test_who_has_no_code_of_a_moment_ago_is_asked_for_one_and_comes_back(console):
    factor = pyotp.random_base32()
    browser = await console.signed_in("admin", factor=factor)
    await console.sql("UPDATE session SET second_factor_at = now() - interval '1 hour'")
    token = {"csrf": browser.headers.pop("X-CSRF-Token")}
    answer = await browser.post(
        "/account/recovery-codes", data=token, headers={"Referer": f"{URL}/account"}
    )
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/account/step-up?next=/account",
    )
