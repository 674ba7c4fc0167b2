"""Who a customer is: read with an ETag, told anew, by whoever saw it last."""

import pytest

pytestmark = pytest.mark.servers
ANA = {"id": "ana", "profile": {"name": "Ana Lima", "email": "ana@example.org"}}
PATH = "/v1/customers/ana/profile"


async def test_a_profile_is_told_anew_by_who_saw_it_last(client, rows):
    assert (await client.get(PATH)).status_code == 404
    assert (await client.put(PATH, json={"name": "Ana"})).status_code == 404
    (await client.post("/v1/customers", json=ANA)).raise_for_status()
    seen = await client.get(PATH)
    match, told = {"If-Match": seen.headers["ETag"]}, {"name": "Ana Souza", "phone": "+55 11 5550"}
    changed = await client.put(PATH, json=told, headers=match)
    assert changed.json() == {**dict.fromkeys(("email", "address", "locale")), **told}
    late = await client.put(PATH, json={"name": "Ana Lima"}, headers=match)
    assert late.status_code == 412
    wrong = await client.put(PATH, json={"name": "Ana", "email": "nowhere"})
    assert [each["field"] for each in wrong.json()["errors"]] == ["body.email"]
    (noted,) = await rows("SELECT after FROM audit WHERE action = 'customer.profile'")
    assert noted["after"] == {"changed": ["name", "email", "phone"]}  # and no value
    assert await rows("SELECT * FROM outbox WHERE value::text LIKE '%Souza%'") == []
