"""What console's database holds of second factors and mails: nothing that opens anything."""

import asyncio
import re

import pyotp
import pytest

from services.console.handlers.sealing import seal_all
from shared.clock import wall_now
from shared.errors import BadSettings
from shared.process import Process
from tests.console.conftest import KEY, MIGRATIONS, PASSWORD, ask, kind, link_of, sign_in

pytestmark = pytest.mark.servers

OTHER = "0d4e77aa" * 8
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def half_way(console, email="ann@example.org"):
    browser = console.browser()
    await browser.post("/v1/login", json={"email": email, "password": PASSWORD})
    return browser


async def with_code(console, secret=SECRET, email="ann@example.org", steps=0):
    browser = await half_way(console, email)
    code = pyotp.TOTP(secret).at(wall_now(), counter_offset=steps)
    return await browser.post("/v1/login/second-factor", json={"code": code})


async def test_a_dump_holds_neither_a_second_factor_nor_a_link(make_console, inbox, smtp, dumped):
    console = make_console(SMTP_URL=smtp)
    browser = await console.signed_in("agent")
    first = (await browser.post("/v1/me/second-factor", json={"password": PASSWORD})).json()
    code = {"code": pyotp.TOTP(first["secret"]).now()}
    confirmed = await browser.post("/v1/me/second-factor/confirm", json=code)
    browser.headers["X-CSRF-Token"] = confirmed.json()["csrf_token"]
    waiting = (await browser.post("/v1/me/second-factor", json={"password": PASSWORD})).json()
    await ask(console)
    held = await dumped()
    (mail,) = await console.sql("SELECT secret FROM effect WHERE kind = 'link_mail'")
    (account,) = await console.sql("SELECT totp_secret, totp_pending FROM account")
    for row in (mail.secret, account.totp_secret, account.totp_pending):
        assert re.fullmatch(r"1\.[0-9a-f]{16}\.[\w-]+", row)
        assert row in held  # it is the right database
    await console.runner.drain()
    link = link_of(next(one for one in inbox() if "choose a new" in one["Subject"])).partition("#")[
        2
    ]
    assert len(link) == 43
    for opens in (first["secret"], waiting["secret"], link):
        assert opens.lower() not in held.lower()
    await console.close()


async def test_rows_from_before_there_was_a_key_are_sealed_and_work(
    make_console, inbox, smtp, dumped
):
    console = make_console(SMTP_URL=smtp)
    await console.person("agent", factor=SECRET)
    await ask(console)
    (mail,) = await console.sql("SELECT about, secret FROM effect")
    plain = console.context.seal.open(mail.secret, "mail", mail.about)
    await console.sql("UPDATE account SET totp_secret = :it, totp_pending = :it", it=SECRET)
    await console.sql("UPDATE effect SET secret = :it", it=plain)
    before = await console.sql("SELECT version FROM account")
    assert await seal_all(console.context) == 3
    held = await dumped()
    assert SECRET not in held
    assert plain not in held
    assert await console.sql("SELECT version FROM account") == before
    assert await seal_all(console.context) == 0
    assert (await with_code(console)).status_code == 200
    await console.runner.drain()
    assert link_of(inbox()[0]).endswith(f"#{plain}")
    await console.close()


async def test_a_key_is_rotated_by_two_starts_and_nobody_notices(make_console):
    old = make_console()
    await old.person("agent", factor=SECRET)
    both = make_console(CONSOLE_SEAL_KEY=f"{OTHER},{KEY}")
    assert (await with_code(both)).status_code == 200  # before the start has sealed it anew
    assert await seal_all(both.context) == 1
    new = make_console(CONSOLE_SEAL_KEY=OTHER)
    assert await seal_all(new.context) == 0
    assert (await with_code(new, steps=1)).status_code == 200
    for each in (old, both, new):
        await each.close()


async def test_several_starts_at_once_seal_each_row_once(make_console):
    old = make_console()
    for n in range(20):
        await old.person("agent", email=f"n{n}@example.org", factor=SECRET)
    several = [make_console(CONSOLE_SEAL_KEY=f"{OTHER},{KEY}") for _ in range(3)]
    counts = await asyncio.gather(*(seal_all(each.context) for each in several))
    assert sum(counts) == 20
    assert (await with_code(several[0], email="n7@example.org")).status_code == 200
    for each in (old, *several):
        await each.close()


async def test_another_key_stops_the_start_and_is_named(make_console):
    await make_console().person("agent", factor=SECRET)
    other = make_console(CONSOLE_SEAL_KEY=OTHER)
    process = Process(other.service, other.settings, asyncio.Event())
    with pytest.raises(BadSettings, match="CONSOLE_SEAL_KEY_FILE: 1 secrets") as refused:
        await process._start(MIGRATIONS)
    assert OTHER not in str(refused.value)
    await other.close()


async def test_without_anything_sealed_any_key_will_do(make_console):
    await make_console().person("agent")
    other = make_console(CONSOLE_SEAL_KEY=OTHER)
    await Process(other.service, other.settings, asyncio.Event())._start(MIGRATIONS)
    await other.close()


async def test_one_that_cannot_be_opened_is_a_refusal_for_one_and_no_stop(make_console, caplog):
    """Spoilt, or moved from another account by somebody who may write the database."""
    console = make_console()
    await console.person("agent", factor=SECRET)
    ben = await console.person("agent", email="ben@example.org", factor=pyotp.random_base32())
    await console.sql(
        "UPDATE account SET totp_secret = (SELECT totp_secret FROM account WHERE id <> :id)"
        " WHERE id = :id",
        id=ben.id,
    )
    assert await seal_all(console.context) == 0
    answer = await with_code(console, email="ben@example.org")
    assert (answer.status_code, kind(answer)) == (401, "sign_in_refused")
    assert any(record.name.endswith("console.codes") for record in caplog.records)
    assert (await with_code(console)).status_code == 200
    admin = await console.signed_in("admin", email="eve@example.org")
    await admin.post(f"/v1/accounts/{ben.id}/reset-second-factor")
    await sign_in(console.browser(), "ben@example.org")
    await console.close()


async def test_a_spoilt_second_factor_to_confirm_is_begun_again(console):
    browser = await console.signed_in("agent")
    await browser.post("/v1/me/second-factor", json={"password": PASSWORD})
    await console.sql("UPDATE account SET totp_pending = totp_pending || 'A'")
    answer = await browser.post("/v1/me/second-factor/confirm", json={"code": "123456"})
    assert kind(answer) == "no_second_factor"


async def test_a_mail_that_cannot_be_opened_is_given_up_and_holds_no_other_up(
    make_console,
    inbox,
    smtp,
):
    console = make_console(SMTP_URL=smtp)
    await console.person("agent")
    await ask(console)
    await console.sql("UPDATE effect SET secret = left(secret, 40)")
    await ask(console)
    await console.runner.drain()
    assert len(inbox()) == 1
    found = await console.sql("SELECT state, why, secret FROM effect ORDER BY planned_at")
    assert found == [("failed", "seal_broken", None), ("accepted", None, None)]
    await console.close()
