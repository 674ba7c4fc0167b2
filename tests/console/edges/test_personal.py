"""Staff: all that is held of somebody as one file; forgotten for good, the opaque id excepted."""

import asyncio
import io
import json
import re
import sys

import pyotp
import pytest

from services.console.domain.provider.provider import Proven
from services.console.domain.sessions.session import RequestOrigin
from services.console.errors import ProviderRefused
from services.console.handlers.by_provider import enter
from services.console.wiring import build
from shared.clock import wall_now
from shared.db import audit
from shared.process import Process
from shared.run import _erasures
from tests.console.conftest import MIGRATIONS, PASSWORD, ask, kind, sign_in
from tests.signed import bearer, who

pytestmark = pytest.mark.servers

EMAIL, NAME = "zyxabel@plant.example", "Zyxabel Quorndike"
SUBJECT = "https://login.example.org quornd1ke"
REASON = {"reason": "request 2026-117"}


async def enrol(browser):
    made = (await browser.post("/v1/me/second-factor", json={"password": PASSWORD})).json()
    code = {"code": pyotp.TOTP(made["secret"]).now()}
    answer = await browser.post("/v1/me/second-factor/confirm", json=code)
    browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]


async def staff(console, email=EMAIL):
    """Somebody with all that an account can have; their browser and their id."""
    browser = console.browser(address="203.0.113.77", **{"User-Agent": "Quorn 7"})
    account = await console.person("agent", email=email)
    await console.sql(
        "UPDATE account SET name = :name, subject = :subject WHERE id = :id",
        name=NAME, subject=SUBJECT, id=account.id,
    )  # fmt: skip
    await sign_in(browser, email)
    await enrol(browser)
    await console.browser().post("/v1/login", json={"email": email, "password": "wrong horse"})
    await ask(console, email)
    return browser, account.id


async def test_one_file_holds_all_and_no_secret(console):
    browser, id_ = await staff(console)
    admin = await console.signed_in("admin")
    await admin.post(f"/v1/accounts/{id_}/reset-second-factor")
    await sign_in(browser, EMAIL)
    await enrol(browser)
    secrets = await console.sql(
        "SELECT password_hash, totp_secret,"
        " (SELECT secret FROM effect WHERE kind = 'link_mail') AS mail,"
        " (SELECT digest FROM session s WHERE s.account = a.id) AS session,"
        " (SELECT min(digest) FROM link l WHERE l.account = a.id) AS link"
        " FROM account a WHERE id = :id",
        id=id_,
    )
    got = await admin.get(f"/v1/accounts/{id_}/export")
    assert got.headers["Content-Disposition"] == f'attachment; filename="account-{id_}.json"'
    assert got.headers["Cache-Control"] == "no-store"
    holds = got.json()["holds"]
    (account,) = holds["account"]
    assert (account["name"], account["email"], account["subject"]) == (NAME, EMAIL, SUBJECT)
    assert (account["has_password"], account["has_second_factor"]) == (True, True)
    assert account["recovery_codes_left"] == 10
    assert [one["agent"] for one in holds["sessions"]] == ["Quorn 7"]
    told = ["reset", "second_factor_removed", "second_factor_set_up", "second_factor_set_up"]
    assert sorted(one["kind"] for one in holds["mails"]) == told
    assert [one["kind"] for one in holds["links"]] == ["reset"]
    assert "mail" in [one["at"] for one in holds["tries"]]
    assert {"sign_in", "second_factor.set_up"} <= {one["action"] for one in holds["acts"]}
    assert "second_factor.reset" in {one["action"] for one in holds["acted_upon"]}
    for secret in secrets[0]:
        assert secret
        assert secret not in got.text
    assert "ann@example.org" not in got.text  # the admin's own


async def test_people_take_their_own_and_nobody_elses(console):
    browser, id_ = await staff(console)
    got = await browser.get("/v1/me/export")
    assert got.json()["account"] == id_
    assert got.json()["holds"]["account"][0]["email"] == EMAIL
    other = await console.person("agent", email="ben@example.org")
    assert (await browser.get(f"/v1/accounts/{other.id}/export")).status_code == 403
    row = (await console.sql("SELECT who, id FROM audit ORDER BY n DESC LIMIT 1"))[0]
    assert tuple(row) == (f"account:{id_}", id_)
    assert (await console.browser().get("/v1/me/export")).status_code == 401
    token = console.browser(**bearer(who("agent", subject=f"account:{id_}")))
    assert kind(await token.get("/v1/me/export")) == "session_needed"


async def test_nobody_is_exported_or_erased_who_is_not_there(console):
    admin = await console.signed_in("admin")
    assert kind(await admin.get("/v1/accounts/00/export")) == "account_not_found"
    assert kind(await admin.post("/v1/accounts/00/erase", json=REASON)) == "account_not_found"


async def test_who_is_erased_is_nowhere_but_for_the_opaque_id(console, dumped):
    browser, id_ = await staff(console)
    admin = await console.signed_in("admin")
    before = await dumped()
    for planted in ("Zyxabel", "Quorndike", EMAIL, "quornd1ke", "Quorn 7"):
        assert planted in before
    answer = await admin.post(f"/v1/accounts/{id_}/erase", json=REASON)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["account"], answer.json()["state"]) == (id_, "done")
    after = await dumped()
    for planted in ("zyxabel", "quorndike", "plant.example", "quornd1ke", "quorn 7"):
        assert planted not in after.lower()
    tables = {
        table
        for table, row in re.findall(r"INSERT INTO public\.(\w+) VALUES (.*)", after)
        if id_ in row
    }
    assert tables == {"audit", "erased"}
    row = (await console.sql("SELECT * FROM audit ORDER BY n DESC LIMIT 1"))[0]
    assert (row.action, row.id, row.why) == ("account.erase", id_, REASON["reason"])
    async with console.engine.connect() as connection:
        assert (await audit.verify(connection)).broken is None
    assert (await browser.get("/v1/session")).status_code == 401
    assert (await admin.get(f"/v1/accounts/{id_}")).status_code == 404
    assert id_ not in (await admin.get("/v1/accounts")).text
    again = await admin.post(f"/v1/accounts/{id_}/erase", json=REASON)
    assert again.status_code == 404


async def test_who_is_erased_signs_in_by_nothing(console):
    _, id_ = await staff(console)
    await ask(console, EMAIL)
    admin = await console.signed_in("admin")
    await admin.post(f"/v1/accounts/{id_}/erase", json=REASON)
    answer = await console.browser().post("/v1/login", json={"email": EMAIL, "password": PASSWORD})
    assert kind(answer) == "sign_in_refused"
    await ask(console, EMAIL)
    await console.runner.drain()
    proven = Proven(subject=SUBJECT, email=EMAIL, values=())
    with pytest.raises(ProviderRefused):
        await enter(
            console.context, proven, RequestOrigin("127.0.0.1", ""), wall_now(), maps_roles=False
        )


async def test_the_address_may_be_invited_anew_as_somebody_else(console):
    _, id_ = await staff(console)
    admin = await console.signed_in("admin")
    wish = {"email": EMAIL, "name": NAME, "roles": ["lead"]}
    assert kind(await admin.post("/v1/accounts", json=wish)) == "account_exists"
    await admin.post(f"/v1/accounts/{id_}/erase", json=REASON)
    made = await admin.post("/v1/accounts", json=wish)
    assert made.status_code == 201
    assert made.json()["id"] != id_
    assert made.json()["second_factor"] is False


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        pytest.param("request 2026-117", 200, id="a case number"),
        pytest.param("Quorndike asked", 422, id="the name"),
        pytest.param(f"mail of {EMAIL}", 422, id="the address"),
        pytest.param("of zyxabel.", 422, id="a part of both"),
        pytest.param("x", 422, id="too short"),
        pytest.param("a\nb c", 422, id="a line break"),
    ],
)
async def test_a_reason_must_not_say_who_is_meant(console, reason, status):
    _, id_ = await staff(console)
    admin = await console.signed_in("admin")
    answer = await admin.post(f"/v1/accounts/{id_}/erase", json={"reason": reason})
    assert answer.status_code == status
    left = 1 if status == 422 else 0
    assert len(await console.sql("SELECT 1 FROM account WHERE id = :id", id=id_)) == left


async def test_a_reason_is_needed_and_nothing_else_is_taken(console):
    _, id_ = await staff(console)
    admin = await console.signed_in("admin")
    for wish in ({}, {**REASON, "force": True}):
        assert (await admin.post(f"/v1/accounts/{id_}/erase", json=wish)).status_code == 422


async def test_an_account_that_changed_since_is_not_erased(console):
    _, id_ = await staff(console)
    admin = await console.signed_in("admin")
    tag = {"If-Match": (await admin.get(f"/v1/accounts/{id_}")).headers["ETag"]}
    await admin.put(f"/v1/accounts/{id_}/roles", json={"roles": ["lead"]})
    path = f"/v1/accounts/{id_}/erase"
    assert (await admin.post(path, json=REASON, headers=tag)).status_code == 412
    tag = {"If-Match": (await admin.get(f"/v1/accounts/{id_}")).headers["ETag"]}
    assert (await admin.post(path, json=REASON, headers=tag)).status_code == 200


async def test_the_last_admin_is_not_erased_and_of_two_one_stays(console):
    ann = await console.signed_in("admin")
    ids = {"ann": (await ann.get("/v1/session")).json()["account"]["id"]}
    assert kind(await ann.post(f"/v1/accounts/{ids['ann']}/erase", json=REASON)) == "last_admin"
    ben = await console.signed_in("admin", email="ben@example.org")
    ids["ben"] = (await ben.get("/v1/session")).json()["account"]["id"]
    await asyncio.gather(
        ann.post(f"/v1/accounts/{ids['ben']}/erase", json=REASON),
        ben.post(f"/v1/accounts/{ids['ann']}/erase", json=REASON),
    )
    assert len(await console.sql("SELECT 1 FROM account")) == 1


async def test_only_with_a_code_given_a_moment_ago(console):
    _, id_ = await staff(console)
    admin = await console.signed_in("admin")
    await console.sql("UPDATE session SET second_factor_at = now() - interval '1 hour'")
    erase = await admin.post(f"/v1/accounts/{id_}/erase", json=REASON)
    export = await admin.get(f"/v1/accounts/{id_}/export")
    assert {kind(erase), kind(export)} == {"step_up_needed"}


async def kept(console, id_) -> str:
    """An account's row, as a backup has it."""
    (row,) = await console.sql("SELECT to_jsonb(a) AS it FROM account a WHERE id = :id", id=id_)
    return json.dumps(row.it)


async def restore(console, backup: str) -> None:
    await console.sql(
        "INSERT INTO account SELECT (jsonb_populate_record(CAST(NULL AS account),"
        " CAST(:it AS jsonb))).*",
        it=backup,
    )


async def test_after_a_restore_the_erased_are_forgotten_before_console_is_ready(console):
    _, id_ = await staff(console)
    backup = await kept(console, id_)
    admin = await console.signed_in("admin")
    await admin.post(f"/v1/accounts/{id_}/erase", json=REASON)
    await restore(console, backup)
    await Process(console.service, console.settings, asyncio.Event())._start(MIGRATIONS)
    assert await console.sql("SELECT 1 FROM account WHERE id = :id", id=id_) == []


async def test_where_the_list_was_restored_too_it_is_given_back(console, monkeypatch, capsys):
    """`python -m services.console erased > list`, and `erase < list` on the restored database."""
    _, id_ = await staff(console)
    backup = await kept(console, id_)
    admin = await console.signed_in("admin")
    await admin.post(f"/v1/accounts/{id_}/erase", json=REASON)
    await _erasures("console", console.settings, build, tell=True)
    listed = capsys.readouterr().out
    assert set(json.loads(listed)) == {id_}
    await console.sql("DELETE FROM erased")
    await restore(console, backup)
    monkeypatch.setattr(sys, "stdin", io.StringIO(listed))
    await _erasures("console", console.settings, build, tell=False)
    assert await console.sql("SELECT 1 FROM account WHERE id = :id", id=id_) == []
