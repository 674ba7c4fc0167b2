"""Messages sent to colleagues to be looked at: marked, to accounts only, counted as no customer's."""

import pytest

from services.journey.edges.courier import kinds
from services.journey.edges.courier.post import Post
from services.journey.handlers.messages import mail_to_try
from shared.db.engine import make_engine
from shared.effects.runner import Runner
from shared.effects.smtp import Courier
from shared.web.client.client import ServiceClient
from tests.apis import running
from tests.journey.edges.courier.test_message_mail import caught  # noqa: F401 - a fixture
from tests.journey.edges.courier.test_ticket import Journeys
from tests.journey.engine import NOON, Engine, with_address
from tests.journey.plays import MAIL, text
from tests.signed import headers

pytestmark = pytest.mark.servers
PLAY = text("  - {step: first, mail: one}")
AT = "/v1/messages/one/tests"
ACCOUNT = (
    "INSERT INTO account (id, email, name, roles, state, created_at, version, totp_step) VALUES"
    " ('{}', '{}', 'Kim', '{{marketing}}', 'active', now(), 1, 0)"
)


@pytest.fixture
async def journey(engine, client, clock):
    made = Engine(engine, PLAY)
    await made.publish()
    client._transport.app.state.units.rules = made.rules
    await with_address(engine, "c-1")
    clock.moment = NOON
    return made


def asked(by="account:0a1b", role="marketing"):
    return headers(role, subject=by)


async def test_it_goes_to_the_account_marked_and_counts_as_no_message(
    journey,
    client,
    engine,
    rows,
    smtp,
    postgres,
    caught,  # noqa: F811
):
    database = await postgres.migrated("console", "tests_of_messages")
    draft = {
        "files": {"plays/0.yaml": PLAY, "messages/one.md": (MAIL % "help").replace("Hello", "Hi")}
    }
    assert (await client.put("/v1/plays/help/draft", json=draft)).is_success
    for body in ({}, {"customer": "c-1", "account": "0a2b"}, {"draft": "help"}):
        answer = await client.post(AT, json=body, headers=asked(role="lead"))
        assert answer.status_code == 202, answer.text
    assert (await client.post(AT, json={"account": "0f"}, headers=asked())).status_code == 202
    nobody = ServiceClient(own=Journeys())
    async with running("console", database) as (_, port):
        accounts = make_engine(database)
        async with accounts.begin() as connection:
            for id_, email in (("0a1b", "kim@example.org"), ("0a2b", "lee@example.org")):
                await connection.exec_driver_sql(ACCOUNT.format(id_, email))
        await accounts.dispose()
        peer = nobody.peer("console", f"http://127.0.0.1:{port}")
        post = Post(Courier(smtp, "us@example.org"), journey.units, "", console=peer)
        journey.runner = Runner(engine, kinds(post), journey.clock)
        await journey.send(NOON)
    await nobody.close()
    sent = sorted((mail["To"], mail["Subject"]) for mail in caught())
    assert sent == [
        ("kim@example.org", "[Test] Hello Kim Example"),
        ("kim@example.org", "[Test] Hi Kim Example"),
        ("lee@example.org", "[Test] Hello Ann c-1"),
    ]
    assert await rows("SELECT id FROM message") == []
    effects = await rows("SELECT state, why, payload FROM effect WHERE kind = 'test_mail'")
    assert sorted((e["state"], e["why"]) for e in effects if e["why"]) == [("failed", "no_account")]
    assert "example.org" not in str(effects)


@pytest.mark.parametrize(
    ("body", "who", "expected"),
    [
        ({"account": "kim@example.org"}, asked, 422),
        ({"to": "kim@example.org"}, asked, 422),
        ({"customer": "nobody"}, lambda: asked(role="lead"), 404),
        ({"customer": "c-1"}, asked, 403),
        ({"draft": "help"}, asked, 404),
        ({}, lambda: asked(role="agent"), 403),
        ({}, lambda: asked(by="key:1", role="admin"), 403),
    ],
)
async def test_what_is_no_colleague_or_no_message_is_refused(journey, client, body, who, expected):
    assert (await client.post(AT, json=body, headers=who())).status_code == expected


async def test_so_many_an_hour_are_enough(journey, client, clock, monkeypatch):
    monkeypatch.setattr(mail_to_try, "MOST", 2)
    for expected in (202, 202, 429):
        assert (await client.post(AT, json={}, headers=asked())).status_code == expected
    assert (await client.post(AT, json={}, headers=asked("account:0c"))).status_code == 202
    clock.moment = NOON + mail_to_try.SPAN
    assert (await client.post(AT, json={}, headers=asked())).status_code == 202
