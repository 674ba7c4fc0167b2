"""Customers over HTTP, on PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.db import few as searches
from shared.events import CustomerChanged, StageChanged, Usage
from tests.journey.conftest import START
from tests.signed import headers

pytestmark = pytest.mark.servers

NEW = {
    "id": "c-1",
    "kind": "household",
    "zone": "Europe/Berlin",
    "region": "eu",
    "profile": {"name": "Ana Lind", "email": "ana@example.org", "phone": "+49 1"},
    "subscription": {
        "plan": "plus", "started_at": "2026-01-01T10:00:00Z",
        "renews_at": "2027-01-01T10:00:00Z", "price_month": 4.5, "status": "active",
    },
    "purchases": [{"product": "cam", "at": "2026-01-01T09:00:00Z", "price": 99}],
}  # fmt: skip


def use(day, customer="c-1"):
    at = START + timedelta(days=day, hours=12)
    return Usage(at=at, by="person", source="cam-1", customer=customer), f"/cam-1/usage#a:{day}"


async def test_a_customer_is_created_and_read_back(client, clock):
    clock.moment = datetime(2026, 1, 3, tzinfo=UTC)
    answer = await client.post("/v1/customers", json=NEW)
    assert answer.status_code == 201
    found = (await client.get("/v1/customers/c-1")).json()
    assert found == answer.json()
    assert found["profile"]["name"] == "Ana Lind"
    assert found["subscription"]["renews_at"] == "2027-01-01T10:00:00Z"
    assert [one["product"] for one in found["purchases"]] == ["cam"]
    assert (found["stage"], found["stage_since"]) == ("purchased", "2026-01-01T09:00:00Z")
    assert found["history"] == [
        {
            "stage": "purchased", "previous": None, "at": "2026-01-01T09:00:00Z",
            "cause": f"purchase:{found['purchases'][0]['id']}",
        }
    ]  # fmt: skip
    facts = found["facts"]
    assert (facts["purchases"], facts["days_since_purchase"]) == (1, 2)
    assert (facts["subscription_status"], facts["days_to_renewal"]) == ("active", 363)
    assert (facts["first_use"], facts["days_since_use"], facts["risk_tier"]) == (
        False, None, "none",
    )  # fmt: skip


async def test_what_the_others_are_told_carries_no_personal_data(client, told, rows):
    await client.post("/v1/customers", json=NEW)
    [changed] = await told(CustomerChanged)
    assert (changed.version, changed.plan, changed.zone, changed.region, changed.stage) == (
        1, "plus", "Europe/Berlin", "eu", "purchased",
    )  # fmt: skip
    assert (changed.purchases, changed.first_purchase_at) == (
        1, datetime(2026, 1, 1, 9, tzinfo=UTC),
    )  # fmt: skip
    assert changed.subscription.price_month == 4.5
    for row in await rows("SELECT value FROM outbox"):
        assert b"Ana" not in row["value"]
        assert b"example.org" not in row["value"]


async def test_the_same_request_twice_has_one_effect(client, told):
    headers = {"Idempotency-Key": "k-1"}
    new = {**NEW, "id": None}
    first = await client.post("/v1/customers", json=new, headers=headers)
    second = await client.post("/v1/customers", json=new, headers=headers)
    assert second.json() == first.json()
    assert len((await client.get("/v1/customers")).json()["items"]) == 1
    assert len(await told(CustomerChanged)) == 1


async def test_a_customer_that_exists_is_a_conflict_and_stays_as_it_is(client):
    await client.post("/v1/customers", json=NEW)
    other = {**NEW, "profile": {"name": "Other"}, "purchases": []}
    answer = await client.post("/v1/customers", json=other)
    assert (answer.status_code, answer.json()["type"]) == (
        409, "urn:playcaller:problem:customer_exists",
    )  # fmt: skip
    assert (await client.get("/v1/customers/c-1")).json()["profile"]["name"] == "Ana Lind"


async def test_a_customer_heard_of_before_keeps_what_was_heard(client, handle):
    await handle(use(1))
    found = (await client.get("/v1/customers/c-1")).json()
    assert (found["profile"], found["stage"]) == (None, "first use")
    await client.post("/v1/customers", json=NEW)
    found = (await client.get("/v1/customers/c-1")).json()
    assert [one["stage"] for one in found["history"]] == ["purchased", "first use"]
    assert found["history"][1]["cause"] == "/cam-1/usage#a:1"
    assert found["facts"]["uses_total"] == 1


async def test_purchases_subscription_and_renewals_change_facts_and_stage(
    client, handle, told, clock
):
    await client.post("/v1/customers", json={**NEW, "subscription": None, "purchases": []})
    bought = {"product": "cam", "at": "2026-01-02T00:00:00Z", "price": 9.5}
    answer = await client.post("/v1/customers/c-1/purchases", json=bought)
    assert (answer.status_code, answer.json()["product"]) == (201, "cam")
    await handle(use(2))
    plan = {
        "plan": "plus", "started_at": "2026-01-04T00:00:00Z", "at": "2026-01-04T00:00:00Z",
        "renews_at": "2026-01-20T00:00:00Z",
    }  # fmt: skip
    answer = await client.put("/v1/customers/c-1/subscription", json=plan)
    assert answer.json()["subscription"]["status"] == "active"
    renewal = {"customer": "c-1", "at": "2026-01-19T00:00:00Z", "renews_at": "2027-01-20T00:00:00Z"}
    answer = await client.post(
        "/v1/renewals", json={"renewals": [renewal, {**renewal, "customer": "c-7"}]}
    )
    assert answer.json() == {
        "renewed": 1, "left_out": [{"customer": "c-7", "why": "unknown customer"}],
    }  # fmt: skip
    clock.moment = datetime(2026, 1, 21, tzinfo=UTC)
    found = (await client.get("/v1/customers/c-1")).json()
    assert [one["stage"] for one in found["history"]] == [
        "purchased", "first use", "renewal due", "renewed",
    ]  # fmt: skip
    assert found["history"][3]["cause"].startswith("renewal:")
    assert found["history"][3]["at"] == "2026-01-19T00:00:00Z"
    assert (found["facts"]["renewals"], found["facts"]["days_since_renewal"]) == (1, 2)
    assert found["subscription"]["renews_at"] == "2027-01-20T00:00:00Z"
    versions = [one.version for one in await told(CustomerChanged)]
    assert versions == list(range(1, len(versions) + 1))
    assert len(await told(StageChanged)) == 4


async def test_two_changes_in_one_second_hold_in_their_order(client):
    await client.post("/v1/customers", json=NEW)
    at = "2026-02-01T00:00:00Z"
    for status in ("ended", "active", "ended", "active"):
        plan = {**NEW["subscription"], "status": status, "at": at}
        await client.put("/v1/customers/c-1/subscription", json=plan)
    found = (await client.get("/v1/customers/c-1")).json()
    assert found["facts"]["subscription_status"] == "active"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("POST", "/purchases", {"product": "cam", "at": "2026-01-02T00:00:00Z"}),
        ("PUT", "/subscription", {"plan": "x", "started_at": "2026-01-02T00:00:00Z"}),
    ],
)  # fmt: skip
async def test_an_unknown_customer_is_not_found(client, method, path, body):
    answer = await client.request(method, f"/v1/customers/nobody{path}", json=body)
    assert (answer.status_code, answer.json()["type"]) == (
        404, "urn:playcaller:problem:customer_not_found",
    )  # fmt: skip


async def test_a_customer_only_heard_of_cannot_buy(client, handle):
    await handle(use(1))
    bought = {"product": "cam", "at": "2026-01-02T00:00:00Z"}
    assert (await client.post("/v1/customers/c-1/purchases", json=bought)).status_code == 404


BAD = {
    "zone": ({"zone": "Berlin"}, "body.zone"),
    "id": ({"id": "a b"}, "body.id"),
    "kind": ({"kind": "family"}, "body.kind"),
    "no profile": ({"profile": None}, "body.profile"),
    "email": ({"profile": {"name": "A", "email": "ana"}}, "body.profile.email"),
    "control": ({"profile": {"name": "A\x00"}}, "body.profile.name"),
    "unknown field": ({"plan": "plus"}, "body.plan"),
    "naive": (
        {"subscription": {"plan": "x", "started_at": "2026-01-01T00:00:00"}},
        "body.subscription.started_at",
    ),
    "year": (
        {"purchases": [{"product": "x", "at": "9999-01-01T00:00:00Z"}]}, "body.purchases.0.at",
    ),
    "price": (
        {"purchases": [{"product": "x", "at": "2026-01-01T00:00:00Z", "price": -1}]},
        "body.purchases.0.price",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "field"), BAD.values(), ids=BAD)
async def test_a_bad_request_names_the_field_and_creates_nothing(client, change, field):
    answer = await client.post("/v1/customers", json={**NEW, **change})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert (await client.get("/v1/customers")).json()["items"] == []


async def test_a_text_no_database_can_hold_is_refused(client):
    body = '{"profile": {"name": "\\ud800"}}'
    answer = await client.post(
        "/v1/customers", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422


async def test_lists_by_stage_page_by_page(client, handle):
    for number in range(5):
        await client.post("/v1/customers", json={**NEW, "id": f"c-{number}"})
    await client.post("/v1/customers", json={"id": "z", "profile": {"name": "Z"}})
    await handle(use(3, "c-3"))

    async def pages(query):
        found, after = [], None
        while True:
            params = {**query, **({"after": after} if after else {})}
            answer = (await client.get("/v1/customers", params=params)).json()
            found.append([one["id"] for one in answer["items"]])
            after = answer["next"]
            if after is None:
                return found

    assert await pages({"limit": 2}) == [["c-0", "c-1"], ["c-2", "c-3"], ["c-4", "z"]]
    assert await pages({"stage": "purchased", "limit": 3}) == [["c-0", "c-1", "c-2"], ["c-4"]]
    assert await pages({"stage": "none"}) == [["z"]]
    assert (await client.get("/v1/customers", params={"stage": "gone"})).status_code == 422
    assert (await client.get("/v1/customers", params={"after": "x"})).status_code == 400
    counts = {one["stage"]: one["customers"] for one in (await client.get("/v1/stages")).json()}
    assert counts == {
        "purchased": 4, "onboarding": 0, "first use": 1, "engaged": 0, "renewal due": 0,
        "renewed": 0, "advocate": 0, "lapsed": 0, "none": 1,
    }  # fmt: skip


async def test_the_map_and_how_customers_move_on_it(client, handle, clock):
    clock.moment = START + timedelta(days=5)
    for number in range(3):
        await client.post("/v1/customers", json={**NEW, "id": f"c-{number}"})
    await handle(use(3, "c-0"), use(4, "c-1"))
    days = (await client.get("/v1/stages/days?last=6")).json()
    assert days["days"][0] == "2026-01-01"
    assert days["entered"]["purchased"] == [3, 0, 0, 0, 0, 0]
    assert days["entered"]["first use"] == [0, 0, 0, 1, 1, 0]
    assert days["entered"]["lapsed"] == [0] * 6
    flow = (await client.get("/v1/stages/flow?last=3", headers=headers("marketing"))).json()
    way = {"before": "purchased", "stage": "first use", "customers": 2}
    assert flow["ways"] == [way]
    stayed = flow["stayed"]["purchased"]
    assert stayed["median_s"] == pytest.approx(3.625 * 86_400)  # 9:00 of the first to noon
    assert stayed["median_s"] < stayed["p90_s"] < 4.2 * 86_400
    shown = (await client.get("/v1/stages/map")).json()
    assert [one["stage"] for one in shown][:2] == ["purchased", "onboarding"]
    assert shown[0]["before"] == ["start"]
    assert shown[0]["all"] == [{"fact": "purchased", "op": "==", "value": True}]
    assert [one["fact"] for one in shown[1]["any"]] == ["setup_started", "setup_completed"]
    call = shown[1]["touch_points"][2]
    assert (call["channel"], call["play"], call["waiting"]) == ("phone", "set-up help", 0)
    assert {one["play"] for one in shown[0]["touch_points"]} == {"first steps"}


@pytest.mark.parametrize("few", [5_000, 0], ids=["few have the words", "many have them"])
async def test_a_list_finds_by_name_address_plan_and_region_and_says_who_was_shown(
    client, rows, monkeypatch, few
):
    monkeypatch.setattr(searches, "FEW", few)
    people = [
        ("c-1", "Ana Lind", "ana.lind@example.org", "plus", "eu"),
        ("c-2", "Bo Anders", "bo@example.org", "basic", "eu"),
        ("c-3", "Ana Núñez", None, "plus", "apac"),
    ]
    for id_, name, mail, plan, region in people:
        paid = {**NEW["subscription"], "plan": plan}
        profile = {"name": name, "email": mail}
        new = {"id": id_, "profile": profile, "subscription": paid, "region": region}
        assert (await client.post("/v1/customers", json=new)).status_code == 201

    async def found(**query):
        answer = await client.get("/v1/customers", params=query)
        assert answer.status_code == 200, answer.text
        ids = [one["id"] for one in answer.json()["items"]]
        counted = await client.get("/v1/customer-counts", params=query)
        assert counted.json() == {"customers": len(ids)}
        return ids

    for query, wanted in (
        ({"text": "an"}, ["c-1", "c-2", "c-3"]),
        ({"text": "ana li"}, ["c-1"]),
        ({"text": "LIND ana"}, ["c-1"]),
        ({"text": "núñ"}, ["c-3"]),
        ({"text": "bo@example.org"}, ["c-2"]),
        ({"text": "c-3"}, ["c-3"]),
        ({"text": "an", "region": "eu", "plan": "basic"}, ["c-2"]),
        ({"text": "' | & :* !"}, []),
        ({"plan": "plus", "region": "eu"}, ["c-1"]),
        ({"stage": "none", "region": "apac"}, ["c-3"]),
        ({"id": ["c-3", "c-1", "gone"]}, ["c-1", "c-3"]),
    ):
        assert await found(**query) == wanted, query
    [one] = (await client.get("/v1/customers", params={"text": "bo"})).json()["items"]
    assert (one["name"], one["plan"]) == ("Bo Anders", "basic")
    shown = await rows("SELECT * FROM audit WHERE action = 'customer.list' ORDER BY id")
    assert shown[-1]["after"] == {"customers": ["c-2"]}


async def test_who_sees_no_names_finds_none(client):
    await client.post("/v1/customers", json=NEW)
    oncall = headers("oncall")
    [one] = (await client.get("/v1/customers", headers=oncall)).json()["items"]
    assert (one["name"], one["plan"]) == (None, "plus")
    for path in ("/v1/customers", "/v1/customer-counts"):
        refused = await client.get(path, params={"text": "ana"}, headers=oncall)
        assert refused.status_code == 403


async def test_renewals_of_one_customer_twice_are_refused(client):
    renewal = {"customer": "c-1", "at": "2026-01-19T00:00:00Z", "renews_at": "2027-01-20T00:00:00Z"}
    answer = await client.post("/v1/renewals", json={"renewals": [renewal, renewal]})
    assert answer.status_code == 422


async def test_what_is_so_already_changes_nothing(client, told):
    await client.post("/v1/customers", json=NEW)
    await client.put("/v1/customers/c-1/subscription", json=NEW["subscription"])
    renewal = {"customer": "c-1", "at": "2026-05-01T00:00:00Z", "renews_at": "2027-01-01T10:00:00Z"}
    answer = await client.post("/v1/renewals", json={"renewals": [renewal]})
    assert answer.json()["left_out"] == [{"customer": "c-1", "why": "runs until then already"}]
    assert (await client.get("/v1/customers/c-1")).json()["facts"]["renewals"] == 0
    assert len(await told(CustomerChanged)) == 1
