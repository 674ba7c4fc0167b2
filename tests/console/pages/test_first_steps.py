"""An installation with nothing in it: what its admin does first, until the first event has come."""

import asyncio
import re
from contextlib import AsyncExitStack

import httpx
import pyotp
import pytest
from playwright.async_api import expect
from sqlalchemy import text

from shared.db.engine import make_engine
from tests.apis import running
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter
from tests.patience import PATIENCE_S
from tests.signed import headers

pytestmark = pytest.mark.servers
NAMES = ("ingest", "journey")
HELD = "INSERT INTO source (id, kind, version) VALUES ('held-05000', 'device', 1)"
PLACES = ("04999", "05000", "99999")
CUSTOMERS = "id,name,zone\nc-1,Ana Lima,Asia/Tokyo\nc-2,,UTC\n"


@pytest.fixture(scope="module")
def nothing(postgres) -> dict[str, str]:
    """Databases with nothing in them."""

    async def made() -> dict[str, str]:
        return {name: await postgres.migrated(name, f"first_{name}") for name in NAMES}

    return asyncio.run(made())


async def heard(database: str, device: str) -> None:
    """The first event of a device has come, as intake writes it down."""
    engine = make_engine(database)
    async with engine.begin() as connection:
        said = text("UPDATE source SET last_seen = now() WHERE id = :id")
        await connection.execute(said, {"id": device})
    await engine.dispose()


async def test_from_nothing_to_a_device_customers_and_people(browser, serve, nothing, screens):
    async with AsyncExitStack() as stack:
        urls = {}
        for name, database in nothing.items():
            _, port = await stack.enter_async_context(running(name, database))
            urls[f"CONSOLE_{name.upper()}_URL"] = f"http://127.0.0.1:{port}"
        console, url = await stack.enter_async_context(serve(**urls))
        page = await stack.enter_async_context(tab(browser, url))
        factor = pyotp.random_base32()
        await console.person("admin", factor=factor)
        await page.goto("/today")
        await enter(page)
        await page.get_by_label("Code").fill(pyotp.TOTP(factor).now())
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(page.get_by_role("heading", name="First steps")).to_be_visible()
        await expect(page.get_by_label("To do")).to_have_count(3)
        await expect(page.locator(".panels section")).to_have_count(0)  # nothing else to be seen
        assert await looked_at(page, screens, "first-steps") == []

        await page.get_by_label("Id").fill("Cam 1")
        await page.get_by_label("Model").fill("cam-2")
        await page.get_by_role("button", name="Register and get its password").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await page.get_by_label("Id").fill("cam-1")
        await page.get_by_role("button", name="Register and get its password").click()
        await expect(page.locator("code.secret")).to_have_count(2)
        await expect(page.get_by_text("Waiting for the first event of cam-1")).to_be_visible()
        assert await looked_at(page, screens, "first-device") == []
        other = await page.context.new_page()
        await other.goto("/today")
        await expect(other.get_by_text("Waiting for the first event of cam-1")).to_be_visible()
        await heard(nothing["ingest"], "cam-1")
        came = page.get_by_text("The first event of cam-1 has come.")
        await expect(came).to_be_visible(timeout=PATIENCE_S * 1000)
        assert re.search(
            r'class="secret"', await page.content()
        )  # what is shown once is still there

        await page.goto("/today")
        await expect(page.get_by_label("Done")).to_have_count(1)
        await page.get_by_role("link", name="Import customers").click()
        file = {"name": "c.csv", "mimeType": "text/csv", "buffer": CUSTOMERS.encode()}
        await page.locator("#customers-file").set_input_files(file)
        assert await looked_at(page, screens, "imports") == []
        await page.get_by_role("button", name="Import", exact=True).last.click()
        row = page.get_by_role("row", name=re.compile("Import customers"))
        await expect(row.get_by_text("Done")).to_be_visible(timeout=PATIENCE_S * 1000)
        await page.goto("/imports")
        file = page.locator("#devices-file")
        wrong = "id,model\ncam-2,cam-2\nNO ID,cam-2\ncam-3,\n"
        await file.set_input_files(
            {"name": "d.csv", "mimeType": "text/csv", "buffer": wrong.encode()}
        )
        await page.get_by_role("button", name="Import", exact=True).first.click()
        lines = page.get_by_role("table", name="Lines that are wrong").locator("tbody tr")
        await expect(lines).to_have_text([re.compile(r"3\s*id"), re.compile(r"4\s*model")])
        assert await looked_at(page, screens, "imports-wrong") == []
        good = "id,model\n" + "\n".join(f"many-{n},cam-2" for n in range(2_000))
        await file.set_input_files(
            {"name": "d.csv", "mimeType": "text/csv", "buffer": good.encode()}
        )
        await page.get_by_role("button", name="Import", exact=True).first.click()
        row = page.get_by_role("row", name=re.compile("Devices"))
        await row.get_by_text("Their 2,000 passwords").click(timeout=PATIENCE_S * 1000)
        assert await looked_at(page, screens, "imports-passwords") == []
        async with page.expect_download() as begun:
            await row.get_by_role("button", name="Make the file").click()
        made = (await (await begun.value).path()).read_text("utf-8").splitlines()
        assert (len(made), made[1].partition(",")[0]) == (2_001, "many-0")
        await console.person("csm", email="ben@example.org")
        await page.goto("/today")
        await expect(page.get_by_role("heading", name="First steps")).to_have_count(0)


async def test_a_file_of_100_000_devices_is_cancelled_under_way(browser, serve, nothing):
    """What was registered by then stays, and has its passwords; the rest is not there."""
    lines = ["id,model", *(f"held-{n:05},cam-2" for n in range(100_000))]
    file = {"name": "d.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    engine = make_engine(nothing["ingest"])
    async with AsyncExitStack() as stack:
        _, port = await stack.enter_async_context(running("ingest", nothing["ingest"]))
        address = f"http://127.0.0.1:{port}"
        console, url = await stack.enter_async_context(serve(CONSOLE_INGEST_URL=address))
        page = await stack.enter_async_context(tab(browser, url))
        await console.person("product", email="pia@example.org")
        await page.goto("/imports")
        await enter(page, "pia@example.org")
        held = await stack.enter_async_context(engine.connect())  # the sixth thousand waits for it
        await held.execute(text(HELD))
        await page.locator("#devices-file").set_input_files(file)
        await page.get_by_role("button", name="Import", exact=True).click()
        row = page.get_by_role("row", name=re.compile("Devices"))
        await expect(row).to_contain_text("5,000 of 100,000")
        await row.get_by_role("button", name="Cancel").click()
        await expect(row).to_contain_text("Was stopped")
        await held.rollback()
        await expect(row.get_by_text("Their 5,000 passwords")).to_be_visible()
        async with httpx.AsyncClient(base_url=address, headers=headers("admin")) as http:
            there = [(await http.get(f"/v1/devices/held-{n}")).status_code for n in PLACES]
        assert there == [200, 404, 404]
    await engine.dispose()
