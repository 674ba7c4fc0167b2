"""No state is dated after now: what lies ahead is planned, and comes into effect at its time."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.events import CustomerChanged, StageChanged
from tests.journey.edges.api.test_customers import NEW
from tests.journey.edges.api.test_imports import run
from tests.journey.handlers.test_on_events import use

pytestmark = pytest.mark.servers

NOW = datetime(2026, 6, 1, tzinfo=UTC)
URL = "/v1/customers/c-1"
PLAN = {"plan": "plus", "started_at": "2026-01-01T10:00:00Z", "price_month": 4.5}


def text(moment):
    return moment.isoformat().replace("+00:00", "Z")


def ahead(days):
    return text(NOW + timedelta(days=days))


async def active(client, handle):
    """An active customer with a use today, and what is known of them."""
    await client.post("/v1/customers", json=NEW)
    await handle((use(150), "u"), now=NOW - timedelta(hours=1))
    return (await client.get(URL)).json()


LATER = {
    "a pre-order": ("POST", "/purchases", {"product": "cam-2", "at": ahead(365)}),
    "a cancellation at the end of the term": (
        "PUT", "/subscription", {**PLAN, "status": "ended", "at": ahead(180)},
    ),
    "another plan": ("PUT", "/subscription", {**PLAN, "plan": "pro", "at": ahead(60)}),
    "a term that starts later": ("PUT", "/subscription", {**PLAN, "started_at": ahead(30)}),
    "a trial": ("PUT", "/subscription", {**PLAN, "status": "trial", "at": ahead(1)}),
}  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), LATER.values(), ids=LATER)
async def test_what_lies_ahead_is_planned_and_changes_nothing_now(
    client, handle, told, method, path, body
):
    before = await active(client, handle)
    answer = await client.request(method, URL + path, json=body)
    assert answer.is_success, answer.text
    after = (await client.get(URL)).json()
    [planned] = after.pop("planned")
    before.pop("planned")
    assert after == before
    assert planned["at"] == body.get("at", body.get("started_at"))
    for one in await told(StageChanged):
        assert one.at <= NOW
    changed = (await told(CustomerChanged))[-1]
    assert (changed.plan, changed.subscription.status, changed.purchases) == ("plus", "active", 1)


async def test_a_planned_cancellation_comes_into_effect_at_its_time_and_not_before(
    client, handle, fire, told, clock
):
    await active(client, handle)
    body = {**PLAN, "status": "ended", "at": ahead(20)}
    await client.put(f"{URL}/subscription", json=body)
    clock.moment = NOW + timedelta(days=20) - timedelta(seconds=1)
    await fire(clock.moment)
    found = (await client.get(URL)).json()
    assert (found["stage"], found["subscription"]["status"]) == ("first use", "active")
    clock.moment = NOW + timedelta(days=20)
    await fire(clock.moment)
    found = (await client.get(URL)).json()
    assert (found["stage"], found["stage_since"], found["planned"]) == ("lapsed", ahead(20), [])
    assert found["history"][-1]["cause"].startswith("subscription:")
    assert found["subscription"]["status"] == found["facts"]["subscription_status"] == "ended"
    last = (await told(CustomerChanged))[-1]
    assert (last.stage, last.subscription.status) == ("lapsed", "ended")


async def test_a_planned_purchase_is_told_when_its_time_has_come(client, fire, told, clock):
    await client.post("/v1/customers", json={**NEW, "purchases": [], "subscription": None})
    await client.post(f"{URL}/purchases", json={"product": "cam", "at": ahead(5)})
    assert (await client.get(URL)).json()["stage"] is None
    clock.moment = NOW + timedelta(days=5)
    await fire(clock.moment)
    found = (await client.get(URL)).json()
    assert (found["stage"], found["stage_since"]) == ("purchased", ahead(5))
    assert [one["product"] for one in found["purchases"]] == ["cam"]
    assert (await told(CustomerChanged))[-1].purchases == 1


async def test_a_renewal_booked_early_counts_from_its_day(client, handle, fire, clock):
    before = await active(client, handle)
    renewal = {"customer": "c-1", "at": ahead(30), "renews_at": ahead(500)}
    done = await client.post("/v1/renewals", json={"renewals": [renewal]})
    assert done.json()["renewed"] == 1
    found = (await client.get(URL)).json()
    assert (found["subscription"], found["facts"]) == (before["subscription"], before["facts"])
    assert [one["kind"] for one in found["planned"]] == ["renewal"]
    clock.moment = NOW + timedelta(days=30)
    await fire(clock.moment)
    found = (await client.get(URL)).json()
    assert found["subscription"]["renews_at"] == ahead(500)
    assert found["facts"]["renewals"] == 1


FAR = ["2062-03-01T10:00:00Z", ahead(401), "2126-06-01T00:00:00Z"]


@pytest.mark.parametrize("far", FAR)
async def test_a_year_mistyped_is_refused_at_every_door(client, handle, far):
    before = await active(client, handle)
    bought, plan = {"product": "cam", "at": far}, {**PLAN, "at": far}
    term = {**PLAN, "started_at": far}
    refused = [
        await client.post(f"{URL}/purchases", json=bought),
        await client.put(f"{URL}/subscription", json=plan),
        await client.put(f"{URL}/subscription", json=term),
        await client.post(
            "/v1/renewals",
            json={
                "renewals": [{"customer": "c-1", "at": far, "renews_at": "2130-01-01T00:00:00Z"}]
            },
        ),
        await client.post("/v1/customers", json={**NEW, "id": "c-2", "purchases": [bought]}),
        await client.post("/v1/customers", json={**NEW, "id": "c-2", "subscription": term}),
    ]
    assert [one.status_code for one in refused] == [422] * 6
    assert (await client.get(URL)).json() == before
    job = await run(
        client,
        f"id,name,product,purchased_at,price,plan,started_at\nc-3,A,cam,{far},1,,\nc-4,A,,,,x,{far}\n"
        f"c-5,A,cam,{ahead(20)},1,,\n",
    )
    assert [one["item"] for one in job["errors"]] == [2, 3]
    assert "400 days ahead" in job["errors"][0]["error"]
    found = (await client.get("/v1/customers/c-5")).json()
    assert (found["stage"], found["purchases"], len(found["planned"])) == (None, [], 1)


@pytest.mark.parametrize("field", ["customer", "put", "renewal", "csv"])
async def test_an_end_before_the_beginning_is_refused(client, field):
    wrong = {**PLAN, "renews_at": "2025-12-31T00:00:00Z"}
    if field == "csv":
        line = "c-1,A,x,2026-01-01T10:00:00Z,2025-12-31T00:00:00Z"
        job = await run(client, f"id,name,plan,started_at,renews_at\n{line}\n")
        assert job["errors"][0]["error"].startswith("renews_at: ")
        return
    if field == "customer":
        answer = await client.post("/v1/customers", json={**NEW, "subscription": wrong})
    elif field == "put":
        answer = await client.put(f"{URL}/subscription", json=wrong)
    else:
        renewal = {"customer": "c-1", "at": ahead(-1), "renews_at": ahead(-2)}
        answer = await client.post("/v1/renewals", json={"renewals": [renewal]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].endswith("renews_at")


async def test_what_a_release_before_dated_ahead_is_taken_back(
    client, engine, handle, fire, clock, rows
):
    """Such a release walked on to the moment of a purchase that lay ahead."""
    clock.moment = NOW + timedelta(days=600)
    await client.post("/v1/customers", json={**NEW, "purchases": []})
    await client.post(f"{URL}/purchases", json={"product": "cam", "at": ahead(500)})
    for day in range(140, 148):
        await handle((use(day), f"u{day}"), now=clock.moment)
    assert (await client.get(URL)).json()["stage"] == "lapsed"
    clock.moment = NOW
    await fire(NOW)
    found = (await client.get(URL)).json()
    assert (found["stage"], found["facts"]["purchases"]) == ("engaged", 0)
    assert await rows("SELECT 1 AS n FROM stage_history WHERE at > '2026-06-01'") == []
    assert [one["kind"] for one in found["planned"]] == ["purchase"]
