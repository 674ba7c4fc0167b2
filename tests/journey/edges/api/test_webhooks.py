"""What shops send: signed, done once, kept where it cannot be done, put back when it can."""

import json
from dataclasses import replace

import pytest

from services.journey.domain.messages.signature import key_of, shop_keys, signed
from services.journey.domain.plays.play import Playbook
from services.journey.handlers.deliveries import deliver
from tests.journey.conftest import RULES
from tests.journey.domain.test_shops import NEW, OLD, billed, order, shops
from tests.journey.engine import Engine, with_address
from tests.journey.plays import playbook, text
from tests.signed import headers

pytestmark = pytest.mark.servers
AT = "/v1/webhooks/{}"
MOMENT = 1_772_366_400  # 2026-03-01, noon
KEPT = "/v1/deliveries"


class Door:
    """A shop that signs what it sends."""

    def __init__(self, client, clock):
        self.client, self.clock = client, clock

    async def send(self, body, id_="m-1", shop="web-shop", secret=OLD, late=0, **changed):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        at = int(self.clock.now().timestamp()) - late
        said = {**signed(key_of(secret), id_, at, content), **changed, "authorization": ""}
        return await self.client.post(AT.format(shop), content=content, headers=said)

    async def became(self, body, **more):
        answer = await self.send(body, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()["state"], answer.json()["repeated"]


@pytest.fixture
async def door(client, clock, engine):
    """Two shops are listened to; c-1 and 7 are customers."""
    rules = replace(
        RULES, playbook=Playbook(shops=shops()), keys=shop_keys(f"web-shop={OLD},{NEW} billing={OLD}")
    )  # fmt: skip
    client._transport.app.state.units.rules = rules
    await with_address(engine, "c-1", "7")
    clock.moment = clock.moment.fromtimestamp(MOMENT, clock.moment.tzinfo)
    return Door(client, clock)


async def customer(client, id_):
    return (await client.get(f"/v1/customers/{id_}")).json()


async def test_an_order_is_bought_once_however_often_it_is_sent(door, client, rows):
    assert await door.became(order()) == ("done", False)
    assert await door.became(order(), secret=NEW) == ("done", True)
    assert (await door.send(order(at="2026-03-01T10:00:01Z"))).status_code == 409
    known = await customer(client, "c-1")
    assert known["facts"]["purchases"] == 2
    assert sorted(bought["product"] for bought in known["purchases"]) == ["chime", "doorcam-2"]
    (stored,) = await rows("SELECT state, customer, body FROM delivery")
    assert stored == {"state": "done", "customer": "c-1", "body": None}
    said = await rows("SELECT who FROM audit WHERE action = 'customer.purchase' ORDER BY n")
    assert [row["who"] for row in said][-2:] == ["shop:web-shop"] * 2


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"shop": "no-shop"}, (404, "shop_not_found")),
        ({"secret": "whsec_" + "c" * 32}, (401, "bad_signature")),
        ({"late": 301}, (401, "too_old")),
        ({"late": -301}, (401, "too_old")),
        ({"late": 299}, (200, "")),
        ({"webhook-id": ""}, (401, "not_signed")),
        ({"webhook-id": "m-2"}, (401, "bad_signature")),
        ({"webhook-timestamp": "now"}, (401, "not_signed")),
        ({"webhook-signature": ""}, (401, "bad_signature")),
        ({"secret": NEW, "shop": "billing"}, (401, "bad_signature")),
    ],
    ids=str,
)  # fmt: skip
async def test_only_what_is_signed_and_new_is_heard(door, rows, changed, expected):
    answer = await door.send(order(), **changed)
    assert answer.status_code == expected[0]
    assert answer.json().get("type", "").rpartition(":")[2] == expected[1]
    assert len(await rows("SELECT id FROM delivery")) == (expected[0] == 200)


async def test_what_is_too_large_is_refused_as_at_every_door(door):
    assert (await door.send(b" " * 65_537)).status_code == 413
    assert await door.became(order(note="x" * 60_000)) == ("done", False)


async def test_billing_subscribes_renews_fails_cancels_and_pays_back(door, client, rows):
    def of(kind, n, **said):
        return door.became(billed(kind, **said), shop="billing", id_=f"b-{n}")

    begun = {"plan": "pro", "start": MOMENT, "period_end": MOMENT + 2_678_400, "amount": 499}
    assert await of("subscription.created", 1, **begun) == ("done", False)
    known = await customer(client, "7")
    assert (known["subscription"]["plan"], known["subscription"]["price_month"]) == ("pro", 4.99)
    assert await of("invoice.payment_failed", 2) == ("done", False)
    assert (await customer(client, "7"))["facts"]["payment_failed"] is True
    paid = {"period_end": MOMENT + 5_356_800}
    renewal = {**billed("invoice.paid", **paid), "created": MOMENT + 1}
    door.clock.moment += deliver.FORGET_AFTER / 90
    assert await door.became(renewal, shop="billing", id_="b-3") == ("done", False)
    facts = (await customer(client, "7"))["facts"]
    assert (facts["payment_failed"], facts["renewals"]) == (False, 1)
    gone = billed("subscription.canceled", cancellation={"feedback": "too_expensive"})
    cancelled = {**gone, "created": MOMENT + 2}
    assert await door.became(cancelled, shop="billing", id_="b-4") == ("done", False)
    assert (await customer(client, "7"))["subscription"]["status"] == "cancelled"
    (outcome,) = await rows("SELECT outcome, reason FROM renewal_outcome")
    assert outcome == {"outcome": "cancelled", "reason": "price"}
    back = {"invoice": "i-1", "plan": "pro", "amount_refunded": 499}
    assert await of("charge.refunded", 5, **back) == ("done", False)
    assert (await customer(client, "7"))["facts"]["refunded"] == 1
    (refund,) = await rows('SELECT customer, "order", product, price FROM refund')
    assert refund == {"customer": "7", "order": "i-1", "product": "pro", "price": 4.99}
    assert await of("plan.renamed", 6) == ("ignored", False)


async def test_what_cannot_be_done_is_kept_and_put_back_when_it_can(door, client, engine, rows):
    broken = order(customer={"reference": "c-9", "name": "Eve Planted"})
    assert await door.became(broken) == ("kept", False)
    assert await door.became(broken) == ("kept", True)
    assert await door.became(b"no json", id_="m-2") == ("kept", False)
    assert await door.became(order(lines=3), id_="m-3") == ("kept", False)
    first = (await client.get(KEPT, params={"limit": 1})).json()
    rest = (await client.get(KEPT, params={"after": first["next"]})).json()["items"]
    assert [(row["id"], row["why"]) for row in (*first["items"], *rest)] == [
        ("web-shop/m-1", "no such customer is known yet"),
        ("web-shop/m-2", "the body is no JSON"),
        ("web-shop/m-3", "data.lines: a number, expected a list of 1 to 100"),
    ]
    assert "Planted" not in str((first, rest))
    assert "Planted" in (await client.get(f"{KEPT}/web-shop/m-1")).json()["body"]
    again = await client.post(f"{KEPT}/web-shop/m-3/replay")
    assert (again.status_code, again.json()["detail"]) == (422, rest[1]["why"])
    assert (await client.post(f"{KEPT}/web-shop/m-1/replay")).status_code == 404
    await with_address(engine, "c-9")
    assert (await client.post(f"{KEPT}/web-shop/m-1/replay")).json() == {"state": "done"}
    assert (await client.post(f"{KEPT}/web-shop/m-1/replay")).status_code == 404
    assert (await customer(client, "c-9"))["facts"]["purchases"] == 2
    assert await door.became(broken) == ("done", True)
    assert (await client.post(f"{KEPT}/web-shop/m-2/discard")).status_code == 204
    assert (await client.post(f"{KEPT}/web-shop/m-2/discard")).status_code == 404
    left = await rows("SELECT id FROM delivery WHERE body IS NOT NULL")
    assert [row["id"] for row in left] == ["web-shop/m-3"]
    for role, wanted in (("oncall", 200), ("csm", 403)):
        assert (await client.get(KEPT, headers=headers(role))).status_code == wanted


async def test_so_much_is_kept_and_then_shops_are_asked_to_wait(door, monkeypatch, rows):
    monkeypatch.setattr(deliver, "MOST_KEPT", 1)
    assert await door.became(b"one", id_="m-1") == ("kept", False)
    answer = await door.send(b"two", id_="m-2")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "600")
    assert len(await rows("SELECT id FROM delivery")) == 1


async def test_who_is_erased_leaves_nothing_in_what_is_kept_nor_comes_back(door, client, rows):
    assert await door.became(order(lines=[])) == ("kept", False)
    assert await door.became({"type": 1.5, "for": "c-1"}, id_="m-2") == ("kept", False)
    assert (await client.post("/v1/customers/c-1/erasure", json={"reason": "request 7"})).is_success
    assert await rows("SELECT id FROM delivery") == []
    assert await door.became(order(), id_="m-3") == ("ignored", False)
    assert await rows("SELECT id FROM purchase WHERE customer = 'c-1'") == []


async def test_an_id_is_forgotten_after_a_while(door, fire, rows):
    assert await door.became(order()) == ("done", False)
    await fire(door.clock.now() + deliver.FORGET_AFTER / 2)
    assert len(await rows("SELECT id FROM delivery")) == 1
    await fire(door.clock.now() + deliver.FORGET_AFTER)
    assert await rows("SELECT id FROM delivery") == []


async def test_plays_start_on_a_failed_payment_and_on_a_refund(door, client, engine, rows):
    asked = (
        '{happens: payment_failed, when: {all: [{fact: payment_failed, op: "==", value: true}]}}'
    )
    rest = "  - {step: rest, wait: 1d}"
    plays = (text(rest, asked, name="dunning"), text(rest, "{happens: refunded}", name="sorry"))
    journey = Engine(engine, *plays)
    await journey.publish()
    units = client._transport.app.state.units
    units.rules = replace(
        journey.rules, keys=units.rules.keys, playbook=replace(playbook(*plays), shops=shops())
    )
    assert await door.became(billed("invoice.payment_failed"), shop="billing") == ("done", False)
    back = {"invoice": "i-1", "plan": "pro"}
    sent = await door.became(billed("charge.refunded", **back), shop="billing", id_="m-2")
    assert sent == ("done", False)
    assert [row["play"] for row in await rows("SELECT play FROM run ORDER BY play")] == [
        "dunning",
        "sorry",
    ]
