"""A play's day in Chromium: marketing changes a mail, a lead approves and publishes it, a customer gets it."""

from datetime import timedelta

import pyotp
import pytest
from playwright.async_api import expect

from services.journey.wiring import load_rules
from shared.clock import wall_now
from shared.events import SetupStarted
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.console.pages.test_tasks_and_plays import Home
from tests.journey.engine import Engine, with_address

pytestmark = pytest.mark.servers
PLAY = "/plays/set-up help"
LEAD = "leo@example.org"


class Playing:
    """A journey beside the console, whose customers begin their set-up when a test says so."""

    def __init__(self, engine, url, smtp) -> None:
        self.url = url
        self.engine = Engine(engine, smtp=smtp, rules=load_rules(Home()))
        self.begun = wall_now().replace(hour=11, minute=0, second=0, microsecond=0) - timedelta(
            days=1
        )

    async def set_up(self, customer: str) -> None:
        """Somebody begins it, and three hours pass: the app says something at once."""
        event = SetupStarted(at=self.begun, source=f"cam-{customer}", customer=customer)
        await self.engine.handle((event, f"/cam-{customer}/lifecycle#ab:1"), now=self.begun)
        for hours in (0, 3):
            await self.engine.fire(self.begun + timedelta(hours=hours))
            await self.engine.send(self.begun + timedelta(hours=hours))


@pytest.fixture
async def playing(lives, journey, smtp):
    async with journey() as url:
        made = Playing(lives, url, smtp)
        await made.engine.publish(made.begun - timedelta(days=9))
        await with_address(lives, "ann", "ben")
        yield made


async def change_the_mail(page, screens):
    """Marketing: a mistake is named while it is typed, the right text is saved and rehearsed."""
    await page.goto("/plays/nothing")
    await expect(page.get_by_text("There is no such play").first).to_be_visible()
    answer = await page.goto("/plays/nothing/rehearsal")
    assert answer.status == 404
    await page.goto("/plays")
    await page.get_by_role("link", name="Set-up help").click()
    await expect(page.get_by_role("button", name="Pause it")).to_have_count(0)
    await page.get_by_role("link", name="Change it").click()
    plan = page.get_by_label("plays/set-up-help.yaml")
    text = await plan.input_value()
    await plan.fill(text.replace("mail: set-up-help\n", "mail: set-up-hepl\n", 1))
    await expect(page.get_by_text("did you mean `set-up-help`?")).to_be_visible()
    assert await looked_at(page, screens, "play-draft-wrong") == []
    await plan.fill(text)
    await expect(page.get_by_text("No mistakes.")).to_be_visible()
    mail = page.get_by_label("messages/set-up-help.md")
    said = await mail.input_value()
    subject = next(line for line in said.splitlines() if line.startswith("subject:"))
    await mail.fill(said.replace(subject, "subject: Three minutes and it sees", 1))
    await page.get_by_role("button", name="Save the draft").click()
    await expect(page.get_by_role("heading", name="What differs")).to_be_visible()
    assert await looked_at(page, screens, "play-draft") == []
    await page.get_by_role("button", name="Rehearse it").click()
    await expect(page.get_by_text("How far they would have come")).to_be_visible()
    await page.goto(f"{PLAY}/draft")
    await expect(page.get_by_text("rehearsed as it is")).to_be_visible()
    await page.get_by_role("button", name="Ask for approval").click()
    await expect(page.get_by_text("To be approved")).to_be_visible()
    await expect(page.get_by_role("button", name="Approve it")).to_have_count(0)


async def approve_and_publish(page, screens):
    await page.get_by_role("link", name="Set-up help").click()
    await page.get_by_role("link", name="Open the draft").click()
    await page.get_by_role("button", name="Approve it").click()
    await page.locator("#publish summary").click()
    await page.locator("#publish button").click()
    await expect(page.get_by_role("heading", name="Its versions")).to_be_visible()
    assert await looked_at(page, screens, "play-published") == []


async def test_a_lead_gives_a_fifth_of_the_calls_to_another_team_and_takes_it_back(
    playing, browser, screens, serve
):
    async with serve(CONSOLE_JOURNEY_URL=playing.url) as (console, address):
        factor = pyotp.random_base32()
        await console.person("lead", email=LEAD, factor=factor)
        await console.person("agent", email="ada@example.org")
        async with tab(browser, address) as page:
            await page.goto(PLAY)
            await enter(page, LEAD)
            await page.get_by_label("Code").fill(pyotp.TOTP(factor).now())
            await page.get_by_role("button", name="Sign in", exact=True).click()
            panel = page.get_by_role("region", name="Who does its tasks")
            await expect(panel).to_contain_text("Nobody is given tasks yet")
            await panel.get_by_text("Give somebody tasks").click()
            await panel.locator("select[name=who]").select_option(label="Ann")
            await panel.get_by_role("button", name="Give them tasks").click()
            await expect(panel).to_contain_text("has 0 to do")
            await panel.get_by_text("Give tasks to another team").click()
            await panel.locator("select[name=team]").select_option("success")
            await panel.get_by_label("Percent of customers").fill("0")
            await panel.get_by_role("button", name="Give them to it").click()
            await expect(page.get_by_text("greater than or equal to 1")).to_be_visible()
            await panel.get_by_text("Give tasks to another team").click()
            assert await looked_at(page, screens, "play-assign") == []
            await panel.locator("select[name=team]").select_option("success")
            await panel.get_by_label("Percent of customers").fill("20")
            await panel.get_by_role("button", name="Give them to it").click()
            await expect(panel.get_by_text("Success does 20 % of all its tasks.")).to_be_visible()
            assert await looked_at(page, screens, "play-assignees") == []
            await panel.get_by_role("button", name="Take it back").click()
            await expect(panel.get_by_text("One was taken back")).to_be_visible()
            await panel.get_by_role("button", name="No more tasks").click()
            await expect(panel).to_contain_text("Nobody is given tasks yet")


async def test_marketing_writes_a_lead_publishes_a_customer_gets_it_and_a_pause_stops_it(
    playing, inbox, browser, screens, serve
):
    async with serve(CONSOLE_JOURNEY_URL=playing.url) as (console, address):
        await console.person("marketing")
        factor = pyotp.random_base32()
        await console.person("lead", email=LEAD, factor=factor)
        async with tab(browser, address) as page:
            await page.goto("/plays")
            await enter(page)
            await expect(page.get_by_role("link", name="Set-up help")).to_be_visible()
            await change_the_mail(page, screens)
        async with tab(browser, address) as page:
            await page.goto("/plays")
            await enter(page, LEAD)
            await page.get_by_label("Code").fill(pyotp.TOTP(factor).now())
            await page.get_by_role("button", name="Sign in", exact=True).click()
            await approve_and_publish(page, screens)
            await playing.set_up("ann")
            assert [mail["Subject"] for mail in inbox()] == ["Three minutes and it sees"]
            await page.locator("#pause summary").click()
            await page.locator("#pause").get_by_label("Why it is paused").fill("case 7")
            await page.locator("#pause button").click()
            await expect(page.get_by_text("It is paused: nobody enters")).to_be_visible()
            assert await looked_at(page, screens, "play-paused") == []
            await playing.set_up("ben")
            assert len(inbox()) == 1
            await page.locator("#resume summary").click()
            await page.locator("#resume button").click()
            await expect(page.get_by_role("button", name="Let it go on")).to_have_count(0)


async def test_marketing_sees_whom_a_play_would_reach_while_writing_it(
    playing, lives, browser, screens, serve
):
    await with_address(lives, "cyd", email="nowhere")
    for customer in ("ann", "cyd"):
        await playing.set_up(customer)
    async with serve(CONSOLE_JOURNEY_URL=playing.url) as (console, address):
        await console.person("marketing")
        async with tab(browser, address) as page:
            await page.goto(PLAY)
            await enter(page)
            panel = page.get_by_role("region", name="Whom it would reach")
            await expect(panel).to_contain_text("Its start holds of 2 of 3 customers now.")
            assert await looked_at(page, screens, "play-reach") == []
            await page.goto("/plays")
            field = page.locator("input[name=play]")
            await field.fill("second try")
            await field.press("Enter")
            await expect(page.get_by_text("holds of 2 of 3 customers now")).to_be_visible()
            plan = page.get_by_label("plays/second-try.yaml")
            text = await plan.input_value()
            wrong = "stage: onboarding\n  when: {all: [{fact: app_erors, op: '>=', value: 1}]}"
            await plan.fill(text.replace("stage: onboarding", wrong, 1))
            await expect(page.get_by_text("did you mean `app_errors`?")).to_be_visible()
            await plan.fill(text.replace("stage: onboarding", wrong.replace("erors", "errors"), 1))
            await expect(page.get_by_text("holds of 0 of 3 customers now")).to_be_visible()
            await plan.fill(text.replace("wait: 1d", "mail: set-up-help", 1))
            await expect(page.get_by_text("holds of 2 of 3 customers now")).to_be_visible()
            assert await looked_at(page, screens, "play-draft-reach") == []
            await page.get_by_role("button", name="Save the draft").click()
            await page.get_by_role("link", name="Whom it would reach").click()
            who = page.get_by_role("region", name="Who they are")
            await expect(who.get_by_role("row")).to_have_count(3)
            await expect(who.get_by_text("Would enter")).to_have_count(2)
            await expect(who.get_by_role("row", name="cyd")).to_contain_text("No mail reaches them")
            assert await looked_at(page, screens, "play-audience") == []
            link = page.get_by_role("link", name="CSV")
            answer = await page.request.get(await link.get_attribute("href"))
            lines = (await answer.text()).removeprefix("\ufeff").splitlines()
            assert lines[0] == "customer,stage,fate,unreached"
            assert [line.split(",")[0] for line in lines[1:]] == ["ann", "cyd"]
