"""People of a business account over HTTP: told, changed, what each wants, given out, forgotten."""

import pytest

from services.journey.edges.everything import collect
from shared.clock import wall_now
from tests.signed import headers

pytestmark = pytest.mark.servers
AT = "/v1/customers/acme/contacts"
EVE = {
    "name": "Eve Quick",
    "role": "billing",
    "email": "eve@example.org",
    "phone": "+491705550142",
    "zone": "Europe/Paris",
    "language": "fr",
}


@pytest.fixture
async def acme(client):
    """Over HTTP, of an account with nobody yet."""
    for body in ({"id": "acme", "kind": "business"}, {"id": "ann"}):
        made = await client.post("/v1/customers", json={**body, "profile": {"name": body["id"]}})
        assert made.status_code == 201, made.text
    return client


async def test_a_contact_is_listed_without_address_and_read_with_it(acme, rows):
    made = await acme.post(AT, json=EVE)
    assert made.status_code == 201, made.text
    (listed,) = (await acme.get(AT)).json()
    assert {"name": "Eve Quick", "role": "billing", "has_email": True}.items() <= listed.items()
    assert "eve@example.org" not in str(listed)
    read = await acme.get(f"{AT}/{listed['id']}")
    assert EVE.items() <= read.json().items()
    (agent,) = [await acme.get(f"{AT}/{listed['id']}", headers=headers("marketing"))]
    assert agent.status_code == 403
    noted = await rows("SELECT action, after FROM audit WHERE action LIKE 'contact.%' ORDER BY n")
    assert [row["action"] for row in noted] == ["contact.add", "contact.list", "contact.read"]
    assert "Quick" not in str(noted)


async def test_sent_twice_it_is_added_once(acme, rows):
    key = {"Idempotency-Key": "k-1"}
    first, second = [await acme.post(AT, json=EVE, headers=key) for _ in range(2)]
    assert (first.json()["id"], second.status_code) == (second.json()["id"], 201)
    assert len(await rows("SELECT 1 FROM contact")) == 1
    assert "eve@" not in str(await rows("SELECT * FROM idempotency"))


async def test_the_second_of_two_who_change_a_contact_is_told(acme):
    at = f"{AT}/{(await acme.post(AT, json=EVE)).json()['id']}"
    seen = {"If-Match": (await acme.get(at)).headers["etag"]}
    changed = await acme.put(at, json={**EVE, "role": "decision_maker"}, headers=seen)
    assert changed.json()["role"] == "decision_maker"
    for late in (
        await acme.put(at, json=EVE, headers=seen),
        await acme.put(f"{at}/consent", json={"left": [""]}, headers=seen),
        await acme.delete(at, headers=seen),
    ):
        assert late.status_code == 412, late.text
    now = {"If-Match": changed.headers["etag"]}
    assert (await acme.delete(at, headers=now)).status_code == 204
    assert (await acme.get(at)).status_code == 404
    assert (await acme.get(AT)).json() == []


async def test_each_says_for_themselves_what_they_want(acme):
    ids = [(await acme.post(AT, json={**EVE, "name": n})).json()["id"] for n in ("Eve", "Bob")]
    wish = {"left": ["tips", "tips"], "promotion": True}
    said = await acme.put(f"{AT}/{ids[0]}/consent", json=wish, headers=headers("agent"))
    assert said.json()["left"] == ["tips"]
    eve, bob = sorted((await acme.get(AT)).json(), key=lambda one: one["id"] != ids[0])
    assert (eve["consent"]["promotion"], eve["consent"]["who"]) == (True, "account:test")
    assert bob["consent"] == {"left": [], "promotion": False, "at": None, "who": None}
    # who they are is told anew, and what they want stays
    await acme.put(f"{AT}/{ids[0]}", json=EVE)
    kept = {one["id"]: one["consent"] for one in (await acme.get(AT)).json()}
    assert kept[ids[0]] == eve["consent"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"role": "boss"}, "role"),
        ({"email": "eve@example.org\nBcc: all@example.org"}, "email"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"channel": "fax"}, "channel"),
        ({"language": "french"}, "language"),
        ({"name": " "}, "name"),
        ({"shoe": 42}, "shoe"),
    ],
)
async def test_what_is_wrong_is_named(acme, wrong, field):
    refused = await acme.post(AT, json={**EVE, **wrong})
    assert refused.status_code == 422
    assert field in refused.text
    assert (await acme.get(AT)).json() == []


async def test_a_household_has_none_and_a_stranger_is_nobody(acme):
    refused = await acme.post("/v1/customers/ann/contacts", json=EVE)
    assert refused.status_code == 409
    assert "household_has_no_contacts" in refused.json()["type"]
    assert (await acme.post("/v1/customers/nobody/contacts", json=EVE)).status_code == 404
    theirs = (await acme.post(AT, json=EVE)).json()["id"]
    assert (await acme.get(f"/v1/customers/ann/contacts/{theirs}")).status_code == 404


async def test_contacts_are_given_out_with_their_account_and_forgotten_with_it(acme, engine, rows):
    await acme.post(AT, json=EVE)
    async with engine.connect() as connection:
        held = await collect(connection, "acme", wall_now())
    assert [one["email"] for one in held["contacts"]] == ["eve@example.org"]
    gone = await acme.post("/v1/customers/acme/erasure", json={"reason": "request 7"})
    assert gone.status_code == 202, gone.text
    assert await rows("SELECT 1 FROM contact") == []
