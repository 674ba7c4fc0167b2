"""Resets by mail, over a real SMTP server: who gets one, once, and what a slow server delays."""

import asyncio
import ssl
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import SMTP
from sqlalchemy import text

from services.console.handlers.accounts import Wanted, invite
from services.console.handlers.links import CONSOLE
from services.console.handlers.ports import By
from services.console.handlers.sealing import sealed
from shared.clock import wall_now
from shared.db.engine import make_engine
from shared.effects.effect import Accepted, Away
from shared.effects.smtp import Courier
from shared.pki_files import PkiFiles
from tests.console.conftest import PASSWORD, ask, link_of, sign_in
from tests.system import until
from tools.local.catcher import Keep

pytestmark = pytest.mark.servers


@pytest.fixture
async def console(make_console, smtp):
    made = make_console(SMTP_URL=smtp)
    yield made
    await made.close()


async def choose(console, link, password="another long phrase"):
    body = {"secret": link.partition("#")[2], "password": password}
    return await console.browser().post("/v1/links/accept", json=body)


async def test_a_reset_comes_by_mail_works_once_and_ends_all_sessions(console, inbox):
    browser = await console.signed_in("agent")
    await ask(console)
    await console.runner.drain()
    (mail,) = inbox()
    assert mail["To"] == "ann@example.org"
    assert mail["X-Rcpt-To"] == "ann@example.org"
    assert "30 minutes" in mail.get_content()
    link = link_of(mail)
    done = await console.sql("SELECT state, secret FROM effect")
    assert done == [("accepted", None)]  # out: no secret is kept
    assert (await choose(console, link)).status_code == 204
    assert (await browser.get("/v1/session")).status_code == 401
    old = await console.browser().post(
        "/v1/login", json={"email": "ann@example.org", "password": PASSWORD}
    )
    assert old.status_code == 401
    await sign_in(console.browser(), "ann@example.org", password="another long phrase")
    assert (await choose(console, link)).status_code == 410


async def test_a_reset_ends_after_half_an_hour_and_a_newer_one_voids_it(console, inbox):
    await console.person("agent")
    for _ in range(2):  # one after the other: two mails at once may come in any order
        await ask(console)
        await console.runner.drain()
    first, second = (link_of(mail) for mail in inbox())
    assert (await choose(console, first)).status_code == 410
    await console.sql("UPDATE link SET expires_at = expires_at - interval '30 minutes'")
    assert (await choose(console, second)).status_code == 410


async def test_nobody_else_gets_a_mail(console, inbox):
    await console.person("agent", email="ben@example.org")
    await console.sql("UPDATE account SET state = 'deactivated'")
    for address in ("nobody@example.org", "ben@example.org"):
        await ask(console, address)
    await console.runner.drain()
    assert inbox() == []


async def test_an_inbox_cannot_be_flooded(console, inbox):
    await console.person("agent")
    for _ in range(6):
        await ask(console)
    assert len(await console.sql("SELECT 1 FROM effect")) == 2


async def test_a_reset_does_not_take_the_second_factor_away(console, inbox):
    await console.person("agent", factor="JBSWY3DPEHPK3PXP")
    await ask(console)
    await console.runner.drain()
    await choose(console, link_of(inbox()[0]))
    answer = await console.browser().post(
        "/v1/login", json={"email": "ann@example.org", "password": "another long phrase"}
    )
    assert answer.json()["state"] == "second_factor_needed"


async def test_a_reset_ends_the_wait_that_somebody_else_caused(console, inbox):
    await console.person("agent")
    wrong = {"email": "ann@example.org", "password": "wrong horse battery"}
    for _ in range(6):
        last = await console.browser(address="192.0.2.1").post("/v1/login", json=wrong)
    assert last.status_code == 429
    await ask(console)
    await console.runner.drain()
    await choose(console, link_of(inbox()[0]))
    await sign_in(console.browser(), "ann@example.org", password="another long phrase")


async def test_the_browser_of_a_reset_is_known(console, inbox):
    await console.person("agent")
    await ask(console)
    await console.runner.drain()
    secret = link_of(inbox()[0]).partition("#")[2]
    browser = console.browser()
    wish = {"secret": secret, "password": "another long phrase"}
    assert (await browser.post("/v1/links/accept", json=wish)).status_code == 204
    wrong = {"email": "mal@example.org", "password": "wrong horse battery"}
    await console.browser().post("/v1/login", json=wrong)
    await console.sql("UPDATE tries SET count = 60, last_at = now() WHERE key LIKE 'address:%'")
    assert (await console.browser().post("/v1/login", json={**wrong, "email": "m@x.org"})).is_error
    await sign_in(browser, "ann@example.org", password="another long phrase")


async def test_an_invitation_comes_by_mail(console, inbox):
    wanted = Wanted("ben@example.org", "Ben", ["agent"], None)
    await invite(console.context, wanted, By(CONSOLE, wall_now()))
    running = asyncio.create_task(console.runner.run())
    (mail,) = await until(inbox)
    assert "An account was made" in mail.get_content()
    assert (await choose(console, link_of(mail))).status_code == 204
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_mail_server_that_is_away_delays_the_mail_and_not_the_request(make_console, inbox):
    away = make_console(SMTP_URL="smtp://127.0.0.1:1")
    await away.person("agent")
    await ask(away)
    await away.runner.drain()
    (row,) = await away.sql("SELECT state, attempts, why, due_at > now() AS later FROM effect")
    assert tuple(row) == ("planned", 0, "SMTPConnectError", True)  # it was never its turn
    await away.runner.tend()
    said = away.service.facts()["effects"]
    assert said.startswith("1 waiting, nobody takes link_mail since ")
    await away.close()


async def test_another_machine_gets_a_mail_over_tls_or_none(inbox, smtp):
    for url, wanted in (
        (smtp, None),
        ("smtps://mail.example.org", None),
        ("smtp://mail.example.org", True),
        ("smtp://10.0.0.7:587", True),
    ):
        assert Courier(url, "us@example.org").start_tls is wanted, url
    courier = Courier(smtp, "us@example.org")
    courier.start_tls = True  # as for another machine; this one has no TLS
    message = EmailMessage()
    message["To"] = "ann@example.org"
    assert isinstance(await courier.send(message), Away)
    assert inbox() == []


async def test_a_mail_server_with_a_certificate_of_an_authority_of_our_own_gets_it(
    tmp_path, free_port
):
    pki = PkiFiles(tmp_path / "pki").ensure(wall_now())
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(pki.server, pki.server_key)
    keep, loop = Keep(tmp_path), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(keep, tls_context=tls, require_starttls=True), "127.0.0.1", free_port
    )
    message = EmailMessage()
    message["To"] = "ann@example.org"
    message.set_content("hello")
    url = f"smtp://localhost:{free_port}"
    try:
        for ca, wanted in (("", Away), (str(pki.ca), Accepted)):
            courier = Courier(url, "us@example.org", ca)
            courier.start_tls = True  # as for another machine
            assert isinstance(await courier.send(message), wanted), ca
    finally:
        server.close()
    assert len(list(tmp_path.glob("*.eml"))) == 1


async def test_two_processes_never_send_the_same_mail(console, make_console, inbox, smtp):
    other = make_console(SMTP_URL=smtp)
    for n in range(6):
        await console.person("agent", email=f"n{n}@example.org")
        await ask(console, f"n{n}@example.org")
    await asyncio.gather(console.runner.drain(), other.runner.drain())
    assert sorted(mail["To"] for mail in inbox()) == [f"n{n}@example.org" for n in range(6)]
    await other.close()


async def test_mails_of_the_release_before_are_sent_under_the_same_ids(console, inbox):
    """Two wait; one is not due: the process of the release before may be sending it."""
    account = await console.person("agent")
    secret = sealed(console.context.seal, "s3cret", "mail", account.id)
    for id_, kind, due in (
        ("m1", "reset", "-1 s"),
        ("m2", "roles_changed", "-2 s"),
        ("m3", "reset", "1 min"),
    ):
        await console.sql(
            "INSERT INTO mail (id, account, kind, secret, attempts, created_at, due_at, expires_at)"
            " VALUES (:id, :account, :kind, :secret, 1, now(), now() + CAST(CAST(:due AS text) AS interval),"
            " now() + interval '30 min')",
            id=id_, account=account.id, kind=kind, secret=secret, due=due,
        )  # fmt: skip
    housekeeping = console.service.tasks[1].__self__
    await housekeeping.sweep()
    await console.runner.drain()
    sent = {mail["Message-ID"].partition("@")[0]: mail.get_content() for mail in inbox()}
    assert sorted(sent) == ["<m1", "<m2"]
    assert "#s3cret" in sent["<m1"]
    assert await console.sql("SELECT id FROM mail") == [("m3",)]
    assert await console.sql("SELECT id, secret FROM effect ORDER BY id") == [
        ("m1", None), ("m2", None),
    ]  # fmt: skip


async def test_the_next_release_may_drop_their_table_while_this_one_runs(
    console, postgres, database
):
    housekeeping = console.service.tasks[1].__self__
    owner = make_engine(postgres.owner_of(database))
    async with owner.begin() as connection:
        await connection.execute(text("ALTER TABLE mail RENAME TO dropped"))
    try:
        await housekeeping.sweep()
        async with console.begin() as store:
            assert await store.sealed.others("another") == []
    finally:
        async with owner.begin() as connection:
            await connection.execute(text("ALTER TABLE dropped RENAME TO mail"))
        await owner.dispose()
