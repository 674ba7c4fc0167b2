"""Every change at console leaves a row in the audit, sign-ins and refused ones included."""

import asyncio

import pyotp
import pytest

from services.console.domain.mails.mail import notice_mail
from services.console.handlers.links import offer_admin_link
from shared.clock import wall_now
from shared.db import audit
from shared.web.who import Who
from tests.console.conftest import PASSWORD, URL
from tests.signed import bearer, fresh
from tests.witness import ADDRESS, Witness, changing

pytestmark = pytest.mark.servers

EXEMPT = {
    "POST /v1/tokens": "changes nothing but the day a key was last used; every five minutes",
    # what all services have: tests/shared/web/test_audit_everywhere.py
    "POST /v1/quarantine/replay": "of all services",
    "POST /v1/quarantine/discard": "of all services",
    "POST /v1/quarantine/{id}/replay": "of all services",
    "POST /v1/quarantine/{id}/discard": "of all services",
}
ANOTHER = "another horse battery"


def code(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(wall_now(), counter_offset=steps)


class Somebody(Witness):
    """A browser whose requests are held against the audit."""

    def __init__(self, console) -> None:
        super().__init__(console.app, console.engine, URL)

    async def carries(self, answer):
        self.http.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return answer


async def own_account(console, seen: set[str]) -> None:
    """A person's own doings: in, password, second factor, sessions, out."""
    account = await console.person("agent", email="ann@example.org")
    ann = Somebody(console)
    who = {"who": f"account:{account.id}", "of": account.id}
    login = {"email": "ann@example.org", "password": PASSWORD}
    await ann.carries(await ann.did("POST /v1/login", "sign_in", "account", json=login, **who))
    wish = {"present": PASSWORD, "wanted": ANOTHER}
    await ann.carries(
        await ann.did("POST /v1/me/password", "password.change", "account", json=wish, **who)
    )
    begin, confirm = "POST /v1/me/second-factor", "POST /v1/me/second-factor/confirm"
    made = await ann.did(begin, "second_factor.begin", "account", json={"password": ANOTHER}, **who)
    secret = made.json()["secret"]
    await ann.left_nothing(confirm, 401, json={"code": "000000"})
    sent = {"code": code(secret, -1)}
    await ann.carries(await ann.did(confirm, "second_factor.set_up", "account", json=sent, **who))
    renew = "POST /v1/me/recovery-codes"
    spare = (await ann.did(renew, "recovery_codes.renew", "account", **who)).json()
    step_up = "POST /v1/me/step-up"
    sent = {"code": code(secret)}
    await ann.carries(await ann.did(step_up, "step_up", "account", json=sent, **who))
    other = Somebody(console)
    login["password"] = ANOTHER
    await other.did("POST /v1/login", "sign_in.begin", "account", json=login, **who)
    sent = {"code": spare["recovery_codes"][0]}
    await other.carries(
        await other.did("POST /v1/login/second-factor", "sign_in", "account", json=sent, **who)
    )
    shown = (await ann.http.get("/v1/me/sessions")).json()
    theirs = next(each["id"] for each in shown if not each["present"])
    route = "DELETE /v1/me/sessions/{session_id}"
    path = {"session_id": theirs}
    await ann.did(route, "sessions.end", "account", path=path, **who)
    await ann.left_nothing(route, 404, path=path)
    await ann.did("DELETE /v1/me/sessions", "sessions.end", "account", **who)
    await ann.did("DELETE /v1/me/second-factor", "second_factor.remove", "account", **who)
    await ann.did("DELETE /v1/session", "sign_out", "account", **who)
    await ann.left_nothing("DELETE /v1/session", 401)
    seen |= ann.seen | other.seen
    for each in (ann, other):
        await each.http.aclose()


async def what_nobody_knew(console, seen: set[str]) -> None:
    """On-call says what became of a mail."""
    oncall = Somebody(console)
    oncall.http.headers.update(bearer(Who("key:5f6a7b8c", "key", frozenset({"oncall"}))))
    now = wall_now()
    async with console.begin() as store:
        await store.plan(notice_mail("e1", "ann", "key_made", now), now)
    await console.sql("UPDATE effect SET state = 'unknown', settled_at = now() WHERE id = 'e1'")
    route, wish = "POST /v1/effects/{id}/resolve", {"resolution": "failed"}
    answer = await oncall.did(
        route, "effect.resolve", "effect", path={"id": "e1"}, json=wish, who="key:5f6a7b8c"
    )
    assert answer.json()["state"] == "failed"
    await oncall.left_nothing(route, 409, path={"id": "e1"}, json=wish)
    seen |= oncall.seen
    await oncall.http.aclose()


async def admins_doings(console, seen: set[str]) -> None:
    """What admins do with accounts, keys and the table of roles; an invited person's first step."""
    admin = Somebody(console)
    one = Who("key:1b2c3d4e", "key", frozenset({"admin"}))
    admin.http.headers.update(bearer(fresh(one)))
    by = {"who": "key:1b2c3d4e"}
    route = "POST /v1/accounts"
    new = {"email": "eve@example.org", "name": "Eve", "roles": ["agent"]}
    made = await admin.did(route, "account.invite", "account", json=new, **by)
    await admin.left_nothing(route, 409, json=new)
    await admin.left_nothing(route, 422, json={**new, "email": "f@example.org", "roles": []})
    path = {"account_id": made.json()["id"]}
    one = f"{route}/{{account_id}}"
    again = await admin.did(f"{one}/invite", "account.invite_again", "account", path=path, **by)
    link = again.json()["link"]
    eve = Somebody(console)
    sent = {"secret": link.rpartition("#")[2], "password": PASSWORD}
    accept = "POST /v1/links/accept"
    they = f"account:{path['account_id']}"
    await eve.did(accept, "account.accept", "account", of=path["account_id"], who=they, json=sent)
    await eve.left_nothing(accept, 410, json=sent)
    roles = "PUT /v1/accounts/{account_id}/roles"
    await admin.did(roles, "account.roles", "account", path=path, json={"roles": ["lead"]}, **by)
    await admin.left_nothing(
        roles, 412, path=path, json={"roles": ["csm"]}, headers={"If-Match": '"77"'}
    )
    for verb, action in (
        ("sign-out", "account.sign_out"),
        ("reset-second-factor", "second_factor.reset"),
        ("deactivate", "account.deactivate"),
        ("activate", "account.activate"),
    ):
        await admin.did(f"{one}/{verb}", action, "account", path=path, **by)
        nobody = {"account_id": "00"}
        await admin.left_nothing(f"{one}/{verb}", 404, path=nobody)
    await admin.http.get(f"/v1/accounts/{path['account_id']}/export")
    assert (await admin.since(0))[-1]["action"] == "account.export"
    gone = {"path": path, "json": {"reason": "request 2026-117"}}
    await admin.left_nothing(f"{one}/erase", 422, path=path, json={"reason": "Eve asked"})
    await admin.did(f"{one}/erase", "account.erase", "account", **gone, **by)
    await admin.left_nothing(f"{one}/erase", 404, **gone)
    key = {"name": "crm", "roles": ["vendor"], "expires_in_days": 30}
    made = await admin.did("POST /v1/keys", "key.create", "key", json=key, **by)
    assert made.json()["key"].split("_", 2)[2] not in str(await admin.since(0))
    route, path = "POST /v1/keys/{key_id}/revoke", {"key_id": made.json()["id"]}
    await admin.did(route, "key.revoke", "key", path=path, **by)
    await admin.left_nothing(route, 200, path=path)
    table = {"roles": {"staff": "agent"}}
    route = "PUT /v1/provider/roles"
    await admin.did(route, "provider.roles", "provider", of="roles", json=table, **by)
    seen |= admin.seen | eve.seen
    for each in (admin, eve):
        await each.http.aclose()


async def test_every_change_leaves_a_row(console):
    seen: set[str] = set()
    await own_account(console, seen)
    await admins_doings(console, seen)
    await what_nobody_knew(console, seen)
    stranger = Somebody(console)
    before = await stranger.head()
    await console.person("csm", email="zoe@example.org")
    route = "POST /v1/password-resets"
    asked = await stranger.http.post(route.partition(" ")[2], json={"email": "zoe@example.org"})
    await console.app.state.aside.finished()
    (row,) = await stranger.since(before)
    assert (row["who"], row["action"]) == ("stranger", "password.ask_reset")
    assert row["address"] == ADDRESS
    assert row["request"] == asked.headers["x-request-id"]
    seen.add(route)
    await stranger.http.aclose()
    assert seen == changing(console.app) - set(EXEMPT)
    async with console.engine.connect() as connection:
        assert (await audit.verify(connection)).broken is None


async def test_a_refused_sign_in_leaves_a_row_that_names_no_address_book(console):
    account = await console.person("agent", email="ann@example.org")
    stranger = Somebody(console)
    before = await stranger.head()
    for email in ("ann@example.org", "nobody@example.org"):
        wrong = {"email": email, "password": "wrong horse battery"}
        assert (await stranger.http.post("/v1/login", json=wrong)).status_code == 401
    key = {"Authorization": "Bearer pk_00000000_" + "A" * 43}
    assert (await stranger.http.post("/v1/tokens", headers=key)).status_code == 401
    rows = await stranger.since(before)
    assert [(row["who"], row["action"], row["id"]) for row in rows] == [
        ("stranger", "sign_in.refused", account.id),
        ("stranger", "sign_in.refused", "unknown"),
        ("stranger", "key.refused", "unknown"),
    ]
    assert {row["address"] for row in rows} == {ADDRESS}
    assert "example.org" not in str(rows)
    await stranger.http.aclose()


async def test_nothing_secret_and_nobody_personal_stands_in_it(console):
    await own_account(console, set())
    await admins_doings(console, set())
    async with console.engine.connect() as connection:
        found = await connection.exec_driver_sql("SELECT a::text FROM audit a")
        said = "\n".join(found.scalars())
    for word in ("ann@", "eve@", "example.org", "Eve", PASSWORD, ANOTHER, "$argon2", "otpauth"):
        assert word not in said, word


async def test_what_the_system_does_by_itself_says_so(console):
    await offer_admin_link(console.context, wall_now())
    row = (await console.sql("SELECT who, by, action FROM audit ORDER BY n DESC LIMIT 1"))[0]
    assert tuple(row) == ("service:console", "system", "admin_link.offer")


async def test_sign_ins_at_the_same_time_make_one_chain(console):
    await console.person("agent", email="ann@example.org")

    async def sign_in() -> None:
        one = Somebody(console)
        login = {"email": "ann@example.org", "password": PASSWORD}
        assert (await one.http.post("/v1/login", json=login)).status_code == 200
        await one.http.aclose()

    await asyncio.gather(*(sign_in() for _ in range(5)))
    async with console.engine.connect() as connection:
        assert (await audit.verify(connection)).broken is None
