"""Plays hand out referral codes, mails say them, and a friend's purchase is what the play was for."""

import email
import email.policy
from datetime import timedelta
from pathlib import Path

import pytest

from shared.events import RewardChanged, TicketChanged
from tests.journey.engine import HOUR, NOON, Engine, started, with_address
from tests.journey.plays import text

pytestmark = pytest.mark.servers
BOUGHT = '{fact: friends_bought, op: ">=", value: 1}'
PLAY = text(
    f"""
  - {{step: code, offer: referral, then: {{refused: end}}}}
  - {{step: tell, mail: one}}
  - {{step: friends, wait_for: {{until: {{all: [{BOUGHT}]}}, at_most: 60d}}}}
""",
    more=f"goal: {{all: [{BOUGHT}]}}",
)
MAIL = (
    "---\nsubject: For a friend\ntopic: help\npurpose: help\n---\nYour code: {{ referral_code }}.\n"
)


@pytest.fixture
async def journey(engine, client, clock, smtp):
    clock.moment = NOON
    played = Engine(engine, PLAY, smtp=smtp, one=MAIL)
    await played.publish()
    client._transport.app.state.units.rules = played.rules
    await with_address(engine, "c-1", "c-2")
    return played


def _forget(servers):
    for path in Path(servers.smtp.data).glob("*.eml"):
        path.unlink()


def said(servers):
    for path in Path(servers.smtp.data).glob("*.eml"):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if mail["Subject"] == "For a friend":
            yield mail.get_body(("plain",)).get_content()


async def test_a_mail_says_the_code_and_a_friends_purchase_reaches_the_goal(
    journey, client, servers, rows, told, clock, fire
):
    _forget(servers)
    await journey.handle(started(NOON), now=NOON)
    await journey.send(NOON)
    (mail,) = said(servers)
    code = (await client.post("/v1/customers/c-1/referral-code")).json()["code"]
    assert f"Your code: {code}." in mail
    bought = {"code": code, "customer": "c-2", "product": "cam", "order": "1"}
    assert (await client.post("/v1/referrals/redemptions", json=bought)).status_code == 201
    assert await rows("SELECT ending FROM run") == [{"ending": "reached"}]
    facts = (await client.get("/v1/customers/c-1")).json()["facts"]
    assert facts["friends_bought"] == 1
    await fire(clock.moment + timedelta(days=31))
    heard = [(event.customer, event.side, event.state) for event in await told(RewardChanged)]
    assert sorted(heard) == [
        ("c-1", "customer", "final"), ("c-1", "customer", "pending"),
        ("c-2", "friend", "final"), ("c-2", "friend", "pending"),
    ]  # fmt: skip


async def test_nobody_with_an_open_ticket_is_asked_for_a_favour(journey, rows):
    ticket = TicketChanged(
        at=NOON, ticket="t-1", customer="c-1", state="open", change="opened", version=1
    )
    await journey.handle((ticket, "ticket:1"), now=NOON)
    await journey.handle(started(NOON), now=NOON)
    assert await rows("SELECT why FROM run_line WHERE what = 'outcome'") == [
        {"why": "refused: trouble open"}
    ]
    assert await rows("SELECT * FROM referral_code") == []


async def test_a_mail_with_a_code_is_held_back_from_who_was_given_none(engine, rows):
    played = Engine(engine, text("  - {step: tell, mail: one}"), one=MAIL)
    await played.publish()
    await with_address(engine, "c-1")
    await played.handle(started(NOON), now=NOON)
    await played.send(NOON + HOUR)
    assert await rows("SELECT verdict, why FROM message") == [{"verdict": "skip", "why": "no_code"}]


async def test_who_is_compared_with_is_given_no_code(engine, rows):
    played = Engine(engine, PLAY.replace("starts:", "control: 0.5\nstarts:"), one=MAIL)
    await played.publish()
    customers = [f"c-{n}" for n in range(10)]
    await with_address(engine, *customers)
    for one in customers:
        await played.handle(started(NOON, one), now=NOON)
    given = {row["customer"] for row in await rows("SELECT customer FROM referral_code")}
    treated = {row["customer"] for row in await rows("SELECT customer FROM run WHERE NOT control")}
    assert given == treated
    assert 0 < len(given) < 10
