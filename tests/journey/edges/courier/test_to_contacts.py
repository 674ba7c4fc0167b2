"""Mails of plays to people of an account: by role, in their zone, as they want it."""

import email
import email.policy
from datetime import timedelta
from pathlib import Path

import pytest
from httpx import AsyncClient
from sqlalchemy import text as sql

from services.journey.store.plays.pasts import Pasts
from tests.journey.engine import HOUR, NOON, Engine, started, with_address
from tests.journey.plays import text

pytestmark = pytest.mark.servers
PLAY = text(
    "  - {step: first, mail: one, to: decision maker}\n  - {step: rest, wait: 1h}\n"
    "  - {step: second, mail: one, to: decision maker}"
)
MAIL = (
    "---\nsubject: Hello {{ name }}\ntopic: contract\npurpose: %s\n---\n"
    '{%% if language == "de" %%}Hallo{%% else %%}Hello{%% endif %%} {{ name }}\n'
)
DORA = {"name": "Dora Decides", "role": "decision_maker", "email": "dora@acme.example"}
TOM = {"name": "Tom Tech", "role": "technical", "email": "tom@acme.example"}


@pytest.fixture
async def account(engine, client):
    """`account(*people)`: an account with these contacts; their ids."""

    async def make(*people):
        await with_address(engine, "c-1")
        async with engine.begin() as connection:
            await connection.execute(sql("UPDATE customer SET kind = 'business'"))
        added = [await client.post("/v1/customers/c-1/contacts", json=one) for one in people]
        assert all(answer.status_code == 201 for answer in added), [a.text for a in added]
        return [answer.json()["id"] for answer in added]

    return make


@pytest.fixture
async def play(engine, smtp, servers):
    """`play(purpose, at)`: the play at that moment; the mails that went out of it."""
    _forget(servers)

    async def run(purpose="help", at=NOON):
        journey = Engine(engine, PLAY, smtp=smtp, one=MAIL % purpose)
        await journey.publish()
        await journey.handle(started(at), now=at)
        await journey.send(at)
        return journey, caught(servers)

    return run


def _forget(servers):
    for path in Path(servers.smtp.data).glob("*.eml"):
        path.unlink()


def caught(servers):
    folder = Path(servers.smtp.data)
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted(folder.glob("*.eml"))
    ]


async def test_the_contact_with_the_role_gets_it_in_their_words(account, play, rows):
    _, dora = await account(TOM, {**DORA, "language": "de"})
    _, (mail,) = await play()
    assert (mail["To"], mail["Subject"]) == ("dora@acme.example", "Hello Dora Decides")
    assert mail.get_body(("plain",)).get_content().startswith("Hallo Dora Decides")
    assert await rows("SELECT to_role, contact FROM message") == [
        {"to_role": "decision_maker", "contact": dora}
    ]


@pytest.mark.parametrize(
    "people",
    [[TOM], [{**DORA, "email": None, "phone": "+15550001"}], [{**DORA, "channel": "phone"}], []],
    ids=["nobody has the role", "no address", "wants calls", "no contacts"],
)
async def test_where_no_contact_can_get_it_the_customer_does(account, play, people):
    await account(*people)
    _, (mail,) = await play()
    assert (mail["To"], mail["Subject"]) == ("c-1@example.org", "Hello Ann c-1")


async def test_night_is_where_the_contact_is(account, play, rows):
    await account({**DORA, "zone": "Asia/Tokyo"})
    _, mails = await play(at=NOON + HOUR)  # 22 o'clock there, midday where the customer is
    assert mails == []
    assert await rows("SELECT why FROM message") == [{"why": "quiet_hours"}]


async def test_a_promotion_asks_for_the_contacts_own_consent(account, play, client, rows):
    (dora,) = await account(DORA)
    agreed = "/v1/customers/c-1/consent/agreements/promotion"
    answer = await client.put(agreed, json={"agreed": True}, headers={"If-Match": "*"})
    assert answer.is_success, answer.text
    _, mails = await play("promotion")
    assert mails == []
    assert await rows("SELECT why FROM message") == [{"why": "never_asked"}]
    assert dora


async def test_who_leaves_the_topic_takes_only_themselves_out(account, play, client, rows, servers):
    (dora,) = await account(DORA)
    journey, (mail,) = await play()
    path = mail["List-Unsubscribe"].strip(" <>").removeprefix("https://us.example.org")
    anybody = AsyncClient(transport=client._transport, base_url="http://journey")
    for _ in range(2):
        assert (await anybody.post(path)).status_code == 200
    assert await rows("SELECT * FROM left_topic") == []
    contact = (await client.get(f"/v1/customers/c-1/contacts/{dora}")).json()
    assert contact["consent"]["left"] == ["contract"]
    later = NOON + timedelta(hours=2)
    await journey.fire(later)
    await journey.send(later)
    assert len(caught(servers)) == 1
    assert [row["why"] for row in await rows("SELECT why FROM message ORDER BY visit")] == [
        "nothing_against", "left",
    ]  # fmt: skip


async def test_a_contact_who_is_gone_meanwhile_is_sent_nothing(account, play, engine, rows):
    (dora,) = await account({**DORA, "zone": "Asia/Tokyo"})
    journey, _ = await play(at=NOON + HOUR)
    async with engine.begin() as connection:
        await connection.execute(sql("DELETE FROM contact"))
    await journey.send(NOON + timedelta(hours=23))
    (message,) = await rows("SELECT why, contact FROM message")
    assert (message["why"], message["contact"]) == ("nothing_against", None)
    assert dora


async def test_a_rehearsal_reads_who_has_the_role_and_what_they_want(engine, account, client):
    (dora,) = await account(DORA)
    wants = {"left": ["contract"], "promotion": False}
    said = await client.put(f"/v1/customers/c-1/contacts/{dora}/consent", json=wants)
    assert said.status_code in {200, 204}, said.text
    async with engine.begin() as connection:
        (past,) = await Pasts(connection).batch("", 10, "help", NOON)
    (person,) = past.people
    assert (person.contact.id, person.contact.consent.left) == (dora, ("contract",))
    assert past.whom("decision_maker", person.added) == person
    assert past.whom("decision_maker", person.added - 1) is None
    assert past.whom(None, person.added) is None
