"""Tasks and plays over HTTP: a queue by team, taken, done; and why a customer got what they got."""

import pytest

from shared.events import TaskChanged
from tests.journey.engine import HOUR, NOON, Engine, error, started, with_address
from tests.journey.plays import text
from tests.signed import headers

pytestmark = pytest.mark.servers
CALL = text("""
  - {step: call, task: Call them, team: onboarding, do: Ask what is wrong., due: 1d,
     results: [helped, not reached], then: {helped: end}}
  - {step: write, mail: one}
""")


@pytest.fixture
async def journey(engine, client, clock, smtp):
    """A playbook of one task and one mail, behind the HTTP interface, with a task open."""
    made = Engine(engine, CALL, smtp=smtp)
    clock.moment = NOON
    routes = client._transport.app.state.units.rules
    object.__setattr__(routes, "playbook", made.rules.playbook)
    await made.publish()
    await with_address(engine, "c-1", "c-2")
    await made.handle(started(NOON), now=NOON)
    yield made
    object.__setattr__(routes, "playbook", type(made.rules.playbook)())


async def test_a_task_is_taken_by_one_and_its_result_moves_the_run(journey, client, rows, told):
    csm, agent = headers("csm", subject="account:cy"), headers("agent")
    lead = headers("lead", subject="account:li")
    given = await client.put("/v1/customers/c-1/csm", json={"csm": "account:cy"}, headers=csm)
    assert given.status_code == 200
    (task,) = (await client.get("/v1/tasks", headers=csm)).json()["items"]
    assert task["csm"] == "account:cy", "who looks after the customer"
    assert (task["title"], task["team"], task["state"]) == ("Call them", "onboarding", "open")
    assert task["results"] == ["helped", "not reached"]
    path = f"/v1/tasks/{task['id']}"
    assert (await client.get("/v1/tasks", headers=agent)).json()["items"] == []  # not their team
    assert (await client.get(path, headers=agent)).status_code == 404
    refused = await client.post(f"{path}/claim", headers=agent)
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (
        403,
        "not_your_team",
    )

    assert (await client.post(f"{path}/claim", headers=csm)).json()["owner"] == "account:cy"
    assert (await client.post(f"{path}/claim", headers=csm)).status_code == 200
    other = await client.post(f"{path}/claim", headers=lead)
    assert (other.status_code, other.json()["type"].rpartition(":")[2]) == (409, "not_your_task")
    mine = await client.get("/v1/tasks", headers=csm, params={"mine": True})
    assert [each["id"] for each in mine.json()["items"]] == [task["id"]]
    assert (await client.post(f"{path}/release", headers=lead)).json()["state"] == "open"

    wrong = await client.post(f"{path}/done", headers=csm, json={"result": "sold"})
    assert (wrong.status_code, "helped, not reached" in wrong.text) == (422, True)
    done = {"result": "not reached", "note": "Spoke to Ann Quick's mother"}
    said = await client.post(f"{path}/done", headers=csm, json=done)
    assert (said.status_code, said.json()["result"], said.json()["note"]) == (200, "not reached", done["note"])  # fmt: skip
    over = await client.post(f"{path}/done", headers=csm, json=done)
    assert (over.status_code, over.json()["type"].rpartition(":")[2]) == (409, "task_over")
    assert [row["step"] for row in await rows("SELECT step FROM run")] == ["write"]
    assert [event.change for event in await told(TaskChanged)] == [
        "opened", "claimed", "released", "done",
    ]  # fmt: skip
    stored = [*await rows("SELECT value FROM outbox"), *await rows("SELECT * FROM audit")]
    assert "Quick" not in str(stored)


async def test_why_a_customer_got_what_they_got(journey, client):
    (task,) = (await client.get("/v1/tasks")).json()["items"]
    await client.post(f"/v1/tasks/{task['id']}/done", json={"result": "not reached"})
    night = NOON + 11 * HOUR
    await journey.send(night)
    late = NOON + 100 * HOUR
    await journey.handle(started(NOON, "c-2"), now=late)
    why = (await client.get("/v1/customers/c-1/plays")).json()
    (run,) = why["runs"]
    assert [(line["what"], line["step"], line["why"]) for line in run["lines"]][1:] == [
        ("begun", "call", "task"), ("outcome", "call", "not reached"), ("begun", "write", "mail"),
    ]  # fmt: skip
    (message,) = why["messages"]
    assert (message["verdict"], message["why"]) == ("defer", "quiet_hours")
    other = (await client.get("/v1/customers/c-2/plays")).json()
    assert [(each["play"], each["why"]) for each in other["left_out"]] == [("help", "too_late")]
    assert (await client.get("/v1/customers/nobody/plays")).status_code == 404
    (play,) = (await client.get("/v1/plays")).json()
    assert (play["in_flight"], play["ended"]) == (1, {})
    assert [(step["step"], step["standing"], step["next"]) for step in play["steps"]] == [
        ("call", 0, {"helped": "end", "not reached": "write"}),
        ("write", 1, {"sent": "end", "held back": "end"}),
    ]  # fmt: skip
    counts = (await client.get("/v1/plays/counts")).json()
    assert counts == {
        "entered": {"help": 1}, "ended": {"help": 0},
        "messages": {"defer/quiet_hours": 1},
        "channels": {"email": {"defer": 1}},
        "clicked": {"email": 0}, "replied": {"email": 0}, "calls": {},
        "tasks": {"onboarding": {"open": 0, "done": 1, "late": 0}},
        "handoffs": {"accepted": 0, "declined": 0, "expired": 0, "median_s": None},
    }  # fmt: skip
    assert await journey.handle(error(NOON)) is None
