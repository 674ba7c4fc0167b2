"""The next step of a conversation: a task of who wrote it down, done with it or with the conversation."""

import pytest

from services.journey.domain.rules import Rules
from tests.journey.conftest import MAP
from tests.journey.engine import with_address
from tests.journey.plays import playbook
from tests.signed import headers

pytestmark = pytest.mark.servers
TALK = {"kind": "call", "at": "2026-06-01T00:00:00Z", "outcome": "agreed", "note": "Two more."}
NEXT = {**TALK, "next_step": "Send the offer", "due_at": "2026-06-03T00:00:00Z"}
ADA, BEN, GIL = ("csm", "ada"), ("csm", "ben"), ("agent", "gil")


def of(who):
    role, name = who
    return headers(role, subject=f"account:{name}")


@pytest.fixture
async def http(client, engine):
    """The interface, where people with the role csm are a team."""
    client._transport.app.state.units.rules = Rules(MAP, playbook())
    await with_address(engine, "c-1")
    return client


async def talk(http, body=NEXT, who=ADA):
    answer = await http.post("/v1/customers/c-1/talks", json=body, headers=of(who))
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def mine(http, who=ADA):
    listed = await http.get("/v1/tasks", params={"mine": "true"}, headers=of(who))
    return listed.json()["items"]


async def test_it_is_a_task_of_who_wrote_it_down(http):
    await talk(http)
    await talk(http, TALK)  # one without a next step
    (task,) = await mine(http)
    assert (task["title"], task["says"], task["due_at"], task["play"]) == (
        "Send the offer", "Two more.", "2026-06-03T00:00:00Z", "",
    )  # fmt: skip
    assert (task["owner"], task["state"], task["team"]) == ("account:ada", "claimed", "onboarding")
    assert await mine(http, BEN) == []


async def test_done_as_a_task_it_is_done_in_the_conversation(http):
    await talk(http)
    (task,) = await mine(http)
    done = f"/v1/tasks/{task['id']}/done"
    assert (await http.post(done, json={"result": "done"}, headers=of(BEN))).status_code == 409
    assert (await http.post(done, json={"result": "done"}, headers=of(ADA))).status_code == 200
    assert (await http.get("/v1/talks/ahead", headers=of(ADA))).json() == []
    (said,) = (await http.get("/v1/customers/c-1/talks")).json()
    assert said["done_at"] == "2026-06-01T00:00:00Z"


async def test_done_in_the_conversation_its_task_is_done(http, rows):
    id_ = await talk(http)
    for _ in range(2):
        assert (await http.post(f"/v1/talks/{id_}/done", headers=of(ADA))).status_code == 200
    assert await mine(http) == []
    assert await rows("SELECT state, result, owner FROM task") == [
        {"state": "done", "result": "done", "owner": "account:ada"}
    ]


async def test_who_is_of_no_team_has_it_with_the_conversation_only(http, rows):
    await talk(http, who=GIL)
    assert await rows("SELECT * FROM task") == []
    ahead = await http.get("/v1/talks/ahead", headers=of(GIL))
    assert [said["next_step"] for said in ahead.json()] == ["Send the offer"]


async def test_words_about_a_conversation_go_to_no_other_team(http):
    await talk(http)
    (task,) = await mine(http)
    wish = {"linkage": "any", "summary": "x", "next_step": "y"}
    answer = await http.post(f"/v1/tasks/{task['id']}/offer", json=wish, headers=of(ADA))
    assert answer.status_code == 422
