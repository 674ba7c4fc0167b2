"""API keys and the tokens they give, taken by the very code that every service has."""

import pytest

from shared.clock import wall_now
from shared.web.guards.auth import Keys
from tests.console.conftest import kind
from tests.signed import headers, keys_file

pytestmark = pytest.mark.servers

WISH = {"name": "shop", "roles": ["vendor"]}


async def make(admin, **more):
    answer = await admin.post("/v1/keys", json={**WISH, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def exchange(console, key, address="127.0.0.1"):
    browser = console.browser(address=address, Authorization=f"Bearer {key}")
    return await browser.post("/v1/tokens")


async def test_a_key_gives_a_token_that_every_service_takes(console):
    admin = await console.signed_in("admin")
    made = await make(admin, scopes=["GET /v1/devices", "/v1/customers"])
    answer = await exchange(console, made["key"])
    assert answer.json()["expires_in"] == 300
    who = Keys(keys_file()).who(answer.json()["access_token"], wall_now())
    assert (who.subject, who.kind, who.roles) == (f"key:{made['id']}", "key", {"vendor"})
    assert who.scopes == {"GET /v1/devices", "/v1/customers"}
    assert who.organisation is None


async def test_a_partners_key_is_of_its_organisation(console):
    admin = await console.signed_in("admin")
    made = await make(admin, name="desk", roles=["partner"], organisation="o-7")
    token = (await exchange(console, made["key"])).json()["access_token"]
    who = Keys(keys_file()).who(token, wall_now())
    assert (who.roles, who.organisation) == ({"partner"}, "o-7")


async def test_a_session_gives_a_token_with_the_roles_of_its_account(console):
    browser = await console.signed_in("partner", organisation="o-7")
    token = (await browser.post("/v1/tokens")).json()["access_token"]
    who = Keys(keys_file()).who(token, wall_now())
    assert who.kind == "person"
    assert who.subject.startswith("account:")
    assert (who.roles, who.organisation) == ({"partner"}, "o-7")


async def test_a_key_is_shown_once_and_kept_as_a_digest(console):
    admin = await console.signed_in("admin")
    made = await make(admin)
    secret = made["key"].removeprefix(made["prefix"])
    assert len(secret) == 43
    assert secret not in str(await console.sql("SELECT * FROM api_key"))
    assert secret not in str(await console.sql("SELECT * FROM idempotency"))
    (listed,) = (await admin.get("/v1/keys")).json()["items"]
    assert "key" not in listed
    assert listed["prefix"] == f"pk_{made['id']}_"
    assert listed["last_used_on"] is None
    await exchange(console, made["key"])
    (listed,) = (await admin.get("/v1/keys")).json()["items"]
    assert listed["last_used_on"] == wall_now().date().isoformat()


async def test_a_key_after_its_end_is_refused(console):
    admin = await console.signed_in("admin")
    made = await make(admin)
    await console.sql("UPDATE api_key SET expires_at = now()")
    assert kind(await exchange(console, made["key"])) == "bad_key"


async def test_a_revoked_key_is_refused_at_once(console):
    admin = await console.signed_in("admin")
    made = await make(admin)
    assert (await exchange(console, made["key"])).status_code == 200
    answer = await admin.post(f"/v1/keys/{made['id']}/revoke")
    assert answer.json()["revoked_at"] is not None
    assert kind(await exchange(console, made["key"])) == "bad_key"
    assert (await admin.post(f"/v1/keys/{made['id']}/revoke")).status_code == 200
    assert (await admin.post("/v1/keys/00000000/revoke")).status_code == 404


async def test_two_keys_of_a_name_are_enough_to_change_over(console):
    admin = await console.signed_in("admin")
    first, second = await make(admin), await make(admin)
    refused = await admin.post("/v1/keys", json=WISH)
    assert kind(refused) == "two_keys_active"
    for each in (first, second):
        assert (await exchange(console, each["key"])).status_code == 200
    await admin.post(f"/v1/keys/{first['id']}/revoke")
    await make(admin)


@pytest.mark.parametrize(
    "wish",
    [
        {"roles": ["admin"]},
        {"roles": ["service"]},
        {"roles": ["partner"]},
        {"roles": []},
        {"expires_in_days": 181},
        {"expires_in_days": 0},
        {"scopes": ["*"]},
        {"name": "A B"},
        {"kind": "service"},
        {"digest": "x"},
        {"created_by": "x"},
    ],
)
async def test_a_key_with_rights_that_no_key_has(console, wish):
    admin = await console.signed_in("admin")
    assert (await admin.post("/v1/keys", json={**WISH, **wish})).status_code == 422


async def test_a_wrong_secret_of_a_known_key_is_refused_and_guessing_slowed_down(console):
    admin = await console.signed_in("admin")
    made = await make(admin)
    wrong = made["prefix"] + "A" * 43
    statuses = [(await exchange(console, wrong)).status_code for _ in range(22)]
    assert statuses[:20] == [401] * 20
    assert 429 in statuses[20:]
    assert (await exchange(console, wrong, address="192.0.2.1")).status_code == 401
    # whoever has the right key is not locked out by others' guesses
    assert (await exchange(console, made["key"])).status_code == 200


@pytest.mark.parametrize("bearer", ["", "pk_", "pk_x", "Bearer", "pk_00000000_" + "A" * 43])
async def test_what_is_no_key_gives_no_token(console, bearer):
    browser = console.browser(Authorization=f"Bearer {bearer}".strip())
    assert (await browser.post("/v1/tokens")).status_code == 401


async def test_a_token_gives_no_token(console):
    program = console.browser(**headers("vendor"))
    assert kind(await program.post("/v1/tokens")) == "not_a_key"


async def test_a_key_opens_nothing_but_the_exchange(console):
    admin = await console.signed_in("admin")
    made = await make(admin)
    program = console.browser(Authorization=f"Bearer {made['key']}")
    assert (await program.get("/v1/keys")).status_code == 401


async def test_the_public_keys_are_for_everybody(console):
    answer = await console.browser().get("/.well-known/jwks.json")
    (key,) = answer.json()["keys"]
    assert key["kid"] == "tests"
    assert "d" not in key


@pytest.mark.parametrize(
    "around", ["  {}  ", "\t{}", "\u00a0{}\u00a0", "\ufeff{}\u200b", "{}\u2009"]
)
async def test_a_key_is_taken_with_the_blanks_of_a_paste(console, around):
    admin = await console.signed_in("admin")
    key = (await make(admin))["key"]
    value = f"Bearer {around.format(key)}".encode()
    answer = await console.browser().post("/v1/tokens", headers={"Authorization": value})
    assert answer.status_code == 200, answer.text


async def test_keys_are_not_made_by_the_hundred(console):
    admin = await console.signed_in("admin")
    last = [await admin.post("/v1/keys", json={**WISH, "name": f"k{n}"}) for n in range(31)]
    assert [each.status_code for each in last] == [201] * 30 + [429]
    assert kind(last[-1]) == "too_many_sensitive_acts"
