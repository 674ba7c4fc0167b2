"""The day of marketing: two friends bought with codes, one sends the camera back."""

import json

import httpx
import pytest
from playwright.async_api import expect

from services.journey.domain.messages.signature import key_of, signed
from shared.clock import wall_now
from tests.apis import wired
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.served import served
from tests.signed import headers

pytestmark = pytest.mark.servers
SECRET = "whsec_" + "a" * 32


@pytest.fixture
async def theirs(postgres):
    """A journey of its own, whose customer Rita has recommended us to two others."""
    database = await postgres.migrated("journey", "console_referrals")
    app, engine = wired("journey", database, environ={"JOURNEY_SHOP_SECRETS": f"billing={SECRET}"})
    async with (
        served(app) as port,
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers("admin"), trust_env=False
        ) as http,
    ):
        for id_, name in (("c-1", "Rita Roe"), ("c-2", "Fred Fox"), ("c-3", "Gina Gow")):
            new = {"id": id_, "profile": {"name": name}}
            (await http.post("/v1/customers", json=new)).raise_for_status()
        code = (await http.post("/v1/customers/c-1/referral-code")).json()["code"]
        for id_ in ("c-2", "c-3"):
            bought = {"code": code, "customer": id_, "product": "cam", "order": f"i-{id_}"}
            made = await http.post("/v1/referrals/redemptions", json=bought)
            assert made.status_code == 201, made.text
        yield http
    await engine.dispose()


async def sent_back(http):
    """Fred's order is paid back, and the billing system says so."""
    body = {
        "type": "charge.refunded",
        "created": int(wall_now().timestamp()),
        "data": {"object": {"metadata": {"customer": "c-2"}, "invoice": "i-c-2", "plan": "cam"}},
    }
    content = json.dumps(body).encode()
    head = signed(key_of(SECRET), "b-1", int(wall_now().timestamp()), content)
    answer = await http.post("/v1/webhooks/billing", content=content, headers=head)
    assert answer.json()["state"] == "done", answer.text


async def test_marketing_sees_who_gets_what_and_what_a_refund_took_back(
    browser, serve, theirs, screens
):
    url = str(theirs.base_url).rstrip("/")
    async with serve(CONSOLE_JOURNEY_URL=url) as (console, address), tab(browser, address) as page:
        await console.person("marketing")
        await page.goto("/referrals")
        await enter(page)
        table = page.get_by_role("table")
        await expect(table.get_by_role("row", name="Recommending us")).to_have_count(2)
        await expect(table.get_by_text("Pending")).to_have_count(4)
        await sent_back(theirs)
        await page.reload()
        await expect(table.get_by_text("Reversed")).to_have_count(2)
        assert await looked_at(page, screens, "referrals") == []
        await page.goto("/referrals?state=reversed")
        await expect(table.get_by_role("row", name="Buying with a code")).to_have_count(1)
        await expect(table.get_by_text("order i-c-2")).to_have_count(2)
        file = await page.request.get("/referrals/files/rewards.csv?state=reversed")
        lines = (await file.text()).splitlines()
        assert (len(lines), lines[1].count("reversed")) == (3, 1)


async def test_a_csm_reads_in_the_timeline_who_bought_with_whose_code(browser, serve, theirs):
    url = str(theirs.base_url).rstrip("/")
    await sent_back(theirs)
    async with serve(CONSOLE_JOURNEY_URL=url) as (console, address), tab(browser, address) as page:
        await console.person("csm")
        await page.goto("/customers/c-1")
        await enter(page)
        story = page.locator("#story .timeline")
        await expect(story.get_by_text("A friend bought cam with their code")).to_have_count(2)
        await expect(story.get_by_text("The reward for cam was taken back")).to_have_count(1)
        await page.goto("/customers/c-3")
        await expect(story.get_by_text("Bought cam with a friend's code")).to_have_count(1)
