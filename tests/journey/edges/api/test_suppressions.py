"""Addresses that nothing is sent to: by whom, for what, seen in a list, lifted by those who may."""

import pytest

from tests.journey.edges.api.test_consents import ONE
from tests.journey.engine import HOUR, NOON, Engine, started, with_address
from tests.signed import headers

pytestmark = pytest.mark.servers
AT = "/v1/suppressions"


async def facts(client, customer):
    return (await client.get(f"/v1/customers/{customer}")).json()["facts"]["mail_refused"]


async def test_a_complaint_stops_mails_is_a_fact_and_is_lifted_for_a_reason(
    engine, client, clock, rows
):
    journey = Engine(engine, ONE)
    await journey.publish()
    await with_address(engine, "c-1", "c-2")
    clock.moment = NOON
    await journey.handle(started(NOON), now=NOON)
    (mail,) = await rows("SELECT id FROM message")
    (earlier,) = await rows("SELECT coalesce(max(n), 0) AS n FROM audit")
    came_back = {"message": f"<{mail['id']}@example.org>", "why": "complained"}
    for _ in range(2):  # whoever tells it may tell it twice
        assert (await client.post(AT, json=came_back)).status_code == 200
    assert (await client.post(AT, json={"customer": "c-2", "why": "asked"})).status_code == 200
    assert await facts(client, "c-1") == "complained"
    await journey.send(NOON)
    assert [row["why"] for row in await rows("SELECT why FROM message")] == ["suppressed"]
    first = (await client.get(AT, params={"limit": 1})).json()
    rest = (await client.get(AT, params={"after": first["next"]})).json()
    listed = {row["customer"]: row for row in (*first["items"], *rest["items"])}
    assert {id_: row["why"] for id_, row in listed.items()} == {"c-1": "complained", "c-2": "asked"}
    assert listed["c-1"]["who"] == "account:test"
    assert [
        r["customer"] for r in (await client.get(AT, params={"why": "asked"})).json()["items"]
    ] == ["c-2"]
    assert "example.org" not in str(listed)
    said = (await client.get("/v1/customers/c-1/consent")).json()["suppressed"]
    assert (said["why"], said["id"]) == ("complained", listed["c-1"]["id"])
    lift = f"{AT}/{listed['c-1']['id']}/lift"
    assert (await client.post(lift, json={"reason": "Ann c-1 wants them"})).status_code == 422
    assert (
        await client.post(lift, json={"reason": "wants them"}, headers=headers("csm"))
    ).status_code == 403
    clock.moment = NOON + HOUR
    assert (await client.post(lift, json={"reason": "wants them again"})).status_code == 204
    assert (await client.post(lift, json={"reason": "wants them again"})).status_code == 404
    assert await facts(client, "c-1") == "lifted"
    query = "SELECT n, action, why FROM audit WHERE action LIKE 'suppression.%' ORDER BY n"
    noted = [row for row in await rows(query) if row["n"] > earlier["n"]]
    assert [(row["action"], row["why"]) for row in noted] == [
        ("suppression.add", None),
        ("suppression.add", None),
        ("suppression.lift", "wants them again"),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"why": "bounced"}, 422),
        ({"why": "bounced", "customer": "c-1", "message": "m"}, 422),
        ({"why": "disliked", "customer": "c-1"}, 422),
        ({"why": "bounced", "customer": "nobody"}, 404),
        ({"why": "bounced", "message": "<none@example.org>"}, 404),
    ],
)
async def test_what_names_no_address_is_refused(client, body, expected):
    assert (await client.post(AT, json=body)).status_code == expected


async def test_who_has_been_erased_leaves_an_address_that_names_nobody(engine, client, rows):
    await with_address(engine, "c-1")
    await client.post(AT, json={"customer": "c-1", "why": "bounced"})
    erased = await client.post("/v1/customers/c-1/erasure", json={"reason": "request 7"})
    assert erased.status_code == 202, erased.text
    (row,) = await rows("SELECT * FROM suppressed_address")
    assert (row["customer"], row["why"]) == (None, "bounced")
