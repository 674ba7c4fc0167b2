"""A customer replies to a mail: a task of the team, and plays hold until somebody has seen to it."""

import email
from datetime import timedelta
from pathlib import Path

import pytest

from services.journey.domain.rules import Rules
from shared.events import MessageChanged, TaskChanged
from tests.journey.conftest import MAP
from tests.journey.engine import HOUR, NOON, Engine, completed, started, with_address
from tests.journey.plays import playbook, text
from tests.signed import headers

pytestmark = pytest.mark.servers
DAY = timedelta(days=1)
PLAY = text(
    """
  - {step: first, mail: one}
  - {step: while, wait: 1h}
  - {step: second, mail: two}
  - {step: call, task: Call, team: onboarding, do: Call them., due: 1d, results: [done]}
""",
    more="goal: {all: [{fact: setup_completed, op: '==', value: true}]}",
)


def ada():
    return headers("csm", subject="account:ada")


CALLS = "SELECT why FROM message WHERE step = 'second'"


def caught(servers):
    return sorted(Path(servers.smtp.data).glob("*.eml"))


@pytest.fixture
async def sent(engine, smtp, servers, client):
    """Journey, and the Message-ID of the mail that it sent at noon."""
    for path in caught(servers):
        path.unlink()
    client._transport.app.state.units.rules = Rules(MAP, playbook(PLAY))
    journey = Engine(engine, PLAY, smtp=smtp)
    await journey.publish()
    await with_address(engine, "c-1")
    await journey.handle(started(NOON), now=NOON)
    await journey.send(NOON)
    (path,) = caught(servers)
    return journey, email.message_from_bytes(path.read_bytes())["Message-ID"]


async def reply(client, clock, message, at=NOON + HOUR / 2, **more):
    clock.moment = at
    return await client.post("/v1/replies", json={"message": message}, **more)


async def tasks(client):
    return (await client.get("/v1/tasks", headers=ada())).json()["items"]


async def done(client, clock, task, at, result="answered"):
    clock.moment = at
    return await client.post(f"/v1/tasks/{task['id']}/done", json={"result": result}, headers=ada())


async def test_a_reply_is_a_task_and_the_play_holds_until_it_is_done(
    sent, client, clock, rows, servers, told
):
    journey, message = sent
    answer = await reply(client, clock, message)
    assert (answer.status_code, answer.json()["step"]) == (202, "first")
    (task,) = await tasks(client)
    assert (task["title"], task["team"], task["play"]) == (
        "Answer their mail",
        "onboarding",
        "help",
    )
    assert "“One”" in task["says"]
    await journey.fire(NOON + HOUR)
    await journey.send(NOON + HOUR)
    assert await rows(CALLS) == [{"why": "reply_waits"}]
    assert len(caught(servers)) == 1
    assert (await client.get("/v1/customers/c-1")).json()["facts"]["reply_waits"] is True
    assert (await done(client, clock, task, NOON + 2 * HOUR)).status_code == 200
    await journey.send(NOON + 3 * HOUR)
    assert await rows(CALLS) == [{"why": "nothing_against"}]
    assert len(caught(servers)) == 2
    said = [(event.change, event.customer) for event in await told(MessageChanged)]
    assert said == [("replied", "c-1")]
    (mail, *_) = (await client.get("/v1/customers/c-1/plays")).json()["messages"][::-1]
    assert mail["replied_at"] == "2026-01-01T12:30:00Z"
    assert (await client.get("/v1/plays/counts")).json()["replied"] == {"email": 1}


async def test_it_waits_for_a_person_whatever_becomes_of_its_run(sent, client, clock, told):
    journey, message = sent
    await reply(client, clock, message)
    await journey.handle(completed(NOON + HOUR), now=NOON + HOUR)
    assert [(task["title"], task["state"]) for task in await tasks(client)] == [
        ("Answer their mail", "open")
    ]
    assert [event.change for event in await told(TaskChanged)] == ["opened"]


async def test_what_comes_of_it_is_not_told_to_the_run(sent, client, clock, rows):
    journey, message = sent
    await journey.fire(NOON + HOUR)
    await journey.send(NOON + HOUR)  # it waits for the call now
    await reply(client, clock, message, NOON + 2 * HOUR)
    (task,) = (task for task in await tasks(client) if task["title"] == "Answer their mail")
    await done(client, clock, task, NOON + 3 * HOUR)
    assert await rows("SELECT step, state FROM run") == [{"step": "call", "state": "active"}]


async def test_it_is_one_task_until_that_is_done_and_then_another(sent, client, clock):
    _, message = sent
    for _ in range(2):
        await reply(client, clock, message)
    (task,) = await tasks(client)
    await done(client, clock, task, NOON + HOUR, "needs no answer")
    assert await tasks(client) == []
    key = {"Idempotency-Key": "the-reply"}
    for _ in range(2):
        await reply(client, clock, f"<{message.strip('<>')}>", NOON + DAY, headers=key)
    assert len(await tasks(client)) == 1


@pytest.mark.parametrize("message", ["<nobody@example.org>", "x", "<>"])
async def test_a_reply_to_nothing_of_ours_is_refused(sent, client, clock, message):
    answer = await reply(client, clock, message)
    assert answer.json()["type"] == "urn:playcaller:problem:message_not_found"
    assert await tasks(client) == []


async def test_it_is_told_by_programs_and_people_who_answer_and_by_no_others(sent, client, clock):
    _, message = sent
    for role, status in (("marketing", 403), ("product", 403), ("vendor", 202)):
        answer = await reply(client, clock, message, headers=headers(role))
        assert answer.status_code == status, role
