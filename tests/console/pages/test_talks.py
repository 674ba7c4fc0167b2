"""A CSM's day: logs a call, sees it in the timeline, its next step in Today; product reads what was learned."""

import csv
import io
from datetime import timedelta

import httpx
import pytest
from playwright.async_api import expect

from shared.clock import wall_now
from tests.apis import running
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.signed import headers

pytestmark = pytest.mark.servers
ACME = {"id": "acme", "kind": "business", "profile": {"name": "Acme"}}
LEARNED = "They lock the storeroom at night."


async def test_a_call_is_logged_and_its_next_step_done(browser, serve, postgres, screens):
    database = await postgres.migrated("journey", "talks_journey")
    async with (
        running("journey", database) as (_, port),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers("admin"), trust_env=False
        ) as http,
    ):
        (await http.post("/v1/customers", json=ACME)).raise_for_status()
        eve = {"name": "Eve Quick", "role": "user"}
        (await http.post("/v1/customers/acme/contacts", json=eve)).raise_for_status()
        url = f"http://127.0.0.1:{port}"
        async with (
            serve(CONSOLE_JOURNEY_URL=url) as (console, address),
            tab(browser, address) as page,
        ):
            await console.person("csm", "product")
            await page.goto("/customers/acme")
            await enter(page)
            await expect(page.get_by_role("link", name="Conversation")).to_be_visible()
            await page.keyboard.press("a")
            await page.locator("select[name=contact]").select_option(label="Eve Quick")
            await page.locator("select[name=outcome]").select_option("agreed")
            await page.get_by_label("What was said").fill("She wants two more cameras.")
            await page.get_by_label("What we learned").fill(LEARNED)
            await page.get_by_label("Next step").fill("Send the offer")
            await page.get_by_role("button", name="Write it down").click()
            await expect(page.get_by_text("Not done.")).to_be_visible()
            assert await page.get_by_label("What we learned").input_value() == LEARNED
            due = f"{wall_now() + timedelta(days=2):%Y-%m-%d}"
            await page.get_by_label("To be done by").fill(due)
            assert await looked_at(page, screens, "talk") == []
            await page.get_by_role("button", name="Write it down").click()
            await expect(page.get_by_text("The conversation is written down.")).to_be_visible()
            story = page.get_by_role("region", name="What happened")
            await expect(story.get_by_text("Call, agreed: You")).to_be_visible()
            await expect(story.get_by_text(LEARNED)).to_be_visible()

            file = await page.request.get("/customers/acme/talk/files/talks.csv")
            (talk,) = csv.DictReader(io.StringIO((await file.text()).removeprefix("\ufeff")))
            said = "She wants two more cameras."
            assert (talk["note"], talk["next_step"]) == (said, "Send the offer")

            await page.goto("/tasks")
            own = page.get_by_role("region", name="Mine")
            await own.get_by_role("link", name="Send the offer").click()
            await expect(page.get_by_text("None: the next step of a conversation")).to_be_visible()
            await expect(page.get_by_text("She wants two more cameras.")).to_be_visible()

            await page.goto("/today")
            steps = page.get_by_role("region", name="My next steps")
            await expect(steps.get_by_role("link", name="Send the offer")).to_be_visible()
            assert await looked_at(page, screens, "today-csm") == []
            await steps.get_by_role("button").click()
            await expect(steps.get_by_text("No next steps")).to_be_visible()

            await page.goto("/discoveries")
            await expect(page.get_by_role("row", name=LEARNED)).to_contain_text("Acme")
            assert await looked_at(page, screens, "discoveries") == []
        # somebody else's next step is nobody's to do, and all of it goes with the customer
        (talk,) = (await http.get("/v1/customers/acme/talks")).json()
        assert (await http.post(f"/v1/talks/{talk['id']}/done")).status_code == 404
        (
            await http.post("/v1/customers/acme/erasure", json={"reason": "request 7"})
        ).raise_for_status()
        assert (await http.get("/v1/discoveries")).json()["items"] == []
