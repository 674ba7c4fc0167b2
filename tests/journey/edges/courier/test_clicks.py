"""Links of mails: they lead where the message says and nowhere else, and what a person opens is a fact."""

import email
import email.policy
import re
from datetime import timedelta
from pathlib import Path

import pytest
from httpx import AsyncClient
from sqlalchemy import text as sql

from shared.events import MessageChanged
from tests.journey.engine import HOUR, NOON, Engine, started, with_address
from tests.journey.plays import text

pytestmark = pytest.mark.servers
SECOND = timedelta(seconds=1)
MAIL = (
    "---\nsubject: Hello\ntopic: tips\npurpose: help\n---\n"
    "Look: https://help.example.com/set-up or https://shop.example.com/?a=1&b=2.\n"
)
PLAY = text("""
  - {step: first, mail: one}
  - {step: looked, wait_for: {happens: messages_clicked, at_most: 3d}, then: {happened: end}}
  - {step: second, mail: two}
""")


def mails(servers):
    return list(Path(servers.smtp.data).glob("*.eml"))


@pytest.fixture
async def sent(engine, smtp, servers, client):
    """A mail with two links that went out at noon: the journey, anybody's client, the links."""
    for path in mails(servers):
        path.unlink()
    journey = Engine(engine, PLAY, smtp=smtp, one=MAIL)
    await journey.publish()
    await with_address(engine, "c-1")
    await journey.handle(started(NOON), now=NOON)
    await journey.send(NOON)
    (path,) = mails(servers)
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    said = mail.get_body(("plain",)).get_content()
    links = re.findall(r"https://us\.example\.org(/go/[A-Za-z0-9_-]+/[0-9a-f]{16})", said)
    assert "help.example.com" not in said
    anybody = AsyncClient(transport=client._transport, base_url="http://journey")
    return journey, anybody, links


async def opened(sent, clock, at, *paths, method="GET", **headers):
    _, anybody, _ = sent
    clock.moment = at
    return [await anybody.request(method, path, headers=headers) for path in paths]


async def test_a_link_leads_on_and_what_a_person_opens_is_heard_by_the_run(
    engine, rows, sent, clock, client, told
):
    journey, _, (first, second) = sent
    assert first != second
    for _ in range(3):
        (answer,) = await opened(sent, clock, NOON + HOUR, first)
        assert (answer.status_code, answer.headers["location"]) == (
            302,
            "https://help.example.com/set-up",
        )
        assert answer.headers["cache-control"] == "no-store"
    (answer,) = await opened(sent, clock, NOON + HOUR, second, method="HEAD")
    assert answer.headers["location"] == "https://shop.example.com/?a=1&b=2"
    assert await rows("SELECT ending FROM run") == [{"ending": None}]  # not known yet who it was
    await journey.fire(NOON + HOUR + 2 * SECOND)
    assert await rows("SELECT ending, ended_at FROM run") == [
        {"ending": "done", "ended_at": NOON + HOUR}
    ]
    (message,) = await rows("SELECT clicked_at FROM message")
    assert message["clicked_at"] == NOON + HOUR
    await opened(sent, clock, NOON + 2 * HOUR, first)  # once more: nothing new
    await journey.fire(NOON + 3 * HOUR)
    facts = (await client.get("/v1/customers/c-1")).json()["facts"]
    assert facts["messages_clicked"] == 1
    assert len(await rows("SELECT * FROM click")) == 1
    (play,) = (await client.get("/v1/plays")).json()
    assert (play["steps"][0]["sent"], play["steps"][0]["clicked"]) == (1, 1)
    said = [(e.change, e.customer, e.name) for e in await told(MessageChanged)]
    assert said == [("clicked", "c-1", "one")]
    clicks = (await client.get("/v1/messages/one/clicks")).json()
    assert clicks == {
        "sent": 1, "seen": 0, "clicked": 1,
        "links": [{"address": "https://help.example.com/set-up", "clicked": 1, "scanned": 0}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("after", "which", "how"),
    [
        (HOUR, (0,), {"method": "HEAD"}),
        (HOUR, (0,), {"Sec-Purpose": "prefetch"}),
        (SECOND, (0,), {}),
        (HOUR, (0, 1), {}),
    ],
    ids=["only the head", "ahead of somebody", "when the mail has just come", "all at once"],
)
async def test_a_scanner_is_no_person_and_a_person_after_it_is(
    engine, rows, sent, clock, after, which, how
):
    journey, _, links = sent
    for answer in await opened(sent, clock, NOON + after, *(links[n] for n in which), **how):
        assert answer.status_code == 302
    await journey.fire(NOON + after + 2 * SECOND)
    assert await rows("SELECT ending FROM run") == [{"ending": None}]
    assert await rows("SELECT clicked_at FROM message") == [{"clicked_at": None}]
    await opened(sent, clock, NOON + 5 * HOUR, links[0])
    await journey.fire(NOON + 6 * HOUR)
    assert await rows("SELECT ending FROM run") == [{"ending": "done"}]


async def test_it_leads_nowhere_but_to_what_stands_in_the_message(engine, rows, sent, clock):
    _, _, (first, _) = sent
    _, _, token, link = first.split("/")
    async with engine.begin() as connection:
        await connection.execute(
            sql("INSERT INTO link VALUES ('0123456789abcdef', 'https://evil.example', now())")
        )  # of another message
    wrong = [f"/go/{token}/0123456789abcdef", f"/go/{token}/{link[::-1]}", f"/go/nobody/{link}"]
    for answer in await opened(sent, clock, NOON + HOUR, *wrong):
        assert (answer.status_code, "Nothing to open" in answer.text) == (404, True)
        assert "location" not in answer.headers
    (answer,) = await opened(sent, clock, NOON + HOUR, f"/go/{token}/https://evil.example")
    assert answer.status_code in {401, 404}
    assert await rows("SELECT * FROM click") == []


async def test_whoever_opens_it_without_end_fills_nothing(engine, rows, sent, clock):
    _, _, (first, _) = sent
    for n in range(30):
        await opened(sent, clock, NOON + n * SECOND / 100, first)
    assert len(await rows("SELECT * FROM click")) == 20
