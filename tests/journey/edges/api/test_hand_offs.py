"""Hand-offs over HTTP: offered by a step or by hand, accepted, declined, expired; a partner sees only its own."""

from datetime import timedelta

import pytest

from shared.events import HandOffChanged
from tests.journey.engine import HOUR, NOON, Engine, started, with_address
from tests.journey.plays import TEAMS, text
from tests.signed import Signed, headers

pytestmark = pytest.mark.servers
STEP = text("""
  - {step: call, hand_over: Call them, linkage: late, do: Ask what is wrong., due: 1d,
     results: [helped, not reached], then: {helped: end}}
  - {step: rest, wait: 1d}
""")
ALL = f"""{TEAMS}
- {{team: leads, says: x, roles: [lead]}}
- {{team: helpers, says: x, roles: [partner], organisation: bluebird,
    hours: {{zone: UTC, days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00"}}}}
- {{team: rivals, says: x, roles: [partner], organisation: rivals}}
"""
LINKAGES = """
- {linkage: late, from: onboarding, to: helpers, what: A set-up that is late., accept: 8h, escalate: leads}
- {linkage: back, from: helpers, to: onboarding, what: It may be the camera., accept: 4h, escalate: leads}
"""
CSM = Signed("csm", subject="account:cy")
THEIRS = Signed("partner", org="bluebird", subject="account:bo")
RIVAL = Signed("partner", org="rivals", subject="account:ri")
FRIDAY = NOON.replace(month=1, day=2)  # 2026-01-02, 12:00 UTC


@pytest.fixture
async def journey(engine, client, clock, smtp):
    """A playbook with a partner's team; one task is open and offered to it."""
    made = Engine(engine, STEP, smtp=smtp, teams=ALL, linkages=LINKAGES)
    clock.moment = FRIDAY
    routes = client._transport.app.state.units.rules
    object.__setattr__(routes, "playbook", made.rules.playbook)
    await made.publish()
    await with_address(engine, "c-1")
    await made.handle(started(FRIDAY), now=FRIDAY)
    yield made
    object.__setattr__(routes, "playbook", type(made.rules.playbook)())


async def waiting(client, who, **wanted):
    return (await client.get("/v1/handoffs", headers=who, params=wanted)).json()["items"]


def word(answer):
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def test_a_task_is_the_partners_from_the_moment_it_accepts(
    journey, client, clock, rows, told
):
    (offered,) = await waiting(client, THEIRS)
    assert set(offered) == {
        "id", "task", "title", "says", "summary", "next_step", "state", "offered_at", "expires_at",
        "settled_at",
    }  # fmt: skip
    # Friday 12:00 and eight hours of theirs: six on Friday, two on Monday
    assert offered["expires_at"] == "2026-01-05T10:00:00Z"
    task, offer = f"/v1/tasks/{offered['task']}", f"/v1/handoffs/{offered['id']}"
    assert (await client.get(task, headers=THEIRS)).status_code == 404  # not theirs yet
    (mine,) = (await client.get("/v1/tasks", headers=CSM)).json()["items"]
    assert (mine["team"], mine["due_at"]) == ("onboarding", "2026-01-03T12:00:00Z")
    refused = await client.post(f"{offer}/accept", headers=CSM)
    assert word(refused) == (403, "not_your_team")

    clock.moment = FRIDAY + HOUR
    assert (await client.post(f"{offer}/accept", headers=THEIRS)).json()["state"] == "accepted"
    assert word(await client.post(f"{offer}/accept", headers=THEIRS)) == (409, "hand_off_refused")
    assert (await client.get("/v1/tasks", headers=CSM)).json()["items"] == []
    (theirs,) = (await client.get("/v1/tasks", headers=THEIRS)).json()["items"]
    assert "c-1" not in str(theirs)
    # a day of theirs: five hours on Friday, ten on Monday, nine on Tuesday
    assert (theirs["owner"], theirs["due_at"]) == (None, "2026-01-06T17:00:00Z")

    why = {"purpose": "call_back"}
    assert word(await client.post(f"{task}/reveal", headers=THEIRS, json=why)) == (
        409, "not_your_task",
    )  # fmt: skip
    assert (await client.post(f"{task}/claim", headers=THEIRS)).json()["owner"] == "you"
    no_code = headers("partner", org="bluebird", subject="account:bo", factor=None)
    assert word(await client.post(f"{task}/reveal", headers=no_code, json=why)) == (
        401, "second_factor_needed",
    )  # fmt: skip
    contact = await client.post(f"{task}/reveal", headers=THEIRS, json=why)
    assert contact.json()["email"] == "c-1@example.org"
    assert contact.headers["cache-control"] == "no-store"
    done = {"result": "not reached", "note": "Ann Quick's mother answered"}
    said = await client.post(f"{task}/done", headers=THEIRS, json=done)
    assert (said.status_code, said.json()["result"]) == (200, "not reached")
    assert [row["step"] for row in await rows("SELECT step FROM run")] == ["rest"]
    assert [(event.change, event.owner) for event in await told(HandOffChanged)] == [
        ("offered", "onboarding"), ("accepted", "helpers"),
    ]  # fmt: skip
    (cell,) = (await client.get("/v1/handoffs/matrix")).json()
    assert (cell["giver"], cell["taker"], cell["accepted"], cell["median_s"]) == (
        "onboarding", "helpers", 1, 3600.0,
    )  # fmt: skip
    told_in_numbers = (await client.get("/v1/plays/counts")).json()["handoffs"]
    assert told_in_numbers == {"accepted": 1, "declined": 0, "expired": 0, "median_s": 3600.0}
    stored = [*await rows("SELECT value FROM outbox"), *await rows("SELECT * FROM audit")]
    assert "Quick" not in str(stored)


async def test_a_partner_cannot_tell_what_is_others(journey, client):
    (offered,) = await waiting(client, THEIRS)
    assert await waiting(client, RIVAL) == await waiting(client, RIVAL, side="giver") == []
    nobody = "00000000-0000-5000-8000-000000000000"
    bodies = {"decline": {"why": "no time"}, "done": {"result": "helped"},
              "offer": {"linkage": "back", "summary": "x", "next_step": "x"}, "reveal": {"purpose": "other"}}  # fmt: skip
    for noun, id_, verbs in (
        ("handoffs", offered["id"], ("accept", "decline", "withdraw")),
        ("tasks", offered["task"], ("claim", "release", "done", "offer", "reveal")),
    ):
        for verb in ("", *verbs):
            seen = []
            for asked in (id_, nobody):
                path = f"/v1/{noun}/{asked}"
                answer = await (
                    client.post(f"{path}/{verb}", headers=RIVAL, json=bodies.get(verb))
                    if verb
                    else client.get(path, headers=RIVAL)
                )
                seen.append((answer.status_code, answer.text.replace(asked, "ID")))
            assert seen[0] == seen[1], f"{noun} {verb}"
            assert seen[0][0] == 404, f"{noun} {verb}: {seen[0]}"
    for path in ("/v1/handoffs/matrix", "/v1/linkages", "/v1/customers/c-1/handoffs"):
        assert (await client.get(path, headers=RIVAL)).status_code == 403


async def test_what_is_declined_stays_and_may_be_offered_again_by_hand(journey, client, clock):
    (offered,) = await waiting(client, THEIRS)
    path = f"/v1/handoffs/{offered['id']}/decline"
    assert (await client.post(path, headers=THEIRS, json={"why": " "})).status_code == 422
    await client.post(path, headers=THEIRS, json={"why": "No Danish here"})
    (back,) = await waiting(client, CSM, side="giver", state="declined")
    assert (back["why"], back["team"], back["settled_by"]) == (
        "No Danish here", "onboarding", "account:bo",
    )  # fmt: skip

    (linkage,) = (await client.get("/v1/linkages", headers=CSM)).json()
    assert (linkage["name"], linkage["taker"], linkage["accept_s"]) == ("late", "helpers", 28_800)
    task = f"/v1/tasks/{back['task']}/offer"
    wish = {"linkage": "back", "summary": "Call ann@example.org", "next_step": "Call"}
    assert word(await client.post(task, headers=CSM, json=wish)) == (422, "unknown_linkage")
    wish["linkage"], key = "late", {**CSM, "Idempotency-Key": "once"}
    first = await client.post(task, headers=key, json=wish)
    again = await client.post(task, headers=key, json=wish)
    assert (first.status_code, first.json()["id"]) == (201, again.json()["id"])
    assert word(await client.post(task, headers=CSM, json=wish)) == (409, "hand_off_refused")
    (offered,) = await waiting(client, THEIRS)
    assert offered["summary"] == "Call [mail]"
    await client.post(f"/v1/handoffs/{offered['id']}/withdraw", headers=CSM)
    assert await waiting(client, THEIRS) == []
    story = (await client.get("/v1/customers/c-1/handoffs")).json()
    assert sorted(each["state"] for each in story) == ["declined", "withdrawn"]


async def test_what_nobody_accepts_in_time_escalates(journey, client, clock, told):
    (offered,) = await waiting(client, THEIRS)
    late = FRIDAY + timedelta(days=2, hours=22)  # Monday 10:00: the last moment
    await journey.fire(late - timedelta(seconds=1))
    assert [one["id"] for one in await waiting(client, THEIRS)] == [offered["id"]]
    clock.moment = late
    refused = await client.post(f"/v1/handoffs/{offered['id']}/accept", headers=THEIRS)
    assert word(refused) == (409, "hand_off_refused")  # though no timer has fired yet
    await journey.fire(late)
    await journey.fire(late)
    assert await waiting(client, THEIRS) == []
    lead = headers("lead", subject="account:li")
    (task,) = (await client.get("/v1/tasks", headers=lead)).json()["items"]
    assert (task["team"], task["owner"]) == ("leads", None)
    assert [(event.change, event.owner) for event in await told(HandOffChanged)][1:] == [
        ("expired", "leads"),
    ]  # fmt: skip
    (cell,) = (await client.get("/v1/handoffs/matrix")).json()
    assert (cell["expired"], cell["offered"]) == (1, 0)


async def test_what_is_done_meanwhile_needs_no_answer(journey, client):
    (offered,) = await waiting(client, THEIRS)
    done = {"result": "helped"}
    await client.post(f"/v1/tasks/{offered['task']}/done", headers=CSM, json=done)
    assert await waiting(client, THEIRS) == []
    (cell,) = (await client.get("/v1/handoffs/matrix")).json()
    assert (cell["offers"], cell["offered"], cell["withdrawn"]) == (1, 0, 1)
    refused = await client.post(f"/v1/handoffs/{offered['id']}/accept", headers=THEIRS)
    assert word(refused) == (409, "hand_off_refused")
