"""A night on call: what is wrong is seen, looked into and decided, beside real services."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from playwright.async_api import expect
from sqlalchemy import text

from services.ingest.domain.rejects.rejects import Reject
from services.ingest.store.rejects.rejects import Rejects
from shared.clock import wall_now
from shared.db import ledger, ledger_rows
from shared.db.engine import make_engine
from shared.db.ledger import Sighting
from shared.stream import quarantine
from shared.stream.quarantine import Quarantined
from tests.apis import running
from tests.browser import looked_at, tab
from tests.console.pages.test_room import enter

pytestmark = pytest.mark.servers
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTOR = pyotp.random_base32()
BOOT = "9f1c2ab37d405e68"
PAYLOAD = b'{"type":"usage","note":"write to ann@example.org","by":"robot"}'


def refused(number, reason, payload=PAYLOAD, source="cam-7"):
    return Reject(
        id=f"r-{number}", topic="t", source=source, stream="usage", reason=reason,
        detail="by: person, automation", payload=payload, size=len(payload), sha256="", boot=None,
        seqs=[], elements=1, received_at=AT,
    )  # fmt: skip


def aside(number):
    return Quarantined(
        f"/cam-9/fault#{BOOT}:{number}", "device.fault", 0, number, b"d:cam-9",
        b'{"note":"call +49 170 1234567"}', [], "seq_conflict", "another event", AT, AT,
    )  # fmt: skip


async def set_aside(databases) -> None:
    """What is wrong in the databases of ingest and support: rejects, quarantine, gaps."""
    ingest, support = (make_engine(databases[name]) for name in ("ingest", "support"))
    async with ingest.begin() as connection:
        rejects = [refused(1, "out_of_range"), refused(2, "empty", b""), refused(3, "novel")]
        await Rejects(connection).add(rejects)
    async with support.begin() as connection:
        await quarantine.add(connection, [aside(1), aside(2)])
        holed = [Sighting("cam-8", "fault", BOOT, n, wall_now()) for n in (1, 2, 9)]
        await ledger.count(connection, holed)
    for engine in (ingest, support):
        await engine.dispose()


@pytest.fixture(scope="module")
def databases(postgres) -> dict[str, str]:
    """Databases of this file's own, with what is wrong in them."""

    async def made() -> dict[str, str]:
        urls = {n: await postgres.migrated(n, f"night_{n}") for n in ("ingest", "support")}
        await set_aside(urls)
        return urls

    return asyncio.run(made())


async def left(database) -> list[str]:
    engine = make_engine(database)
    async with engine.begin() as connection:
        found = (await connection.execute(text("SELECT id FROM quarantine ORDER BY id"))).scalars()
        rows = list(found)
    await engine.dispose()
    return rows


async def test_a_night_on_call(browser, serve, databases, screens):
    async with AsyncExitStack() as stack:
        where = {}
        for name, database in databases.items():
            _, port = await stack.enter_async_context(running(name, database))
            where[f"CONSOLE_{name.upper()}_URL"] = f"http://127.0.0.1:{port}"
        console, url = await stack.enter_async_context(serve(**where))
        page = await stack.enter_async_context(tab(browser, url))
        await console.person("oncall", factor=FACTOR)
        await page.goto("/on-call")
        await enter(page)
        await page.get_by_label("Code").fill(pyotp.TOTP(FACTOR).now())
        await page.get_by_role("button", name="Sign in", exact=True).click()
        health = page.get_by_role("region", name="Services")
        await expect(health.get_by_text("Works")).to_have_count(2)
        await expect(health.get_by_text("Does not answer")).to_have_count(2)  # two are not there
        await expect(page.get_by_text("8 numbers").or_(page.get_by_text("6 numbers in 1 gaps"))).to_be_visible()  # fmt: skip
        await expect(page.get_by_text("analytics does not say what it has set aside")).to_be_visible()  # fmt: skip
        assert await looked_at(page, screens, "on-call") == []

        await page.get_by_role("link", name="A value that is not permitted").click()
        await page.get_by_role("link", name="A value that is not permitted").click()
        await expect(page.get_by_text("write to [mail]")).to_be_visible()
        assert "ann@example.org" not in await page.content()
        assert await looked_at(page, screens, "reject") == []
        await page.get_by_role("link", name="All of this source").click()
        await expect(page.get_by_role("link", name="novel")).to_be_visible()  # not in the catalogue
        file = await page.context.request.get(
            f"{url}/on-call/rejects/files/rejects.csv?source=cam-7"
        )
        lines = (await file.text()).splitlines()
        assert lines[0].startswith("\ufeffid,received_at,source")
        assert len(lines) == 4, lines

        await page.goto("/devices/cam-8")
        await expect(page.locator("#gaps")).to_contain_text("6 numbers in 1 gaps")
        await page.goto("/on-call")
        await page.get_by_role("link", name="A number used twice").click()
        await page.get_by_role("link", name="Show what they carry").click()
        await expect(page.get_by_text("call [phone]").first).to_be_visible()
        await page.get_by_role("button", name="Try: only count").click()
        await expect(page.get_by_text("2 records would go back. Nothing was done.")).to_be_visible()
        assert len(await left(databases["support"])) == 2
        row = page.get_by_role("row", name="fault#9f1c2ab37d405e68:1")
        await row.locator("summary").click()
        await row.get_by_role("button", name="Discard").click()
        await expect(page.get_by_text("The record is discarded")).to_be_visible()
        assert await left(databases["support"]) == [f"/cam-9/fault#{BOOT}:2"]
        assert await looked_at(page, screens, "quarantine") == []
        await page.locator("summary").get_by_text("Put all back").click()
        await page.get_by_role("button", name="Put all back").click()
        await expect(page.get_by_text("One was refused: another event")).to_be_visible()
        await page.get_by_role("link", name="On call").first.click()
        await page.get_by_role("link", name="A number used twice").click()
        await page.locator("summary").get_by_text("Discard all").click()
        await page.get_by_role("button", name="Discard all").click()
        await expect(page.get_by_text("One record is discarded")).to_be_visible()
        assert await left(databases["support"]) == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/on-call/quarantine/elsewhere", 404, id="no such service"),
        pytest.param("/on-call/rejects/nothing", 503, id="ingest is away"),
        pytest.param("/on-call", 200, id="nobody answers, the page lives"),
    ],
)
async def test_what_is_not_there(console, path, status):
    oncall = await console.signed_in("oncall")
    assert (await oncall.get(path)).status_code == status
    csm = await console.signed_in("csm", email="cy@example.org")
    assert (await csm.get(path)).status_code == 403


async def test_what_a_device_says_it_dropped_is_not_missing(databases):
    engine = make_engine(databases["support"])
    async with engine.begin() as connection:
        found = await ledger_rows.gaps(connection, wall_now() - timedelta(days=1), 10)
        assert [(r["source"], r["gaps"], r["missing"]) for r in found] == [("cam-8", 1, 6)]
        since = wall_now() - timedelta(days=1)
        assert await ledger_rows.gaps(connection, since, 10, "cam-8") == found
        assert await ledger_rows.gaps(connection, since, 10, "cam-7") == []
        await connection.execute(text("UPDATE ledger SET dropped = '{[3,9)}'"))
        assert await ledger_rows.gaps(connection, wall_now() - timedelta(days=1), 10) == []
        await connection.rollback()
    await engine.dispose()


async def test_what_a_shop_sent_is_seen_and_discarded(browser, serve, postgres):
    database = await postgres.migrated("journey", "night_journey")
    engine = make_engine(database)
    kept = (
        "INSERT INTO delivery (id, shop, kind, hash, sent_at, received_at, state, why, body, forget_at)"
        " SELECT 'web-shop/m-' || n, 'web-shop', 'order.paid', 'x', now(), now(), 'kept',"
        " 'data.at: a text', '{}', now() + interval '1 day' FROM generate_series(1, 2) AS n"
    )
    async with engine.begin() as connection:
        await connection.execute(text(kept))
    async with AsyncExitStack() as stack:
        _, port = await stack.enter_async_context(running("journey", database))
        url = {"CONSOLE_JOURNEY_URL": f"http://127.0.0.1:{port}"}
        console, at = await stack.enter_async_context(serve(**url))
        page = await stack.enter_async_context(tab(browser, at))
        await console.person("oncall", factor=FACTOR)
        await page.goto("/on-call")
        await enter(page)
        await page.get_by_label("Code").fill(pyotp.TOTP(FACTOR).now())
        await page.get_by_role("button", name="Sign in", exact=True).click()
        panel = page.get_by_role("region", name="What shops sent")
        row = panel.get_by_role("row", name="web-shop/m-1")
        await expect(row).to_contain_text("data.at: a text")
        await row.locator("summary").click()
        await row.get_by_role("button", name="Discard").click()
        await expect(row).to_have_count(0)
        again = panel.get_by_role("row", name="web-shop/m-2")
        await again.get_by_role("button", name="Put back").click()
        await expect(page.get_by_text("It was not done")).to_be_visible()
    async with engine.connect() as connection:
        kept = await connection.execute(text("SELECT id FROM delivery WHERE state = 'kept'"))
        assert list(kept.scalars()) == ["web-shop/m-2"]
    await engine.dispose()
