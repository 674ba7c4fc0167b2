"""Devices in the console, beside a real registry: found, registered, given away, cut off."""

import re

import pytest
from playwright.async_api import expect

from tests.browser import looked_at, tab
from tests.console.pages.test_customers import databases, filled, urls  # noqa: F401 - fixtures
from tests.console.pages.test_room import enter

pytestmark = pytest.mark.servers


def rows(page):
    """The devices that a page lists."""
    return re.findall(r'<a href="/devices/([^"?/]+)">', page.text)


async def test_an_admin_registers_claims_moves_and_retires_one(make_console, urls):  # noqa: F811
    console = make_console(**urls)
    browser = await console.signed_in("admin")
    token = {"csrf": browser.headers.pop("X-CSRF-Token")}
    wrong = await browser.post("/devices", data={**token, "id": "Cam 9", "model": "Cam 9"})
    assert wrong.status_code == 422
    assert 'value="Cam 9"' in wrong.text
    new = {**token, "id": "cam-9", "model": "Cam 9", "firmware": "1.0"}
    made = await browser.post("/devices", data=new)
    assert made.headers["location"] == "/devices/cam-9?said=register"
    assert rows(await browser.get("/devices/panels/list?model=Cam+9&firmware=1.0")) == ["cam-9"]
    assert rows(await browser.get("/devices/panels/list?beginning=cam-9&status=claimed")) == []
    for act, form, told in (
        ("claim", {"customer": "c-ana"}, "In use"),
        ("move", {"customer": "d-07"}, "Person 7"),
        ("retire", {}, "Out of use"),
    ):
        done = await browser.post(f"/devices/cam-9/{act}", data={**token, **form})
        assert done.headers["location"] == f"/devices/cam-9?said={act}", done.text
        assert told in (await browser.get("/devices/cam-9/panels/facts")).text
    file = (await browser.get("/devices/files/devices.csv?model=Cam+9")).text.splitlines()
    assert file[0] == "\ufeffid,model,firmware,status,last_seen,customer"
    assert file[1:] == ["cam-9,Cam 9,1.0,retired,,"], file
    apps = await browser.get("/apps/files/apps.csv")
    assert apps.headers["content-type"].startswith("text/csv")
    refused = await browser.post("/devices/cam-9/claim", data={**token, "customer": "d-08"})
    assert refused.status_code == 409
    assert 'value="d-08"' in refused.text
    assert (await browser.post("/devices/cam-9/melt", data=token)).status_code == 422
    assert "Nothing has this id" in (await browser.get("/devices/gone/panels/facts")).text
    await console.close()


async def test_a_password_is_shown_once_and_ended(make_console, urls):  # noqa: F811
    console = make_console(**urls)
    browser = await console.signed_in("admin")
    token = {"csrf": browser.headers.pop("X-CSRF-Token")}
    made = await browser.post("/devices/cam-7/password", data=token)
    assert made.headers["cache-control"] == "no-store"
    secrets = re.findall(r'<code class="secret">([^<]+)</code>', made.text)
    assert (len(secrets), secrets[0]) == (2, "cam-7")
    shown = await browser.get("/devices/cam-7/panels/credentials")
    assert "Good" in shown.text
    assert secrets[1] not in shown.text
    await browser.post("/devices/cam-7/revoke", data=token)
    assert "Ended" in (await browser.get("/devices/cam-7/panels/credentials")).text
    await console.close()


async def test_who_does_not_keep_the_registry_changes_nothing_in_it(make_console, urls):  # noqa: F811
    console = make_console(**urls)
    browser = await console.signed_in("agent")
    token = {"csrf": browser.headers["X-CSRF-Token"]}
    page = await browser.get("/devices/cam-7")
    assert page.status_code == 200
    assert '"/devices/cam-7/' not in re.sub(r"/devices/cam-7/panels/\w+", "", page.text)
    assert (await browser.post("/devices/cam-7/retire", data=token)).status_code == 403
    assert (await browser.get("/devices/cam-7/panels/credentials")).status_code == 404
    await console.close()


async def test_an_admin_looks_at_devices(browser, serve, urls, screens):  # noqa: F811
    async with serve(**urls) as (console, url), tab(browser, url) as page:
        await console.person("csm")
        await page.goto("/devices")
        await enter(page)
        assert await looked_at(page, screens, "devices") == []
        await page.locator("#list").get_by_role("link", name="cam-7").click()
        await expect(page.locator("#facts")).to_contain_text("Ana Lima")
        assert await looked_at(page, screens, "device") == []


async def test_who_has_a_model_and_a_firmware_and_what_ran_before(browser, serve, urls, screens):  # noqa: F811
    async with serve(**urls) as (console, url), tab(browser, url) as page:
        await console.person("csm")
        await page.goto("/customers")
        await enter(page)
        model = page.get_by_role("combobox", name="Model")
        for _ in range(20):  # what can be chosen is left out where it does not come in a moment
            if await model.get_by_role("option", name="Cam 2").count():
                break
            await page.reload()
        await model.select_option("Cam 2")
        await page.get_by_role("combobox", name="Firmware").select_option("4.3")
        await page.get_by_role("button", name="Filter").click()
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.get_by_role("link", name="Ana Lima").click()
        await page.get_by_role("link", name="cam-7").click()
        ran = page.get_by_role("list", name="Firmware, the newest first")
        await expect(ran.get_by_role("link")).to_have_text(["4.3", "4.2"])
        assert await looked_at(page, screens, "firmware") == []
        await ran.get_by_role("link", name="4.3").click()
        await expect(page.locator("tbody tr").get_by_role("link", name="cam-7")).to_be_visible()
