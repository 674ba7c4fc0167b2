"""Invitations, roles, deactivation: what admins do, at once, and nobody else."""

import pytest

from services.console.handlers.links import offer_admin_link
from shared.clock import wall_now
from tests.console.conftest import PASSWORD, kind, sign_in

pytestmark = pytest.mark.servers

BEN = {"email": "ben@example.org", "name": "Ben", "roles": ["agent"]}


async def accept(browser, link, **more):
    secret = link.partition("#")[2]
    return await browser.post(
        "/v1/links/accept", json={"secret": secret, "password": PASSWORD, **more}
    )


async def test_the_first_admin_comes_by_a_link_that_is_good_once(console):
    secret = await offer_admin_link(console.context, wall_now())
    assert secret not in str(await console.sql("SELECT * FROM link"))
    browser = console.browser()
    who = {"email": "eve@example.org", "name": "Eve"}
    assert (await accept(browser, f"#{secret}", **who)).status_code == 204
    await sign_in(browser, "eve@example.org")
    again = await accept(console.browser(), f"#{secret}", email="mal@example.org", name="Mal")
    assert kind(again) == "link_not_good"
    assert await offer_admin_link(console.context, wall_now()) is None


async def test_a_new_admin_link_voids_the_old_and_all_end_after_a_day(console):
    old = await offer_admin_link(console.context, wall_now())
    new = await offer_admin_link(console.context, wall_now())
    who = {"email": "eve@example.org", "name": "Eve"}
    assert (await accept(console.browser(), f"#{old}", **who)).status_code == 410
    await console.sql("UPDATE link SET expires_at = expires_at - interval '24 hours'")
    assert (await accept(console.browser(), f"#{new}", **who)).status_code == 410
    assert await console.sql("SELECT 1 FROM account") == []


async def test_an_easy_password_does_not_use_the_link_up(console):
    secret = await offer_admin_link(console.context, wall_now())
    who = {"email": "eve@example.org", "name": "Eve"}
    easy = await accept(console.browser(), f"#{secret}", **{**who, "password": "password1234"})
    assert kind(easy) == "password_refused"
    assert (await accept(console.browser(), f"#{secret}", **who)).status_code == 204


async def test_an_invitation_makes_an_account_of_its_owner(console):
    admin = await console.signed_in("admin")
    made = (await admin.post("/v1/accounts", json=BEN)).json()
    assert made["state"] == "invited"
    ben = console.browser()
    before = await ben.post("/v1/login", json={"email": BEN["email"], "password": PASSWORD})
    assert before.status_code == 401
    assert (await accept(ben, made["link"])).status_code == 204
    await sign_in(ben, "ben@example.org")
    me = (await ben.get("/v1/session")).json()
    assert me["account"]["roles"] == ["agent"]
    assert (await accept(console.browser(), made["link"])).status_code == 410


async def test_the_receiver_of_a_link_chooses_nothing_but_the_password(console):
    admin = await console.signed_in("admin")
    made = (await admin.post("/v1/accounts", json=BEN)).json()
    await accept(console.browser(), made["link"], email="mal@example.org", name="Mal")
    shown = (await admin.get(f"/v1/accounts/{made['id']}")).json()
    assert (shown["email"], shown["name"]) == ("ben@example.org", "Ben")


@pytest.mark.parametrize(
    "more",
    [
        {"state": "active"},
        {"password_hash": "x"},
        {"id": "7"},
        {"version": 9},
        {"tenant_id": "x"},
        {"role": "admin"},
        {"roles": ["service"]},
        {"roles": ["vendor"]},
        {"roles": []},
        {"roles": ["partner"]},
        {"organisation": "o-1"},
        {"roles": ["partner"], "organisation": "../o"},
        {"email": "ben@example.org\r\nBcc: x@example.org"},
        {"name": "Ben\r\nBcc: x@example.org"},
    ],
)
async def test_nothing_but_what_was_named_is_taken(console, more):
    admin = await console.signed_in("admin")
    answer = await admin.post("/v1/accounts", json={**BEN, **more})
    assert answer.status_code == 422
    assert len(await console.sql("SELECT 1 FROM account")) == 1


@pytest.mark.parametrize("role", ["agent", "lead", "oncall", "csm", "product", "marketing"])
async def test_only_admins_see_and_change_accounts(console, role):
    browser = await console.signed_in(role)
    for method, path in (
        ("GET", "/v1/accounts"),
        ("POST", "/v1/accounts"),
        ("PUT", "/v1/accounts/7/roles"),
        ("POST", "/v1/keys"),
    ):
        assert (await browser.request(method, path, json=BEN)).status_code == 403


async def test_an_address_has_one_account(console):
    admin = await console.signed_in("admin")
    await admin.post("/v1/accounts", json=BEN)
    answer = await admin.post("/v1/accounts", json={**BEN, "email": "BEN@example.org"})
    assert kind(answer) == "account_exists"


async def test_other_roles_end_all_sessions_and_count_from_the_next(console):
    admin = await console.signed_in("admin")
    ben = await console.signed_in("agent", email="ben@example.org")
    id_ = (await ben.get("/v1/session")).json()["account"]["id"]
    answer = await admin.put(f"/v1/accounts/{id_}/roles", json={"roles": ["lead"]})
    assert answer.json()["roles"] == ["lead"]
    assert (await ben.get("/v1/session")).status_code == 401
    await sign_in(ben, "ben@example.org")
    assert (await ben.get("/v1/session")).json()["account"]["roles"] == ["lead"]


async def test_a_change_of_what_was_read_long_ago_is_refused(console):
    admin = await console.signed_in("admin")
    id_ = (await admin.post("/v1/accounts", json=BEN)).json()["id"]
    read = await admin.get(f"/v1/accounts/{id_}")
    tag = {"If-Match": read.headers["ETag"]}
    path, wish = f"/v1/accounts/{id_}/roles", {"roles": ["lead"]}
    assert (await admin.put(path, json=wish, headers=tag)).status_code == 200
    assert (await admin.put(path, json=wish, headers=tag)).status_code == 412


async def test_who_is_deactivated_is_out_at_once(console):
    admin = await console.signed_in("admin")
    ben = await console.signed_in("agent", email="ben@example.org")
    id_ = (await ben.get("/v1/session")).json()["account"]["id"]
    assert (await admin.post(f"/v1/accounts/{id_}/deactivate")).json()["state"] == "deactivated"
    assert (await ben.get("/v1/session")).status_code == 401
    assert (await ben.post("/v1/tokens")).status_code == 401
    back = await ben.post("/v1/login", json={"email": "ben@example.org", "password": PASSWORD})
    assert back.status_code == 401
    assert (await admin.post(f"/v1/accounts/{id_}/activate")).json()["state"] == "invited"
    back = await ben.post("/v1/login", json={"email": "ben@example.org", "password": PASSWORD})
    assert back.status_code == 401


async def test_an_admin_signs_somebody_out_everywhere(console):
    admin = await console.signed_in("admin")
    ben = await console.signed_in("agent", email="ben@example.org")
    id_ = (await ben.get("/v1/session")).json()["account"]["id"]
    assert (await admin.post(f"/v1/accounts/{id_}/sign-out")).json() == {"sessions": 1}
    assert (await ben.get("/v1/session")).status_code == 401


async def test_the_last_admin_stays(console):
    admin = await console.signed_in("admin")
    id_ = (await admin.get("/v1/session")).json()["account"]["id"]
    assert kind(await admin.post(f"/v1/accounts/{id_}/deactivate")) == "last_admin"
    answer = await admin.put(f"/v1/accounts/{id_}/roles", json={"roles": ["agent"]})
    assert kind(answer) == "last_admin"
    await console.person("admin", email="ben@example.org")
    assert (await admin.post(f"/v1/accounts/{id_}/deactivate")).status_code == 200


async def test_a_lost_telephone_is_forgotten_by_an_admin(console):
    admin = await console.signed_in("admin")
    ben = await console.person("agent", email="ben@example.org", factor="JBSWY3DPEHPK3PXP")
    answer = await admin.post(f"/v1/accounts/{ben.id}/reset-second-factor")
    assert answer.json()["second_factor"] is False
    await sign_in(console.browser(), "ben@example.org")


async def test_accounts_are_listed_page_by_page_without_a_secret(console):
    admin = await console.signed_in("admin")
    for n in range(4):
        await console.person("agent", email=f"n{n}@example.org")
    seen, after = [], None
    while True:
        query = {"limit": 2, **({"after": after} if after else {})}
        answer = await admin.get("/v1/accounts", params=query)
        assert "argon2" not in answer.text
        assert "totp" not in answer.text
        seen += [each["id"] for each in answer.json()["items"]]
        after = answer.json()["next"]
        if after is None:
            break
    assert seen == sorted(seen)
    assert len(seen) == 5


@pytest.mark.parametrize(
    "path", ["/v1/accounts/..%2fx", "/v1/accounts/%00", "/v1/accounts/" + "a" * 9_999]
)
async def test_an_id_that_is_none(console, path):
    admin = await console.signed_in("admin")
    assert (await admin.get(path)).status_code in {404, 422}


@pytest.mark.parametrize(
    "pasted",
    [
        lambda link: link,
        lambda link: f"\u00a0{link}\r\n",
        lambda link: f"\t{link.partition('#')[2][:20]}\n{link.partition('#')[2][20:]}\u200b",
    ],
    ids=["the whole link", "blanks around", "a broken line"],
)
async def test_a_link_is_taken_as_people_paste_it(console, pasted):
    admin = await console.signed_in("admin")
    made = (await admin.post("/v1/accounts", json=BEN)).json()
    answer = await console.browser().post(
        "/v1/links/accept", json={"secret": pasted(made["link"]), "password": PASSWORD}
    )
    assert answer.status_code == 204


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("  Ben \u00a0 O\u0308zil ", "Ben \u00d6zil"),
        ("Ben\u202eAnn", None),
        ("Ben\u009b1m", None),
        ("Ben\x1b[2J", None),
        ("Ben\u2066", None),
        ("Ben\u200bAnn", None),
        ("Ben\nAnn", None),
        ("\u200d", None),
        ("\u3000", None),
        ("\u0646\u06cc\u200c\u0646\u0627", "\u0646\u06cc\u200c\u0646\u0627"),
    ],
)
async def test_a_name_holds_nothing_that_is_not_seen(console, name, kept):
    admin = await console.signed_in("admin")
    answer = await admin.post("/v1/accounts", json={**BEN, "name": name})
    assert answer.status_code == (422 if kept is None else 201), answer.text
    if kept is not None:
        assert answer.json()["name"] == kept


async def test_whoever_is_shown_an_account_leaves_a_row(console):
    admin = await console.signed_in("admin")
    me = (await admin.get("/v1/session")).json()["account"]["id"]
    id_ = (await admin.post("/v1/accounts", json=BEN)).json()["id"]
    await admin.get("/v1/accounts")
    await admin.get(f"/v1/accounts/{id_}")
    await admin.get("/v1/accounts/00000000-0000-4000-8000-000000000000")
    query = """SELECT who, action, id, after FROM audit
      WHERE action IN ('account.list', 'account.read') ORDER BY n"""
    found = [tuple(row) for row in await console.sql(query)]
    rows = [row[1:] for row in found if row[0] == f"account:{me}"]
    assert rows == [
        ("account.list", "all", {"accounts": sorted([me, id_])}),
        ("account.read", id_, None),
    ]
