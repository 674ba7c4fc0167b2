"""Terms that end soon: listed by their ends, and what came of each, on PostgreSQL."""

from datetime import UTC, datetime

import pytest

from tests.journey.edges.api.test_customers import NEW

pytestmark = pytest.mark.servers
TODAY = datetime(2026, 11, 28, 12, tzinfo=UTC)
ENDS = {"gone": "2026-10-01", "late": "2026-11-20", "soon": "2026-12-20", "next": "2027-02-20"}


@pytest.fixture
async def terms(client, clock):
    clock.moment = TODAY
    for id_, day in ENDS.items():
        plan = {**NEW["subscription"], "renews_at": f"{day}T10:00:00Z"}
        await client.post("/v1/customers", json={**NEW, "id": id_, "subscription": plan})
    given = await client.put("/v1/customers/next/csm", json={"csm": "account:cle"})
    assert given.status_code == 200, given.text


def outcome(id_, word, **more):
    return {"term_ends": f"{ENDS[id_]}T10:00:00Z", "outcome": word, **more}


async def listed(client, **asked):
    found, after = [], {}
    while True:
        answer = (await client.get("/v1/renewals", params={**asked, **after})).json()
        found += answer["items"]
        if answer["next"] is None:
            return found
        after = {"after": answer["next"]}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["late", "soon", "next"]),  # `gone`: more than 30 days ago
        ({"within": 30}, ["late", "soon"]),
        ({"limit": 1}, ["late", "soon", "next"]),
        ({"decided": "true"}, []),
        ({"customer": "soon"}, ["soon"]),
        ({"customer": "gone"}, []),
        ({"csm": "account:cle"}, ["next"]),
        ({"csm": "account:nobody"}, []),
        ({"csm": "none"}, ["late", "soon"]),
    ],
)
async def test_terms_are_listed_by_their_ends(client, terms, asked, expected):
    assert [row["customer"] for row in await listed(client, **asked)] == expected


async def test_what_came_of_a_term_is_written_down_and_can_be_said_better(client, terms, rows):
    first = await client.put("/v1/renewals/soon", json=outcome("soon", "renewed"))
    assert first.status_code == 200
    assert (await client.put("/v1/renewals/soon", json=outcome("soon", "renewed"))).json() == (
        first.json()
    )
    better = outcome("soon", "cancelled", reason="faults")
    assert (await client.put("/v1/renewals/soon", json=better)).status_code == 200
    (row,) = await listed(client, decided="true")
    assert (row["customer"], row["name"], row["price_month"]) == ("soon", "Ana Lind", 4.5)
    assert (row["decided"]["outcome"], row["decided"]["reason"]) == ("cancelled", "faults")
    assert [row["customer"] for row in await listed(client, decided="false")] == ["late", "next"]
    said = await rows("SELECT before, after FROM audit WHERE action = 'customer.renewal'")
    assert len(said) == 2, "saying the same again is no change"


async def test_the_second_of_two_who_read_the_same_is_told(client, terms):
    tag = {"If-Match": (await listed(client, within=30))[1]["etag"]}
    answers = [
        await client.put("/v1/renewals/soon", json=outcome("soon", word), headers=tag)
        for word in ("renewed", "expanded")
    ]
    assert [answer.status_code for answer in answers] == [200, 412]
    row = (await listed(client, within=30))[1]
    assert (row["decided"]["outcome"], row["etag"]) == ("renewed", answers[0].headers["etag"])


async def test_the_next_term_is_open_again(client, terms):
    await client.put("/v1/renewals/late", json=outcome("late", "renewed"))
    run = {"customer": "late", "at": "2026-11-28T10:00:00Z", "renews_at": "2027-01-20T10:00:00Z"}
    await client.post(
        "/v1/renewals", json={"renewals": [run]}, headers={"Idempotency-Key": "a" * 16}
    )
    found = {row["customer"]: row for row in await listed(client)}
    assert found["late"]["term_ends"].startswith("2027-01-20")
    assert found["late"]["decided"] is None


@pytest.mark.parametrize(
    ("id_", "body", "status", "said"),
    [
        ("soon", outcome("soon", "cancelled"), 422, "body.reason: expected one of price"),
        ("soon", outcome("soon", "renewed", reason="price"), 422, "body.reason: expected none"),
        ("soon", outcome("soon", "perhaps"), 422, "body.outcome"),
        ("soon", outcome("next", "renewed"), 404, "term"),
        ("nobody", outcome("soon", "renewed"), 404, "customer"),
    ],
)
async def test_what_does_not_fit_is_refused(client, terms, id_, body, status, said):
    answer = await client.put(f"/v1/renewals/{id_}", json=body)
    assert answer.status_code == status
    assert said in answer.text
