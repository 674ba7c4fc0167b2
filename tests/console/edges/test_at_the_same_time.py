"""What two do at the same moment: a link is good for one, limits hold, an admin stays."""

import asyncio

import pyotp
import pytest

from services.console.handlers.links import offer_admin_link
from shared.clock import wall_now
from tests.console.conftest import PASSWORD

pytestmark = pytest.mark.servers

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def statuses(*requests):
    return sorted(answer.status_code for answer in await asyncio.gather(*requests))


async def test_one_link_makes_one_admin(console):
    secret = await offer_admin_link(console.context, wall_now())

    def accept(n):
        body = {"secret": secret, "email": f"n{n}@example.org", "password": PASSWORD}
        return console.browser().post("/v1/links/accept", json=body)

    assert await statuses(*(accept(n) for n in range(6))) == [204, *[410] * 5]
    assert len(await console.sql("SELECT 1 FROM account")) == 1


async def test_one_code_opens_one_session(console):
    await console.person("agent", factor=SECRET)
    browsers = [console.browser() for _ in range(4)]
    for browser in browsers:
        await browser.post("/v1/login", json={"email": "ann@example.org", "password": PASSWORD})
    halves = [browser.cookies["__Host-playcaller-half"] for browser in browsers]
    for browser in browsers:  # a newer first step voids the older ones: all use the last
        browser.cookies.set("__Host-playcaller-half", halves[-1], domain="127.0.0.1", path="/")
    code = {"code": pyotp.TOTP(SECRET).now()}
    found = await statuses(*(b.post("/v1/login/second-factor", json=code) for b in browsers))
    assert found == [200, 401, 401, 401]
    assert len(await console.sql("SELECT 1 FROM session")) == 1


async def test_no_name_gets_a_third_key(console):
    admin = await console.signed_in("admin")
    wish = {"name": "shop", "roles": ["vendor"]}
    found = await statuses(*(admin.post("/v1/keys", json=wish) for _ in range(6)))
    assert found == [201, 201, *[409] * 4]


async def test_two_admins_cannot_shut_each_other_out(console):
    eve = await console.signed_in("admin", email="eve@example.org", factor=SECRET)
    ben = await console.signed_in("admin", email="ben@example.org", factor=pyotp.random_base32())
    ids = [(await each.get("/v1/session")).json()["account"]["id"] for each in (eve, ben)]
    found = await statuses(
        eve.post(f"/v1/accounts/{ids[1]}/deactivate"), ben.post(f"/v1/accounts/{ids[0]}/deactivate")
    )
    # the later one meets the last admin, or has been signed out already
    assert found in ([200, 409], [200, 401])
    left = await console.sql("SELECT 1 FROM account WHERE state = 'active'")
    assert len(left) == 1


async def test_one_address_has_one_account_however_often_it_is_invited(console):
    admin = await console.signed_in("admin")
    wish = {"email": "ben@example.org", "name": "Ben", "roles": ["agent"]}
    found = await statuses(*(admin.post("/v1/accounts", json=wish) for _ in range(4)))
    assert found == [201, 409, 409, 409]


async def test_of_many_who_read_the_same_table_one_replaces_it(console):
    """Rows are deleted and written anew: without a lock of the whole table two of them collide."""
    admin = await console.signed_in("admin", factor=SECRET)
    first = await admin.put("/v1/provider/roles", json={"roles": {"desk": "agent", "x": "csm"}})
    tag = {"If-Match": first.headers["etag"]}
    assert (await admin.get("/v1/provider/roles")).headers["etag"] == tag["If-Match"]

    def put(n, **sent):
        table = {"roles": {"desk": "lead", f"n{n}": "csm"}}
        return admin.put("/v1/provider/roles", json=table, headers=sent)

    assert await statuses(*(put(n, **tag) for n in range(6))) == [200, *[412] * 5]
    assert await statuses(*(put(n) for n in range(6))) == [200] * 6
    (left,) = set((await admin.get("/v1/provider/roles")).json()["roles"]) - {"desk"}
    assert left.startswith("n")


async def test_of_many_who_read_the_same_account_one_changes_it(console):
    admin = await console.signed_in("admin", factor=SECRET)
    ben = await console.person("agent", email="ben@example.org")
    path = f"/v1/accounts/{ben.id}/roles"
    tag = {"If-Match": (await admin.get(f"/v1/accounts/{ben.id}")).headers["etag"]}
    wishes = (admin.put(path, json={"roles": ["lead"]}, headers=tag) for _ in range(6))
    assert await statuses(*wishes) == [200, *[412] * 5]
