"""Billing tells in any order: the newest by its own time holds, and row, facts and news are one."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from shared.events import CustomerChanged, Usage
from tests.journey.conftest import empty
from tests.journey.edges.api.test_customers import NEW
from tests.journey.edges.api.test_future import PLAN, URL, ahead

pytestmark = pytest.mark.servers

BASE = {**NEW, "subscription": {**PLAN, "started_at": ahead(-700), "renews_at": ahead(-370)}}


async def put(client, at, **more):
    body = {**PLAN, "started_at": ahead(-700), "at": at, **more}
    return (await client.put(f"{URL}/subscription", json=body)).json()


async def renew(client, at, until):
    renewal = {"customer": "c-1", "at": ahead(at), "renews_at": ahead(until)}
    return (await client.post("/v1/renewals", json={"renewals": [renewal]})).json()


async def test_an_older_change_that_comes_later_does_not_win(client, told):
    await client.post("/v1/customers", json=BASE)
    await put(client, ahead(-1 / 24), status="cancelled")
    found = await put(client, ahead(-2 / 24), plan="pro")
    assert (found["subscription"]["plan"], found["subscription"]["status"]) == ("plus", "cancelled")
    assert found["facts"]["subscription_status"] == "cancelled"
    last = (await told(CustomerChanged))[-1]
    assert (last.plan, last.subscription.status) == ("plus", "cancelled")


async def test_an_older_renewal_sent_late_or_again_pulls_nothing_back(client):
    await client.post("/v1/customers", json=BASE)
    assert (await renew(client, -1, 360))["renewed"] == 1
    assert (await renew(client, -370, -5))["renewed"] == 1
    for at, until in ((-370, -5), (-1, 360), (0, 360)):
        done = await renew(client, at, until)
        assert done["left_out"] == [{"customer": "c-1", "why": "runs until then already"}]
    found = (await client.get(URL)).json()
    assert found["subscription"]["renews_at"] == ahead(360)
    facts = found["facts"]
    assert (facts["days_to_renewal"], facts["renewals"], facts["days_since_renewal"]) == (360, 2, 1)


async def test_a_renewal_of_before_there_was_a_subscription_is_named(client):
    await client.post("/v1/customers", json={**NEW, "subscription": None})
    assert (await renew(client, -1, 360))["left_out"][0]["why"] == "no subscription"
    await put(client, ahead(-10), started_at=ahead(-10))
    assert (await renew(client, -20, 360))["left_out"][0]["why"] == "no subscription at that time"


STEPS = {
    "cancelled": lambda client: put(client, ahead(-3), status="cancelled"),
    "pro": lambda client: put(client, ahead(-8), plan="pro", renews_at=ahead(90)),
    "renewed": lambda client: renew(client, -5, 300),
    "renewed before": lambda client: renew(client, -380, -5),
    "planned": lambda client: put(client, ahead(9), plan="max"),
}


async def test_every_order_of_what_billing_says_gives_the_same_customer(
    client, engine, told, clock
):
    seen = set()
    for order in itertools.islice(itertools.permutations(STEPS), 0, 120, 11):
        await empty(engine)
        await client.post("/v1/customers", json=BASE)
        for name in order:
            await STEPS[name](client)
        found = (await client.get(URL)).json()
        last = (await told(CustomerChanged))[-1]
        assert (last.plan, last.subscription.status) == ("pro", "cancelled") or last.plan == "plus"
        seen.add(
            str(
                [
                    found["subscription"], found["facts"], found["stage"], found["stage_since"],
                    [(one["kind"], one["at"], one["subscription"]) for one in found["terms"]],
                    [(one["kind"], one["at"]) for one in found["planned"]],
                    (last.subscription, last.stage),
                ]
            )
        )  # fmt: skip
    assert len(seen) == 1


async def test_of_one_moment_the_one_received_last_holds(client):
    await client.post("/v1/customers", json=BASE)
    at = (datetime(2026, 5, 31, tzinfo=UTC) + timedelta(microseconds=500)).isoformat()
    older = datetime(2026, 5, 31, tzinfo=UTC).isoformat()
    await put(client, at, plan="a")
    await put(client, at, plan="b")
    found = await put(client, older, plan="c")  # half a millisecond before
    assert found["subscription"]["plan"] == "b"
    assert found["planned"] == []


async def test_a_customer_after_their_uses_has_the_days_of_their_zone(client, engine, handle):
    async def tell(*hours):
        for hour in hours:
            at = datetime(2026, 5, 30, hour, tzinfo=UTC)
            event = Usage(at=at, by="person", source="cam-1", customer="c-1")
            await handle((event, f"/cam-1/usage#a:{hour}"), now=at)

    new = {"id": "c-1", "zone": "Asia/Tokyo", "profile": {"name": "A"}}
    seen = []
    for before in ((), (13,), (13, 16), (13, 14, 16)):
        await empty(engine)
        await tell(*before)
        await client.post("/v1/customers", json=new)
        await tell(*({13, 14, 16} - set(before)))
        found = (await client.get(URL)).json()
        seen.append(
            (found["facts"], found["stage_since"], [one["cause"] for one in found["history"]])
        )
    assert seen[0][0]["active_days_30d"] == 2
    assert all(one == seen[0] for one in seen)


async def bought(client, at, product="cam"):
    made = await client.post(f"{URL}/purchases", json={"product": product, "at": at})
    return f"{URL}/purchases/{made.json()['id']}"


async def test_a_purchase_is_corrected_and_facts_are_those_it_leads_to(client, told, rows):
    await client.post("/v1/customers", json={**NEW, "purchases": [], "subscription": None})
    one = await bought(client, ahead(-2))
    read = await client.get(one)
    truth = {"product": "cam-2", "at": ahead(-20), "price": 7, "reason": "case 12"}
    stale = await client.put(one, json=truth, headers={"If-Match": '"abc"'})
    assert stale.status_code == 412
    put_ = await client.put(one, json=truth, headers={"If-Match": read.headers["etag"]})
    assert (put_.status_code, put_.json()["product"]) == (200, "cam-2")
    assert put_.headers["etag"] == (await client.get(one)).headers["etag"]
    found = (await client.get(URL)).json()
    assert (found["stage_since"], found["facts"]["days_since_purchase"]) == (ahead(-20), 20)
    assert (await told(CustomerChanged))[-1].first_purchase_at == datetime(2026, 5, 12, tzinfo=UTC)
    [row] = await rows("SELECT * FROM audit WHERE action = 'customer.correct_purchase'")
    assert (row["why"], row["before"]["product"], row["after"]["product"]) == (
        "case 12", "cam", "cam-2",
    )  # fmt: skip


async def test_a_purchase_is_withdrawn_once_and_leaves_no_trace_in_facts(client, told):
    await client.post("/v1/customers", json={**NEW, "purchases": [], "subscription": None})
    before = (await client.get(URL)).json()
    one = await bought(client, ahead(-2))
    other = await bought(client, ahead(100))
    why, key = {"reason": "case 13"}, {"Idempotency-Key": "k"}
    first = await client.post(f"{one}/withdraw", json=why, headers=key)
    again = await client.post(f"{one}/withdraw", json=why, headers=key)
    assert (first.status_code, again.json()) == (200, first.json())
    assert (await client.post(f"{one}/withdraw", json=why)).status_code == 404
    named = await client.post(f"{other}/withdraw", json={"reason": "Lind wrote"})
    assert named.status_code == 422
    assert (await client.post(f"{other}/withdraw", json=why)).status_code == 200
    assert (await client.get(URL)).json() == before
    assert (await told(CustomerChanged))[-1].purchases == 0


async def test_a_planned_cancellation_is_withdrawn(client, fire, clock):
    await client.post("/v1/customers", json=NEW)
    before = (await client.get(URL)).json()
    await put(client, ahead(20), status="ended")
    [planned] = (await client.get(URL)).json()["planned"]
    drop = f"{URL}/terms/{planned['term']['id']}/withdraw"
    assert (await client.post(drop, json={"reason": "stays"})).status_code == 200
    assert (await client.get(URL)).json() == before
    clock.moment += timedelta(days=25)
    await fire(clock.moment)
    assert (await client.get(URL)).json()["subscription"]["status"] == "active"


async def test_a_subscription_that_never_was_is_withdrawn(client, told):
    await client.post("/v1/customers", json={**NEW, "subscription": None})
    await put(client, ahead(-9), status="ended")
    assert (await client.get(URL)).json()["stage"] == "lapsed"
    [term] = (await client.get(URL)).json()["terms"]
    await client.post(f"{URL}/terms/{term['id']}/withdraw", json={"reason": "not this one"})
    found = (await client.get(URL)).json()
    assert (found["stage"], found["subscription"]) == ("purchased", None)
    assert found["facts"]["subscription_status"] == "none"
    assert (await client.get(f"{URL}/subscription")).status_code == 404
    assert (await told(CustomerChanged))[-1].subscription is None
