"""Who does the tasks of plays, over HTTP: people of teams, and teams other than a play names."""

import asyncio

import pytest
from httpx import AsyncClient

from shared.events import TaskChanged
from tests.journey.engine import HOUR, NOON, Engine, started, with_address
from tests.journey.plays import text
from tests.signed import headers
from tools.staff.persona import FAST, Person
from tools.staff.work import Staff

pytestmark = pytest.mark.servers
CALL = text("""
  - {step: call, task: Call them, team: onboarding, do: Ask what is wrong., due: 1d,
     results: [helped], skill: german}
  - {step: again, task: Call again, team: onboarding, do: Ask., due: 1d, results: [helped]}
""")
TEAMS = """
- {team: onboarding, says: Helps., roles: [csm], owner: %s, skills: [german]}
- {team: evening, says: Calls late., roles: [agent]}
"""
ANN, BEN = "account:ann", "account:ben"
ASSIGN = "/v1/plays/help/assignments"


@pytest.fixture
async def journey(engine, client, clock):
    """A playbook of two tasks behind the HTTP interface; `way` says how they get an owner."""
    clock.moment = NOON
    routes = client._transport.app.state.units.rules
    before = routes.playbook

    async def made(way):
        played = Engine(engine, CALL, teams=TEAMS % way)
        object.__setattr__(routes, "playbook", played.rules.playbook)
        await played.publish()
        await with_address(engine, *(f"c-{n}" for n in range(9)))
        return played

    yield made
    object.__setattr__(routes, "playbook", before)


async def begin(journey, *customers, at=NOON):
    for customer in customers:
        await journey.handle(started(at, customer), now=at)


async def owned(rows):
    return [
        row["owner"] for row in await rows("SELECT owner FROM task ORDER BY opened_at, customer")
    ]


async def test_tasks_of_a_team_that_takes_turns(journey, client, rows, told):
    played = await journey("round_robin")
    for who in (ANN, BEN):
        answer = await client.put(f"/v1/teams/onboarding/members/{who}", json={})
        assert answer.status_code == 204
    await begin(played, "c-1", "c-2", "c-3")
    assert await owned(rows) == [ANN, BEN, ANN]
    mine = await client.get("/v1/tasks", params={"mine": True}, headers=headers("csm", subject=BEN))
    (task,) = mine.json()["items"]
    assert (task["customer"], task["state"], task["owner"]) == ("c-2", "claimed", BEN)
    opened = await told(TaskChanged)
    assert [(event.change, event.state, event.owner) for event in opened][:2] == [
        ("opened", "claimed", ANN), ("opened", "claimed", BEN),
    ]  # fmt: skip
    audited = await rows("SELECT action FROM audit WHERE action = 'task.given'")
    assert len(audited) == 3
    teams = {team["team"]: team for team in (await client.get("/v1/teams")).json()}
    assert [(each["who"], each["open"]) for each in teams["onboarding"]["members"]] == [
        (ANN, 2), (BEN, 1),
    ]  # fmt: skip
    done = {"json": {"result": "helped"}, "headers": headers("csm", subject=BEN)}
    assert (await client.post(f"/v1/tasks/{task['id']}/done", **done)).status_code == 200
    assert sorted(await owned(rows)) == [ANN, ANN, BEN, BEN]  # the next step was Ben's turn again


async def test_tasks_go_to_whose_customer_it_is(journey, client, rows):
    played = await journey("csm")
    for who in (ANN, BEN):
        assert (await client.put(f"/v1/teams/onboarding/members/{who}", json={})).status_code == 204
    wish = {"customers": ["c-1", "c-2"], "to": BEN}
    assert (await client.post("/v1/portfolios/hand-over", json=wish)).status_code == 200
    await begin(played, "c-1", "c-2", "c-3")
    assert await owned(rows) == [BEN, BEN, ANN]  # nobody has the third: Ann was given none yet


async def etag_of(client, who):
    teams = {team["team"]: team for team in (await client.get("/v1/teams")).json()}
    return next(m["etag"] for m in teams["onboarding"]["members"] if m["who"] == who)


async def test_tasks_that_ask_for_a_skill(journey, client, rows):
    played = await journey("skill")
    await begin(played, "c-1")
    assert await owned(rows) == [None]  # nobody is there, so it waits for the team
    wrong = await client.put(f"/v1/teams/onboarding/members/{ANN}", json={"skills": ["dutch"]})
    assert (wrong.status_code, "german" in wrong.text) == (422, True)
    assert (await client.put(f"/v1/teams/nobody/members/{ANN}", json={})).status_code == 404
    await client.put(f"/v1/teams/onboarding/members/{ANN}", json={})
    path = f"/v1/teams/onboarding/members/{BEN}"
    await client.put(path, json={"skills": ["german"]})
    seen = {"if-match": await etag_of(client, BEN)}
    assert (await client.put(path, json={}, headers=seen)).status_code == 204
    again = await client.put(path, json={"skills": ["german"]}, headers=seen)
    assert again.status_code == 412  # somebody has changed them since they were read
    await client.put(path, json={"skills": ["german"]})
    await begin(played, "c-2", "c-3", at=NOON + HOUR)
    assert await owned(rows) == [None, BEN, BEN]
    assert (await client.delete(path)).status_code == 204
    assert (await client.delete(path)).status_code == 404
    await begin(played, "c-4", at=NOON + 2 * HOUR)
    assert (await owned(rows))[-1] is None


async def test_a_team_of_a_play_is_another_one_without_a_new_version(journey, client, rows):
    played = await journey("nobody")
    wrong = await client.post(ASSIGN, json={"team": "evening", "step": "cal"})
    assert (wrong.status_code, "call, again" in wrong.text) == (422, True)
    assert (await client.post(ASSIGN, json={"team": "none"})).status_code == 422
    assert (await client.post(ASSIGN, json={"team": "evening", "percent": 0})).status_code == 422
    refused = await client.post(ASSIGN, json={"team": "evening"}, headers=headers("marketing"))
    assert refused.status_code == 403
    half = await client.post(ASSIGN, json={"team": "evening", "percent": 50})
    assert half.status_code == 200
    repeat = await client.post(ASSIGN, json={"team": "evening", "percent": 50})
    assert repeat.json()["id"] == half.json()["id"]
    everything = (await client.post(ASSIGN, json={"team": "evening"})).json()
    await begin(played, "c-1")
    (task,) = await rows("SELECT team FROM task")
    assert task["team"] == "evening"
    (run,) = await rows("SELECT version FROM run")
    assert run["version"] == 1
    end = f"{ASSIGN}/{everything['id']}/end"
    assert (await client.post(end)).status_code == 204
    assert (await client.post(end)).status_code == 404
    await begin(played, "c-2")
    found = await rows("SELECT team FROM task ORDER BY customer")
    assert [row["team"] for row in found] == ["evening", "onboarding"]
    known = (await client.get(ASSIGN)).json()
    assert [step["step"] for step in known["steps"]] == ["call", "again"]
    assert [(each["percent"], each["ended_at"] is None) for each in known["assignments"]] in (
        [(100, False), (50, False)], [(50, False), (100, False)],
    )  # fmt: skip
    actions = await rows("SELECT action FROM audit WHERE action LIKE 'play.%assign' ORDER BY n")
    assert [row["action"] for row in actions] == ["play.assign", "play.assign", "play.unassign"]


async def test_two_at_the_same_moment_do_not_get_the_same_turn(journey, client, rows):
    played = await journey("round_robin")
    for who in (ANN, BEN):
        await client.put(f"/v1/teams/onboarding/members/{who}", json={})
    await asyncio.gather(*(begin(played, f"c-{n}") for n in range(8)))
    assert sorted(await owned(rows)) == [ANN] * 4 + [BEN] * 4


async def test_simulated_people_are_given_tasks_and_do_their_own(journey, client, rows, tmp_path):
    played = await journey("round_robin")
    people = [
        Person(name, "onboarding", role, FAST)
        for name, role in (("Ada", "csm"), ("Cy", "csm"), ("Eve", "lead"))
    ]
    staff = Staff(tmp_path, {}, people)
    for person in people:
        subject = staff._subjects[person.name] = f"key:{person.name.lower()}"
        staff._http[person.name] = AsyncClient(
            transport=client._transport, base_url=client.base_url,
            headers=headers(person.role, subject=subject),
        )  # fmt: skip
    await staff._tell_members()
    await begin(played, "c-1", "c-2", "c-3")
    given = dict(enumerate(await owned(rows)))
    assert sorted(given.values()) == ["key:ada", "key:cy", "key:eve"]
    await staff.look(NOON + HOUR)  # too early for anybody
    assert await rows("SELECT 1 FROM task WHERE state = 'done'") == []
    await staff.look(NOON + 3 * HOUR)
    done = await rows("SELECT owner FROM task WHERE state = 'done' ORDER BY customer")
    assert [row["owner"] for row in done] == list(given.values())
    await staff.close()
