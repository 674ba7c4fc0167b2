"""Offers: made by a step or by hand, refused with the reason, and what becomes of them, on PostgreSQL."""

import email
import email.policy
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy import text as sql

from shared.events import TicketChanged
from tests.journey.engine import HOUR, NOON, Engine, started, with_address
from tests.journey.plays import text

pytestmark = pytest.mark.servers
DAY = 24 * HOUR
PLAY = text("""
  - {step: more, offer: promotion, product: cam-2, discount: 15, valid: 10d, then: {refused: else}}
  - {step: tell, mail: one}
  - {step: says, wait_for: {happens: offer, at_most: 20d}, then: {happened: end, timed out: end}}
  - {step: else, wait: 1d}
""")
MAIL = """---
subject: For you
topic: help
purpose: help
---
{{ offer_product }}: {{ offer_price }} instead of {{ offer_list_price }} until {{ offer_until }}
"""
CAMERA = {"name": "Camera 2", "kind": "device", "price": 100.0}
MADE = "/v1/customers/c-1/offers/made"


@pytest.fixture
async def journey(engine, client, clock, smtp):
    """The play, and a catalogue with what it offers."""
    clock.moment = NOON
    played = Engine(engine, PLAY, smtp=smtp, one=MAIL)
    await played.publish()
    client._transport.app.state.units.rules = played.rules
    await with_address(engine, "c-1")
    assert (await client.put("/v1/products/cam-2", json=CAMERA)).is_success
    return played


@pytest.fixture
def caught(servers, smtp):
    """The texts the catcher has, without those of before."""
    folder = Path(servers.smtp.data)
    for path in folder.glob("*.eml"):
        path.unlink()

    def texts():
        for path in folder.glob("*.eml"):
            said = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            yield said.get_body(("plain",)).get_content()

    return texts


async def lines(rows):
    found = await rows("SELECT step, why FROM run_line WHERE what = 'outcome' ORDER BY run, n")
    return [(row["step"], row["why"]) for row in found]


async def made(client):
    return (await client.get(MADE)).json()["items"]


async def buys(client, at):
    body = {"product": "cam-2", "at": at.isoformat(), "price": 85.0}
    answer = await client.post("/v1/customers/c-1/purchases", json=body)
    assert answer.status_code == 201, answer.text


async def test_an_offer_is_made_told_by_mail_and_accepted_by_buying(
    journey, client, clock, rows, caught
):
    await journey.handle(started(NOON), now=NOON)
    await journey.send(NOON)
    (body,) = caught()
    assert "Camera 2: 85.00 instead of 100.00 until 11 January 2026" in body
    clock.moment = NOON + DAY
    await buys(client, NOON + DAY)
    (offer,) = await made(client)
    assert (offer["state"], offer["price"], offer["play"]) == ("accepted", 85.0, "help")
    assert offer["settled_by"] is None
    assert await lines(rows) == [("more", "made"), ("tell", "sent"), ("says", "happened")]
    facts = (await client.get("/v1/customers/c-1")).json()["facts"]
    assert facts["offer"] == "accepted"


async def test_an_offer_expires_once_and_the_run_hears_of_it(journey, client, clock, rows):
    await journey.handle(started(NOON), now=NOON)
    await journey.send(NOON)
    for days in (9, 10, 11):
        await journey.fire(NOON + days * DAY)
    (offer,) = await made(client)
    assert (offer["state"], offer["settled_at"]) == ("expired", "2026-01-11T12:00:00Z")
    assert (await lines(rows))[-1] == ("says", "happened")
    clock.moment = NOON + 11 * DAY
    late = await client.post(f"/v1/offers/{offer['id']}/answer", json={"answer": "accepted"})
    assert (late.status_code, late.json()["detail"]) == (409, "it is expired")
    await buys(client, NOON + 11 * DAY)
    assert [row["state"] for row in await made(client)] == ["expired"]


async def test_many_are_offered_something_with_as_many_questions_as_one(journey, engine):
    """A stage that a campaign brings about is entered by thousands at once."""
    said: list[str] = []
    event.listen(
        engine.sync_engine, "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: said.append(statement),
    )  # fmt: skip
    await journey.handle(started(NOON), now=NOON)
    alone = len(said)
    more = [f"m-{number}" for number in range(20)]
    await with_address(engine, *more)
    said.clear()
    await journey.handle(*(started(NOON, who) for who in more), now=NOON)
    assert len(said) <= alone + 2
    async with engine.connect() as connection:
        counted = await connection.execute(sql("SELECT count(*), count(DISTINCT run) FROM offer"))
        assert counted.one() == (21, 21)


async def test_a_refusal_leads_its_own_way_with_the_reason_in_the_trace(journey, client, rows):
    await buys(client, NOON - HOUR)
    await journey.handle(started(NOON), now=NOON)
    assert await lines(rows) == [("more", "refused: owned")]
    (run,) = await rows("SELECT state, step FROM run")
    assert run == {"state": "active", "step": "else"}
    assert await made(client) == []


async def test_nothing_is_offered_while_a_ticket_is_open(journey, client, rows):
    ticket = TicketChanged(
        at=NOON, ticket="t-1", customer="c-1", state="open", change="opened", version=1
    )
    await journey.handle((ticket, "ticket:1"), now=NOON)
    await journey.handle(started(NOON), now=NOON)
    assert await lines(rows) == [("more", "refused: trouble open")]
    assert await made(client) == []


async def test_what_is_offered_by_hand_keeps_to_the_same_rules(journey, client, clock, rows):
    until = (NOON + timedelta(days=5)).isoformat()
    wish = {"kind": "promotion", "product": "cam-2", "price": 90.0, "valid_until": until}
    key = {"Idempotency-Key": "o-1"}
    first = await client.post("/v1/customers/c-1/offers", json=wish, headers=key)
    again = await client.post("/v1/customers/c-1/offers", json=wish, headers=key)
    assert (first.status_code, again.json()) == (201, first.json())
    refused = await client.post("/v1/customers/c-1/offers", json=wish)
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith("offered_already: ")
    await journey.handle(started(NOON), now=NOON)  # the step meets the same
    assert await lines(rows) == [("more", "refused: offered already")]
    path = f"/v1/offers/{first.json()['id']}/answer"
    for _ in range(2):
        said = await client.post(path, json={"answer": "declined"})
        assert (said.status_code, said.json()["state"]) == (200, "declined")
    assert (await client.post(path, json={"answer": "accepted"})).status_code == 409
    both = {**wish, "discount": 10}
    assert (await client.post("/v1/customers/c-1/offers", json=both)).status_code == 422
    past = {**wish, "valid_until": NOON.isoformat()}
    assert (await client.post("/v1/customers/c-1/offers", json=past)).status_code == 422


async def test_the_control_group_goes_the_same_way_and_is_offered_nothing(
    engine, client, clock, rows
):
    clock.moment = NOON
    played = Engine(engine, PLAY.replace("starts:", "control: 0.5\nstarts:"), one=MAIL)
    await played.publish()
    customers = [f"c-{n}" for n in range(10)]
    await with_address(engine, *customers)
    assert (await client.put("/v1/products/cam-2", json=CAMERA)).is_success
    for one in customers:
        await played.handle(started(NOON, one), now=NOON)
    found = await rows("SELECT customer, control FROM run")
    offered = {row["customer"] for row in await rows("SELECT customer FROM offer")}
    assert offered == {row["customer"] for row in found if not row["control"]}
    assert 0 < len(offered) < len(customers)
    assert await rows("SELECT 1 FROM run_line WHERE why = 'made'") == [{"?column?": 1}] * 10
