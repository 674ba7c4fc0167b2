"""The page room end to end in a real browser: the sign-in, a page, a panel from another service."""

import pyotp
import pytest
from playwright.async_api import expect

from services.console.handlers.links import offer_admin_link
from shared.clock import wall_now
from tests.browser import looked_at, tab
from tests.console.conftest import PASSWORD

pytestmark = pytest.mark.servers


async def enter(page, email="ann@example.org", password=PASSWORD):
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def test_from_the_link_of_the_first_admin_to_the_first_page(browser, serve, screens):
    """`/welcome#...` as `up` prints it; the secret never stands in an address that we are sent."""
    async with serve() as (console, url), tab(browser, url) as page:
        secret = await offer_admin_link(console.context, wall_now())
        await page.goto(f"/welcome?first#{secret}")
        assert page.url == f"{url}/welcome?first"
        assert await looked_at(page, screens, "welcome") == []
        await page.get_by_label("E-mail address").fill("eve@example.org")
        await page.get_by_label("Your name").fill("Eve")
        await page.get_by_label("Password", exact=True).fill("short")
        await page.get_by_label("The same password again").fill("short")
        await page.get_by_role("button", name="Set the password").click()
        await expect(page.get_by_text("it needs 12 characters or more")).to_be_visible()
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_label("The same password again").fill(PASSWORD)
        await page.get_by_role("button", name="Set the password").click()
        await expect(page.get_by_text("Your password is set")).to_be_visible()
        await enter(page, "eve@example.org")
        await expect(page).to_have_url(f"{url}/account/second-factor")


async def test_sign_in_with_a_second_factor_and_back_to_the_page_that_was_asked_for(
    browser, serve, screens
):
    factor = pyotp.random_base32()
    async with serve() as (console, url), tab(browser, url) as page:
        await console.person("lead", factor=factor)
        await page.goto("/today?x=1")
        await expect(page).to_have_url(f"{url}/sign-in?next=/today%3Fx%3D1")
        await enter(page, password="quite another one")
        await expect(page.get_by_role("alert")).to_contain_text("is not right")
        assert await page.get_by_label("E-mail address").input_value() == "ann@example.org"
        assert await looked_at(page, screens, "sign-in") == []
        await enter(page)
        await expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
        assert await looked_at(page, screens, "sign-in-code") == []
        await page.get_by_label("Code").fill(pyotp.TOTP(factor).now())
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(page).to_have_url(f"{url}/today?x=1")
        await page.locator("details.person > summary").click()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_text("You are signed out")).to_be_visible()
        await page.goto("/today")
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_a_panel_of_another_service_and_its_problem_in_plain_words(
    browser, serve, journey, screens
):
    async with journey() as address, serve(CONSOLE_JOURNEY_URL=address) as (console, url):
        await console.person("csm")
        async with tab(browser, url) as page:
            await page.goto("/")
            await enter(page)
            await expect(page.get_by_text("No customers yet")).to_be_visible()
            assert await looked_at(page, screens, "today") == []
    async with serve(CONSOLE_JOURNEY_URL=address) as (console, url), tab(browser, url) as page:
        await page.goto("/")
        await enter(page)
        said = page.get_by_text("The customers' service does not answer").first
        await expect(said).to_be_visible()
        await page.get_by_role("link", name="Ask again").first.click()
        await expect(said).to_be_visible()
        assert await looked_at(page, screens, "today-away") == []


async def test_what_was_away_comes_by_itself(browser, serve, journey, free_port):
    """A panel and a whole page: nobody has to press anything once their service answers again."""
    address = f"http://127.0.0.1:{free_port}"
    async with serve(CONSOLE_JOURNEY_URL=address) as (console, url):
        await console.person("csm")
        async with tab(browser, url) as page, tab(browser, url) as other:
            await page.goto("/")
            await enter(page)
            await expect(page.get_by_text("comes by itself").first).to_be_visible()
            await other.goto("/customers/c-nobody/subscription")
            await enter(other)
            await expect(other.get_by_text("asks again by itself")).to_be_visible()
            async with journey(at=free_port):
                await expect(page.get_by_text("No customers yet")).to_be_visible()
                await expect(other.get_by_label("Price a month")).to_be_visible()


async def test_without_scripts_people_come_in_read_and_go_out(browser, serve, journey):
    async with journey() as address, serve(CONSOLE_JOURNEY_URL=address) as (console, url):
        await console.person("csm")
        async with tab(browser, url, java_script_enabled=False) as page:
            await page.goto("/today")
            await enter(page)
            await expect(page).to_have_url(f"{url}/today")
            stages = page.locator("#stages")
            late = stages.get_by_role("link", name="Show this now")  # the panel took over 0.3 s
            await expect(stages.get_by_text("No customers yet").or_(late)).to_be_visible()
            if await late.is_visible():
                await late.click()
                await expect(page.get_by_text("No customers yet")).to_be_visible()
                await page.goto("/today")
            await page.locator("details.person > summary").click()
            await page.get_by_role("button", name="Sign out").click()
            await expect(page.get_by_text("You are signed out")).to_be_visible()
            secret = await offer_admin_link(console.context, wall_now())
            await page.goto("/welcome")
            await page.get_by_label("Link").fill(f"{url}/welcome#{secret}")
            await page.get_by_text("You are the first admin").click()
            await page.get_by_label("E-mail address").fill("eve@example.org")
            await page.get_by_label("Password", exact=True).fill(PASSWORD)
            await page.get_by_label("The same password again").fill(PASSWORD)
            await page.get_by_role("button", name="Set the password").click()
            await expect(page.get_by_text("Your password is set")).to_be_visible()
