"""From an event to the mail catcher and to a task done, beside a real journey, in Chromium too."""

import asyncio
import csv
import io
import re
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from httpx import AsyncClient
from playwright.async_api import expect
from sqlalchemy import text as sql

from services.console.domain.pages.changes import changes
from services.journey.wiring import load_rules
from shared.clock import wall_now
from shared.events import SetupStarted, codec
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.journey.engine import Engine, with_address
from tests.journey.outcomes import run_rows
from tests.served import until

pytestmark = pytest.mark.servers
DAY = timedelta(days=1)


@asynccontextmanager
async def aside(work):
    """It goes on meanwhile."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def played(lives, journey, inbox, smtp):
    """Where journey listens; Ann's camera is not set up after days: two mails went out, a call is due."""
    async with journey() as url:
        made = Engine(lives, smtp=smtp, rules=load_rules(Home()))
        begun = wall_now().replace(hour=11, minute=0, second=0) - 4 * DAY
        await made.publish(begun)
        await with_address(lives, "ann")
        event = SetupStarted(at=begun, source="cam-1", customer="ann"), "/cam-1/lifecycle#ab:1"
        await made.handle(event, now=begun)
        await paid_for(lives, "ann", until=wall_now() + 20 * DAY)
        for hours in (0, 3, 47, 71):
            await made.fire(begun + timedelta(hours=hours))
            await made.send(begun + timedelta(hours=hours))
        yield url


async def paid_for(engine, customer, until):
    async with engine.begin() as connection:
        await connection.execute(
            sql(
                "INSERT INTO subscription (customer, plan, status, started_at, renews_at,"
                " price_month) VALUES (:customer, 'plus', 'active', now(), :until, 9)"
            ),
            {"customer": customer, "until": until},
        )


class Home:
    """The settings that a playbook is read with."""

    journey_map = Path(__file__).parents[3] / "playbooks/home-camera/journey.yaml"


async def test_from_an_event_to_the_mail_catcher_to_a_task_done_in_the_console(
    played, inbox, browser, screens, serve
):
    caught = [mail["Subject"] for mail in inbox()]
    assert caught == ["Your camera is nearly there", "Shall we set up your camera together?"]
    async with (
        serve(CONSOLE_JOURNEY_URL=played) as (console, address),
        tab(browser, address) as page,
    ):
        await console.person("csm")
        await page.goto("/today")
        await enter(page)
        todo = page.get_by_role("region", name="To be done, due first")
        await expect(todo).to_contain_text("Ann ann")
        await todo.get_by_role("link", name="Call about the set-up").click()
        await expect(page.get_by_role("heading", name="Call about the set-up")).to_be_visible()
        person = page.get_by_role("region", name="Person and stages")
        await expect(person).to_contain_text("ann@example.org")  # what they need before they call
        sent = page.get_by_role("region", name="Plays and messages: why, and why not")
        await expect(sent).to_contain_text("First help: sent")
        renewal = page.get_by_role("region", name="The renewal this may be about")
        await expect(renewal).to_contain_text("goes on by itself")
        await expect(renewal).to_contain_text("9.00")
        assert await looked_at(page, screens, "task") == []
        await renewal.get_by_label("What comes of the term").select_option("Goes on with less")
        await renewal.get_by_role("button", name="Say it").click()
        await expect(page.get_by_role("alert")).to_contain_text("reason")
        await renewal.get_by_label("Why with less, or not").select_option("the price")
        await renewal.get_by_role("button", name="Say it").click()
        await expect(renewal).to_contain_text("Goes on with less the price")
        await page.get_by_role("button", name="Take it").click()
        await expect(page.get_by_role("button", name="Give it back")).to_be_visible()
        await page.goto("/tasks")
        assert await looked_at(page, screens, "tasks") == []
        await page.get_by_role("link", name="Call about the set-up").first.click()
        await page.get_by_label("What came of it").select_option("helped")
        await page.get_by_label("Note").fill("The wrong network")
        await page.get_by_role("button", name="Done").click()
        await expect(page.get_by_text("Nothing is yours to do")).to_be_visible()

        await page.goto("/plays/set-up help")
        await expect(page.get_by_text("Second call")).to_be_visible()
        assert await looked_at(page, screens, "play") == []
        await page.goto("/plays")
        await expect(page.get_by_role("link", name="Set-up help")).to_be_visible()
        assert await looked_at(page, screens, "plays") == []
        await page.goto("/customers/ann")
        await expect(page.get_by_text("Call: helped")).to_be_visible()
        await expect(page.get_by_text("First help: sent")).to_be_visible()


async def test_a_team_offers_a_call_and_a_partners_agent_accepts_and_makes_it(
    played, browser, screens, serve
):
    factor = pyotp.random_base32()
    async with serve(CONSOLE_JOURNEY_URL=played) as (console, address):
        await console.person("csm")
        await console.person(
            "partner", email="pat@example.org", organisation="bluebird", factor=factor
        )
        async with tab(browser, address) as page:
            await page.goto("/tasks")
            await enter(page)
            await page.get_by_role("link", name="Call about the set-up").click()
            await page.get_by_text("Offer it to another team").first.click()
            await page.get_by_label("Which team").select_option("late set-ups")
            await page.get_by_label("What you have to know").fill("Mail ann@example.org failed")
            await page.get_by_label("First step").fill("Call in the evening")
            await page.get_by_role("button", name="Offer it to another team").click()
            await expect(page.get_by_text("Onboarding to Helpers").first).to_be_visible()
        async with tab(browser, address) as page:
            await page.goto("/today")
            await enter(page, "pat@example.org")
            await page.get_by_label("Code").fill(pyotp.TOTP(factor).now())
            await page.get_by_role("button", name="Sign in", exact=True).click()
            await page.get_by_role("link", name="Call about the set-up").click()
            await expect(page.get_by_text("Mail [mail] failed")).to_be_visible()
            assert await looked_at(page, screens, "hand-off") == []
            await page.keyboard.press("e")
            await expect(page.get_by_role("button", name="Take it")).to_be_visible()
            await page.keyboard.press("i")
            await page.get_by_role("button", name="Whom to call").click()
            await expect(page.get_by_text("ann@example.org")).to_be_visible()
            await page.get_by_label("What came of it").select_option("helped")
            await page.get_by_role("button", name="Done").click()
            await expect(page.get_by_text("Nothing is yours to do")).to_be_visible()
            await page.goto("/handoffs")
            await expect(page.get_by_text("Nobody offers you anything")).to_be_visible()
            assert (await page.goto("/customers/ann")).status == 403
        async with tab(browser, address) as page:
            await page.goto("/handoffs")
            await enter(page)
            row = page.get_by_role("row", name="Onboarding Helpers")
            await expect(row).to_be_visible()
            assert await looked_at(page, screens, "hand-offs") == []
            file = await page.request.get(f"{address}/handoffs/files/hand-offs.csv")
            cells = next(csv.DictReader(io.StringIO((await file.text()).removeprefix("\ufeff"))))
            assert (cells["giver"], cells["offers"], cells["accepted"]) == ("onboarding", "1", "1")
            await page.goto("/customers/ann")
            told = page.get_by_text("Helpers accepted: Call about the set-up")
            await expect(told).to_be_visible()


async def test_marketing_reads_messages_as_they_are_shown_and_a_csm_as_one_customer_gets_them(
    played, browser, screens, serve
):
    async with serve(CONSOLE_JOURNEY_URL=played) as (console, address):
        await console.person("marketing")
        async with tab(browser, address) as page:
            await page.goto("/messages")
            await enter(page)
            row = page.get_by_role("row", name="Set up help")
            await expect(row).to_contain_text("Help with something under way")
            await expect(row.get_by_role("link", name="Set-up help")).to_be_visible()
            assert await looked_at(page, screens, "messages") == []
            await row.get_by_role("link", name="Set up help").click()
            wide = page.frame_locator("iframe[title='Wide']")
            await expect(wide.get_by_text("Hello Kim Example")).to_be_visible()
            await expect(page.locator("pre")).to_contain_text("Hello Kim Example")
            await expect(page.get_by_label("As this customer would get it")).to_have_count(0)
            assert await looked_at(page, screens, "message") == []
            await page.get_by_role("button", name="Send it to me as a test").click()
            await expect(page.get_by_text("A test is on its way to your address")).to_be_visible()
            assert (await page.goto("/messages/set-up-help?customer=ann")).status == 403
            assert (await page.goto("/messages/no-such")).status == 404
    async with serve(CONSOLE_JOURNEY_URL=played) as (console, address):
        await console.person("csm", email="cleo@example.org")
        async with tab(browser, address) as page:
            await page.goto("/customers/ann")
            await enter(page, "cleo@example.org")
            await page.get_by_role("link", name="Set up help").click()
            wide = page.frame_locator("iframe[title='Wide']")
            await expect(wide.get_by_text("Hello Ann ann")).to_be_visible()
            await page.get_by_label("As this customer would get it").fill("nobody")
            await page.get_by_role("button", name="Show it").click()
            await expect(page.get_by_text("Nobody has the id nobody")).to_be_visible()


async def test_marketing_sees_who_opened_what_a_mail_leads_to_and_a_csm_when(
    played, lives, inbox, browser, screens, serve
):
    (first, _) = inbox()
    said = first.get_body(("plain",)).get_content()
    (path,) = re.findall(r"https://us\.example\.org(/go/\S+)", said)
    async with serve(CONSOLE_JOURNEY_URL=played) as (console, address):
        await console.person("csm", "marketing")
        hub = console.app.state.live
        hub.begins(int(wall_now().timestamp() * 1000))
        async with tab(browser, address) as page, aside(hub.run()):
            await page.goto("/messages/set-up-help")
            await enter(page)
            clicks = page.get_by_role("region", name="What customers make of it")
            await expect(clicks.get_by_text("Sent")).to_be_visible()
            other = await page.context.new_page()
            await other.goto("/customers/ann")
            await expect(other.get_by_text("Stage: Onboarding").first).to_be_visible()
            await until(lambda: len(hub._listeners) == 2)
            async with AsyncClient(base_url=played, verify=False) as anybody:  # noqa: S501 - ours
                answer = await anybody.get(path)
            assert answer.headers["location"] == "https://help.example.com/camera/set-up"
            await Engine(lives, rules=load_rules(Home())).fire(wall_now() + timedelta(seconds=3))
            async with lives.connect() as journey_:
                query = sql("SELECT value FROM outbox WHERE type = 'message_changed'")
                (value,) = (await journey_.execute(query)).scalars()
            hub.note(int(wall_now().timestamp() * 1000), changes(codec.decode(value)))
            row = clicks.get_by_role("row", name="https://help.example.com/camera/set-up")
            await expect(row).to_be_visible(timeout=60_000)  # both pages, as they stand
            assert await row.get_by_role("cell").all_inner_texts() == ["1", "0"]
            told = other.get_by_text("Opened what a message leads to: Set up help")
            await expect(told).to_be_visible(timeout=60_000)
            assert await looked_at(page, screens, "message-clicks") == []
            await page.goto("/plays/set-up help")
            await expect(page.get_by_text("one sent, one opened what it leads to")).to_be_visible()
            await other.close()


async def test_a_lead_sees_what_a_play_adds_beside_those_who_go_without(
    played, lives, browser, screens, serve
):
    begun = wall_now() - 20 * DAY
    await run_rows(lives, "second camera", begun, [
        (False, 1, "reached", 1, 30), (False, 1, "reached", 6, 20), (False, 1, "left", 9, 10),
        (False, 1, None, None, 40), (True, 1, "reached", 4, 6), (True, 1, None, None, 44),
    ])  # fmt: skip
    await run_rows(lives, "friends", begun, [(False, 1, None, None, 3)], name="f")
    factor = pyotp.random_base32()
    async with serve(CONSOLE_JOURNEY_URL=played) as (console, address):
        await console.person("lead", factor=factor)
        async with tab(browser, address) as page:
            await page.goto("/plays")
            await enter(page)
            await page.get_by_label("Code").fill(pyotp.TOTP(factor).now())
            await page.get_by_role("button", name="Sign in", exact=True).click()
            row = page.get_by_role("row", name="Second camera")
            await expect(row).to_contain_text("+38 points")
            assert await looked_at(page, screens, "plays-with-lift") == []
            file = await page.request.get(f"{address}/plays/files/plays.csv")
            lines = csv.DictReader(io.StringIO((await file.text()).removeprefix("\ufeff")))
            assert {line["play"]: line["lift"] for line in lines}["second camera"] == "0.38"
            await row.get_by_role("link", name="Second camera").click()
            said = page.get_by_text(
                "Within 20 days 50 % reach the goal; without the play it is 12 %"
            )
            await expect(said).to_be_visible()
            await expect(page.get_by_text("With the play (100)")).to_be_visible()
            assert await looked_at(page, screens, "play-outcome") == []
            await page.goto("/plays/friends")
            await expect(page.get_by_text("Everybody it is for gets it")).to_be_visible()
            await page.goto("/plays/at risk")
            await expect(page.get_by_text("Nobody has entered yet")).to_be_visible()
