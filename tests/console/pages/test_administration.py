"""People, partners and keys: a day of an admin in a real browser, and what it refuses over HTTP."""

import re

import pyotp
import pytest
from playwright.async_api import expect

from services.console.handlers.links import offer_admin_link
from shared.clock import wall_now
from tests.browser import looked_at, tab
from tests.console.conftest import URL
from tests.console.pages.test_room import enter

pytestmark = pytest.mark.servers
FACTOR = pyotp.random_base32()


async def come_in(page, console, path):
    await console.person("admin", factor=FACTOR)
    await page.goto(path)
    await enter(page)
    await page.get_by_label("Code").fill(pyotp.TOTP(FACTOR).now())
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def test_an_admin_invites_somebody_gives_roles_and_ends_a_key(browser, serve, screens):
    async with serve() as (console, url), tab(browser, url) as page:
        await come_in(page, console, "/people")
        await page.get_by_text("Invite somebody").click()
        await page.get_by_label("Name", exact=True).fill("Bo Brown")
        await page.get_by_label("E-mail address").fill("bo@example.org")
        await page.get_by_role("button", name="Invite", exact=True).click()
        await expect(page.get_by_text("choose one role or more")).to_be_visible()
        assert await page.get_by_label("E-mail address").input_value() == "bo@example.org"
        await page.get_by_label("Support agent").check()
        await page.get_by_role("button", name="Invite", exact=True).click()
        await expect(page.get_by_text("The invitation of Bo Brown goes to")).to_be_visible()
        await expect(page.get_by_text(re.compile(f"{url}/welcome#"))).to_be_visible()
        await page.get_by_role("link", name="On to Bo Brown").click()
        await page.get_by_label("Support lead").check()
        await page.get_by_role("button", name="Change the roles").click()
        await expect(page.get_by_text("all sessions have ended")).to_be_visible()
        assert await looked_at(page, screens, "person") == []
        await page.locator("summary").get_by_text("Suspend").click()
        await page.get_by_role("button", name="Suspend").click()
        await expect(page.get_by_text("The account is suspended")).to_be_visible()
        await page.goto("/people?text=bo@")
        await expect(page.get_by_role("cell", name="Suspended")).to_be_visible()
        await page.goto("/people")
        assert await looked_at(page, screens, "people") == []

        await page.goto("/keys")
        await page.get_by_text("Make a key").click()
        await page.get_by_label("Program").fill("desk")
        await page.get_by_label("Customer success").check()
        await page.get_by_label("Confined to").fill("GET /v1/tickets\nnonsense")
        await page.get_by_role("button", name="Make it").click()
        await expect(page.get_by_text("Not made: scopes: like")).to_be_visible()
        await page.get_by_label("Confined to").fill("GET /v1/tickets")
        await page.get_by_role("button", name="Make it").click()
        shown = await page.locator("code.secret").inner_text()
        assert shown.startswith("pk_")
        assert await looked_at(page, screens, "key-made") == []
        await page.get_by_role("link", name="I have kept it").click()
        await expect(page.get_by_text("one route only")).to_be_visible()
        assert shown not in await page.content()
        await page.locator("summary").get_by_text("Revoke").click()
        await page.get_by_role("button", name="Revoke").click()
        await expect(page.get_by_text("The key is revoked")).to_be_visible()
        assert await looked_at(page, screens, "keys") == []
    assert await console.sql("SELECT roles, state FROM account WHERE email = 'bo@example.org'") == [
        (["agent", "lead"], "deactivated")
    ]


async def test_partners_are_added_renamed_and_shut_out(browser, serve, support, desk, screens):
    async with (
        support() as address,
        serve(CONSOLE_SUPPORT_URL=address) as (console, url),
        tab(browser, url) as page,
    ):
        await come_in(page, console, "/organisations")
        await expect(page.get_by_text("No partners yet")).to_be_visible()
        await page.get_by_text("Add a partner").click()
        await page.get_by_label("Id").fill("Not an id")
        await page.get_by_label("Name", exact=True).fill("Helpers")
        await page.get_by_role("button", name="Add it").click()
        await expect(page.get_by_text("Not done. An id has small letters")).to_be_visible()
        await page.get_by_label("Id").fill("helpers")
        await page.get_by_role("button", name="Add it").click()
        await expect(page.get_by_text("The partner is there")).to_be_visible()
        await page.locator("summary").get_by_text("Shut out").click()
        await page.get_by_role("button", name="Shut out").click()
        await expect(page.get_by_text("It is changed")).to_be_visible()
        assert await looked_at(page, screens, "partners") == []
        await page.get_by_role("button", name="Let in again").click()
        await expect(page.get_by_text("Has access")).to_be_visible()
    async with serve(CONSOLE_SUPPORT_URL=address) as (console, url):  # support has gone
        admin = await console.signed_in("admin", email="eve@example.org")
        assert (await admin.get("/organisations")).status_code == 503
        tried = await admin.post(
            "/organisations", data={"id": "x", "name": "Kept"}, headers={"Origin": url}
        )
        assert (tried.status_code, 'value="Kept"' in tried.text) == (503, True)


async def test_a_code_is_asked_for_before_anything_is_typed_and_the_last_admin_stays(console):
    admin = await console.signed_in("admin")
    (mine,) = await console.sql("SELECT id, version FROM account")
    page = await admin.get(f"/people/{mine.id}")
    assert "Confirm that it is you" not in page.text
    admin.headers["Origin"] = URL
    refused = await admin.post(f"/people/{mine.id}/deactivate", data={"seen": mine.version})
    assert (refused.status_code, "last active administrator" in refused.text) == (409, True)
    other = await admin.post(f"/people/{mine.id}/roles", data={"seen": "99", "role_admin": "yes"})
    assert "somebody has changed this account" in other.text
    await console.sql("UPDATE session SET second_factor_at = now() - interval '1 day'")
    for path in ("/people", f"/people/{mine.id}", "/keys"):
        page = await admin.get(path)
        assert f"/account/step-up?next={path}" in page.text, path
        assert '<form class="stacked" method="post"' not in page.text, path


@pytest.mark.parametrize("path", ["/people", "/keys", "/organisations", "/audit", "/jobs"])
async def test_others_are_kept_out(console, path):
    csm = await console.signed_in("csm")
    assert (await csm.get(path)).status_code == 403


async def test_the_audit_is_read_filtered_and_verified(console):
    await offer_admin_link(console.context, wall_now())
    admin = await console.signed_in("admin")
    await admin.get("/people")
    rows = (await admin.get("/audit/panels/rows")).text
    assert re.search(
        r"<code>account.list</code>.*?Everybody.*?accounts</span> You<", rows, re.DOTALL
    )
    assert not re.search(r">[^<]*[0-9a-f]{8}-[0-9a-f]{4}-", rows)
    assert "<code>sign_in</code>" in rows
    assert '<span class="name">You</span>' in rows
    assert re.search(r'<a href="/people/[^"]+">You</a>', rows)
    assert "The console" in rows
    assert "service:" not in rows
    file = (await admin.get("/audit/files/audit.csv?action=sign_in")).text
    assert file.startswith("\ufeffn,at,who,roles,address,action,kind,id,before,after,why")
    assert file.count(",sign_in,") == file.count("\n") - 1 > 0
    for query, shown in (
        ("action=sign_in", True),
        ("action=nobody_does_this", False),
        ("from=2199-01-01", False),
        ("to=2199-01-01&kind=account", True),
        ("from=soon", True),
    ):
        found = (await admin.get(f"/audit/panels/rows?{query}")).text
        assert ("<code>sign_in</code>" in found) is shown, query
        assert ("No change is like this" in found) is not shown, query
    admin.headers["Origin"] = URL
    verified = await admin.post("/audit/verify", data={})
    assert "computed again" in verified.text
    away = await admin.get("/audit/panels/rows?service=support")
    assert "Not to be had at the moment" in away.text


async def test_jobs_of_services_that_are_away(console):
    oncall = await console.signed_in("oncall")
    page = (await oncall.get("/jobs/panels/work")).text
    assert "ingest does not answer; its jobs are not shown" in page
    assert "Nothing runs" in page
