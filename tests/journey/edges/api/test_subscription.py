"""A subscription is changed by who has read it: stale and simultaneous changes, on PostgreSQL."""

import asyncio

import pytest

from tests.journey.edges.api.test_customers import NEW

pytestmark = pytest.mark.servers

URL = "/v1/customers/c-1/subscription"
PLAN = {"plan": "pro", "started_at": "2026-01-01T10:00:00Z"}


async def test_the_second_of_two_who_read_the_same_is_told(client):
    await client.post("/v1/customers", json=NEW)
    read = await client.get(URL)
    assert (read.status_code, read.json()["plan"]) == (200, "plus")
    tag = {"If-Match": read.headers["etag"]}

    first = await client.put(URL, json=PLAN, headers=tag)
    second = await client.put(URL, json={**PLAN, "plan": "max"}, headers=tag)

    assert (first.status_code, second.status_code) == (200, 412)
    assert second.json()["type"] == "urn:playcaller:problem:changed_since"
    read = await client.get(URL)
    assert (read.json()["plan"], read.headers["etag"]) == ("pro", first.headers["etag"])
    last = await client.put(
        URL, json={**PLAN, "plan": "max"}, headers={"If-Match": first.headers["etag"]}
    )
    assert last.status_code == 200


async def test_of_many_at_once_one_wins_and_its_plan_stands(client):
    await client.post("/v1/customers", json=NEW)
    tag = {"If-Match": (await client.get(URL)).headers["etag"]}

    async def put(n: int) -> int:
        answer = await client.put(URL, json={**PLAN, "plan": f"p{n}"}, headers=tag)
        return answer.status_code

    statuses = await asyncio.gather(*(put(n) for n in range(8)))

    assert sorted(statuses) == [200, *[412] * 7]
    assert (await client.get(URL)).json()["plan"] == f"p{statuses.index(200)}"


async def test_the_tag_does_not_change_with_the_zone_a_time_is_written_in(client):
    await client.post("/v1/customers", json=NEW)
    berlin = {**PLAN, "started_at": "2026-01-01T11:00:00+01:00"}
    put = await client.put(URL, json=berlin)
    assert put.headers["etag"] == (await client.get(URL)).headers["etag"]


async def test_without_a_subscription_there_is_nothing_to_match(client):
    await client.post("/v1/customers", json={**NEW, "subscription": None})
    missing = await client.get(URL)
    assert (missing.status_code, missing.json()["type"]) == (
        404,
        "urn:playcaller:problem:no_subscription",
    )
    for tag in ("*", '"abc"'):
        refused = await client.put(URL, json=PLAN, headers={"If-Match": tag})
        assert refused.status_code == 412
    assert (await client.put(URL, json=PLAN)).status_code == 200
    malformed = await client.put(URL, json=PLAN, headers={"If-Match": "abc"})
    assert malformed.status_code == 422
