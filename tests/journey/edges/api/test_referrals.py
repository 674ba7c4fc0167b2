"""Referrals on PostgreSQL: a code, a friend's purchase, both rewards until they are final or reversed."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.journey.domain.messages.signature import key_of, shop_keys, signed
from services.journey.domain.plays.play import Playbook
from tests.journey.conftest import RULES
from tests.journey.domain.test_shops import OLD, billed, shops
from tests.journey.engine import with_address
from tests.signed import headers

pytestmark = pytest.mark.servers
REDEEM = "/v1/referrals/redemptions"


@pytest.fixture
async def code(client, engine):
    """The code of c-1; 7 and 8 are customers too."""
    await with_address(engine, "c-1", "7", "8")
    answer = await client.post("/v1/customers/c-1/referral-code")
    again = await client.post("/v1/customers/c-1/referral-code")
    assert (answer.status_code, again.json()) == (200, answer.json())
    return answer.json()["code"]


def bought(code, customer="7", order="i-1"):
    return {"code": code, "customer": customer, "product": "cam", "order": order}


async def ledger(client, **asked):
    listed = (await client.get("/v1/referrals", params=asked)).json()["items"]
    return sorted((row["side"], row["customer"], row["amount"], row["state"]) for row in listed)


async def test_both_rewards_wait_and_are_final_after_the_return_period(client, clock, fire, code):
    key = {"Idempotency-Key": "r-1"}
    first = await client.post(REDEEM, json=bought(code.lower()), headers=key)
    again = await client.post(REDEEM, json=bought(code.lower()), headers=key)
    assert (first.status_code, again.json()) == (201, first.json())
    due = clock.moment + timedelta(days=30)
    assert {row["due_at"] for row in first.json()["rewards"]} == {f"{due:%Y-%m-%dT%H:%M:%SZ}"}
    waits = [("customer", "c-1", 20.0, "pending"), ("friend", "7", 10.0, "pending")]
    assert await ledger(client) == waits
    await fire(due - timedelta(seconds=1))
    assert await ledger(client, state="pending") == waits
    for _ in range(2):
        await fire(due)
    final = [("customer", "c-1", 20.0, "final"), ("friend", "7", 10.0, "final")]
    assert await ledger(client) == final
    assert await ledger(client, customer="7") == final[1:]


async def test_a_refund_told_by_the_shop_reverses_both(client, clock, fire, code, rows):
    units = client._transport.app.state.units
    units.rules = replace(
        RULES, playbook=Playbook(shops=shops()), keys=shop_keys(f"billing={OLD}")
    )  # fmt: skip

    async def refund(order, id_):
        body = billed("charge.refunded", invoice=order, plan="cam")
        content = json.dumps(body).encode()
        at = int(clock.now().timestamp())
        head = {**signed(key_of(OLD), id_, at, content), "authorization": ""}
        answer = await client.post("/v1/webhooks/billing", content=content, headers=head)
        assert answer.json()["state"] == "done", answer.text

    await client.post(REDEEM, json=bought(code))
    await refund("i-2", "b-1")  # another order
    assert {state for *_, state in await ledger(client)} == {"pending"}
    await refund("i-1", "b-2")
    await refund("i-1", "b-3")
    reversed_ones = [("customer", "c-1", 20.0, "reversed"), ("friend", "7", 10.0, "reversed")]
    assert await ledger(client) == reversed_ones
    await fire(clock.moment + timedelta(days=31))
    assert await ledger(client) == reversed_ones
    said = await rows("SELECT id FROM audit WHERE action = 'referral.reverse'")
    assert [row["id"] for row in said] == ["7"]


async def test_who_recommends_themselves_gets_nothing_and_is_told_why(client, engine, code, rows):
    async def refused(**more):
        answer = await client.post(REDEEM, json=bought(code, **more))
        return answer.status_code, answer.json()["detail"].partition(":")[0]

    assert await refused(customer="c-1") == (409, "own_code")
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE customer_profile SET address = '1 Elm Rd.' WHERE customer = 'c-1'")
        )
        await connection.execute(
            text("UPDATE customer_profile SET address = '1, elm rd' WHERE customer = '7'")
        )
    assert await refused() == (409, "same_address")
    assert (await client.post(REDEEM, json=bought(code, customer="8"))).status_code == 201
    assert await refused(customer="8", order="i-2") == (409, "redeemed_already")
    assert (await client.post(REDEEM, json=bought("AAAAA-AAAAA"))).status_code == 404
    assert (await client.post(REDEEM, json=bought(code, customer="none"))).status_code == 404
    assert len(await rows("SELECT 1 FROM reward")) == 2
    for role, wanted in (("vendor", 409), ("marketing", 403)):
        answer = await client.post(REDEEM, json=bought(code), headers=headers(role))
        assert answer.status_code == wanted


async def test_an_erasure_takes_ones_own_reward_and_leaves_the_others(client, code, rows):
    await client.post(REDEEM, json=bought(code))
    assert (await client.post("/v1/customers/7/erasure", json={"reason": "request 7"})).is_success
    assert await rows("SELECT customer, side FROM reward") == [
        {"customer": "c-1", "side": "customer"}
    ]
