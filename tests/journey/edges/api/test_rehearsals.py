"""Rehearsals over HTTP: begun, followed, stopped; of what is played and of what is not published."""

import asyncio
from datetime import timedelta

import pytest

from services.journey.domain.rules import Rules
from tests.journey.conftest import MAP
from tests.journey.engine import Engine, error, started, with_address
from tests.journey.plays import playbook, text, texts

pytestmark = pytest.mark.servers
CALL = text("  - {step: call, task: Call, team: onboarding, do: Do., due: 1d, results: [helped]}")
MAILS = text(
    "  - {step: first, mail: one}\n  - {step: rest, wait: 1h}\n  - {step: then, mail: two}"
)
BEGIN = "/v1/plays/help/rehearsals"


@pytest.fixture
async def played(engine, clock, client, monkeypatch):
    """Two customers began a set-up some days ago; `help` is played."""
    begun = clock.now() - timedelta(days=5)
    rules = Rules(MAP, playbook(CALL))
    journey = Engine(engine, rules=rules)
    await journey.publish(begun)
    monkeypatch.setattr(client._transport.app.state.units, "rules", rules)
    await with_address(engine, "ann", "ben", "cyd")
    for name in ("ann", "ben"):
        await journey.handle(started(begun, name), now=begun)
    await journey.handle(error(begun, 1, "cyd"), now=begun)
    return client


async def over(client, answer):
    assert answer.status_code == 202, answer.text
    async with asyncio.timeout(60):
        while True:
            found = (await client.get(f"/v1/rehearsals/{answer.json()['job']}")).json()
            if found["job"]["state"] != "running":
                return found
            await asyncio.sleep(0.02)


async def test_what_is_played_and_what_a_team_would_have_had_to_do(played):
    found = await over(played, await played.post(BEGIN, json={"history_days": 30}))
    assert (found["job"]["state"], found["job"]["total"]) == ("done", 3)
    result = found["result"]
    assert (result["customers"], result["this"]["entered"], result["published"]) == (3, 2, None)
    (team,) = result["teams"]
    assert (team["team"], team["tasks"], team["done"], team["hours"]) == ("onboarding", 2, 2, None)
    assert [who["customer"] for who in result["who"]] == ["ann", "ben"]
    assert result["spread_evenly"] == ["call"]
    (way,) = result["paths"]
    assert way["customers"] == 2
    assert [line["what"] for line in way["lines"]] == ["entered", "begun", "outcome", "ended"]
    listed = (await played.get(BEGIN)).json()
    assert [each["job"]["id"] for each in listed] == [found["job"]["id"]]


async def test_a_playbook_that_is_not_published_is_compared_with_what_is_played(played):
    teams = "- {team: onboarding, says: Helps., roles: [csm], minutes_a_task: 30, hours_a_day: 1}\n"
    asks = text("  - {step: why, ask: why bought, message: asks, at_most: 7d}", name="asks")
    more = MAILS + "  - {step: next, start: asks}\n"
    files = {**texts(more, asks), "teams.yaml": teams}
    found = await over(played, await played.post(BEGIN, json={"files": files}))
    result = found["result"]
    assert found["unpublished"]
    assert (result["this"]["messages"], result["this"]["tasks"]) == (4, 0)
    assert (result["published"]["messages"], result["published"]["tasks"]) == (0, 2)
    assert {(v["verdict"], v["messages"]) for v in result["verdicts"]} == {("send", 4)}
    assert sum(sum(day["messages"].values()) for day in result["days"]) == 4
    assert [step["begun"] for step in result["steps"]] == [2, 2, 2, 2]
    assert result["not_lived"] == [
        "`next`: play `asks` is not lived; its messages and tasks are missing"
    ]


@pytest.mark.parametrize(
    ("play", "body", "status", "says"),
    [
        ("hlep", {}, 404, "did you mean `help`?"),
        ("help", {"history_days": 401}, 422, "what is kept begins at 2025-04-27"),
        ("help", {"history_days": 0}, 422, "1 to 400 days"),
        ("help", {"files": texts("play: help")}, 422, "plays/0.yaml:1: field `steps` is missing"),
    ],
    ids=["no such play", "longer than what is kept", "nothing", "a playbook with errors"],
)
async def test_bad_input_says_what_is_wrong(played, play, body, status, says):
    answer = await played.post(f"/v1/plays/{play}/rehearsals", json=body)
    assert answer.status_code == status
    assert says in answer.json()["detail"]
    assert (await played.get("/v1/plays/help/rehearsals")).json() == []


async def test_one_that_runs_is_stopped(played, monkeypatch):
    begun = asyncio.Event()

    async def slow(pasts, play):
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("services.journey.store.plays.pasts.Pasts.habits", slow)
    answer = await played.post(BEGIN, json={})
    await asyncio.wait_for(begun.wait(), 60)
    stopped = await played.post(f"/v1/rehearsals/{answer.json()['job']}/cancel")
    assert stopped.status_code == 200
    found = await over(played, answer)
    assert (found["job"]["state"], found["job"]["problem"]) == (
        "cancelled",
        "somebody cancelled it",
    )
