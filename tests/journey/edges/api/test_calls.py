"""Calls at agreed times, from the mail with its link to what came of them, on PostgreSQL and by SMTP."""

import asyncio
import email
import email.policy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.journey.engine import HOUR, NOON, Engine, completed, started, with_address
from tests.journey.plays import TEAMS, text
from tests.signed import headers

pytestmark = pytest.mark.servers
DAY = 24 * HOUR
STEPS = """
  - {step: talk, call: A call about your camera, team: callers, message: books, confirm: agreed, length: 15m,
     at_most: 3d, do: Ask what is wrong., results: [helped, does not work],
     then: {no show: talk, helped: end, does not work: end, cancelled: rest, not booked: rest}}
  - {step: rest, wait: 1d}
"""
PLAY = text(STEPS)
# Friday 2 January, 09:00 in Berlin: the first time that is offered on Thursday at noon
NINE = datetime(2026, 1, 2, 8, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


@pytest.fixture
async def begin(engine, client, clock, smtp, caught):
    """The play, and customers who have got their invitations; returns the engine and their links."""

    async def begun(*customers, play=PLAY, zone="Europe/Berlin", **more):
        clock.moment = NOON
        played = Engine(engine, play, smtp=smtp, **more)
        await played.publish()
        client._transport.app.state.units.rules = played.rules
        await with_address(engine, *customers, zone=zone)
        await played.handle(*(started(NOON, one) for one in customers), now=NOON)
        await played.send(NOON)
        links = {mail["To"].partition("@")[0]: link_of(mail) for mail in caught()}
        return played, *(links[one] for one in customers)

    return begun


@pytest.fixture
def caught(servers, smtp):
    """The mails the catcher has, without those of before, each once."""
    folder = Path(servers.smtp.data)
    for path in folder.glob("*.eml"):
        path.unlink()

    def mails():
        paths = sorted(folder.glob("*.eml"))
        found = [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in paths
        ]
        for path in paths:
            path.unlink()
        return found

    return mails


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def link_of(mail):
    said = next(word for word in text_of(mail).split() if "/book/" in word)
    return said.removeprefix("https://us.example.org")


async def choose(client, link, at):
    while True:
        answer = await client.post(link, data={"at": str(int(at.timestamp()))})
        if answer.status_code != 503:  # the machine is busy: a lock was not had within 5 s
            return answer


async def lines(rows):
    found = await rows(
        "SELECT what, why FROM run_line WHERE what IN ('call', 'outcome') ORDER BY run, n"
    )
    return [f"{row['what']}: {row['why']}" for row in found]


async def tasks(rows):
    return await rows(
        "SELECT state, starts_at, due_at, result FROM task ORDER BY opened_at, due_at"
    )


async def test_a_customer_books_from_the_mail_and_somebody_calls(
    begin, client, clock, rows, caught
):
    played, link = await begin("c-1")
    seen = await client.get(link)
    assert (seen.status_code, seen.headers["cache-control"]) == (200, "no-store")
    assert "<h2>Friday 2 January</h2>" in seen.text
    assert "Times are those of Europe/Berlin" in seen.text
    assert "<script" not in seen.text
    assert await tasks(rows) == []  # looking books nothing
    booked = await choose(client, link, NINE)
    assert (booked.status_code, booked.headers["location"]) == (303, link)
    await choose(client, link, NINE)  # clicked twice
    assert "Friday 2 January 2026, 09:00 (Europe/Berlin)" in (await client.get(link)).text
    assert await tasks(rows) == [
        {"state": "open", "starts_at": NINE, "due_at": NINE + QUARTER, "result": None}
    ]
    await played.send(NOON)
    (mail,) = caught()
    assert mail["Subject"] == "booked: Friday 2 January 2026, 09:00 (Europe/Berlin)"
    (file,) = mail.iter_attachments()
    assert (file.get_content_type(), file.get_filename()) == ("text/calendar", "call.ics")
    downloaded = await client.get(f"{link}/call.ics")
    assert downloaded.headers["content-type"].startswith("text/calendar")
    assert file.get_content().splitlines()[:12] == downloaded.text.splitlines()[:12]
    assert "DTSTART:20260102T080000Z" in downloaded.text

    clock.moment = NINE + QUARTER
    (task,) = (await client.get("/v1/tasks")).json()["items"]
    done = {"result": "helped", "note": "A cable."}
    assert (await client.post(f"/v1/tasks/{task['id']}/done", json=done)).is_success
    assert await lines(rows) == ["call: booked: 2026-01-02 08:00 UTC", "outcome: helped"]
    assert await rows("SELECT state FROM call") == [{"state": "held"}]
    assert (await client.get(link)).status_code == 404  # nothing to choose any more


async def test_of_two_who_want_the_last_time_one_gets_it(begin, client, rows, caught):
    _, ann, ben = await begin("c-1", "c-2")
    both = await asyncio.gather(choose(client, ann, NINE), choose(client, ben, NINE))
    assert sorted(answer.status_code for answer in both) == [303, 409]
    (refused,) = [answer for answer in both if answer.status_code == 409]
    assert "has just been taken" in refused.text
    assert f'value="{int(NINE.timestamp())}"' not in refused.text
    assert f'value="{int((NINE + QUARTER).timestamp())}"' in refused.text  # the rest
    assert len(await tasks(rows)) == 1


async def test_a_team_of_two_is_called_upon_twice_at_a_time(begin, client, rows):
    two = TEAMS.replace("says: Calls.", "says: Calls., calls_at_once: 2")
    _, *links = await begin("c-1", "c-2", "c-3", teams=two)
    answers = [(await choose(client, link, NINE)).status_code for link in links]
    assert answers == [303, 303, 409]


async def test_only_what_is_offered_can_be_booked(begin, client, rows):
    _, link = await begin("c-1")
    for at in (
        NOON + 3 * HOUR,  # in the hours, but too soon
        NINE - QUARTER,  # before they open
        NINE + timedelta(minutes=5),  # between two times
        NINE + timedelta(days=1),  # on a Saturday
        NINE + timedelta(days=28),  # too far
    ):
        assert (await choose(client, link, at)).status_code == 409
    assert await tasks(rows) == []


async def test_what_is_no_time_is_asked_again(begin, client):
    _, link = await begin("c-1")
    for given in ("", "at=", "at=soon", "at=1e9", "at=999999999999999999", "at=%00"):
        answer = await client.post(link, content=given)
        assert (answer.status_code, "Please choose one of these" in answer.text) == (422, True)
    assert (await client.get("/book/nothing")).status_code == 404
    assert (await client.post("/book/nothing", data={"at": "1"})).status_code == 404


async def test_a_call_is_moved_taken_back_and_booked_again(begin, client, rows, caught):
    played, link = await begin("c-1")
    await choose(client, link, NINE)
    moved = await choose(client, link, NINE + HOUR)
    assert moved.status_code == 303
    assert await tasks(rows) == [
        {"state": "open", "starts_at": NINE + HOUR, "due_at": NINE + HOUR + QUARTER, "result": None}
    ]
    gone = await client.post(f"{link}/cancel")
    assert (gone.status_code, "It is cancelled. You can choose another time" in gone.text) == (
        200,
        True,
    )
    assert (await client.post(f"{link}/cancel")).status_code == 200
    assert (await client.get(f"{link}/call.ics")).status_code == 404
    assert (await choose(client, link, NINE + 2 * HOUR)).status_code == 303
    await played.send(NOON)
    subjects = [mail["Subject"].partition(":")[0] for mail in caught()]
    assert sorted(subjects) == ["booked", "booked", "cancelled", "moved"]
    assert [task["state"] for task in await tasks(rows)] == ["cancelled", "open"]
    assert [line.partition(": 2026")[0] for line in await lines(rows)] == [
        "call: booked", "call: moved", "call: cancelled by the customer", "call: booked"
    ]  # fmt: skip
    audited = await rows("SELECT action FROM audit WHERE kind = 'call' ORDER BY n DESC LIMIT 4")
    assert [row["action"] for row in reversed(audited)] == [
        "call.book",
        "call.move",
        "call.cancel",
        "call.book",
    ]


async def test_nobody_waits_for_a_booking_for_ever(begin, client, rows):
    played, link = await begin("c-1")
    await played.fire(NOON + 3 * DAY)
    assert await lines(rows) == ["outcome: not booked"]
    assert (await client.get(link)).status_code == 404
    assert (await choose(client, link, NINE + 3 * DAY)).status_code == 404
    assert await tasks(rows) == []


async def test_what_is_taken_back_late_goes_on_at_once(begin, client, clock, rows):
    played, link = await begin("c-1")
    in_a_week = NINE + timedelta(days=7)
    await choose(client, link, in_a_week)
    await played.fire(NOON + 5 * DAY)  # the time to choose is over; nothing happens to who has
    clock.moment = NOON + 5 * DAY
    gone = await client.post(f"{link}/cancel")
    assert (gone.status_code, "Nobody will call" in gone.text) == (200, True)
    assert (await lines(rows))[-1] == "outcome: cancelled"
    (run,) = await rows("SELECT step, since FROM run")
    assert run == {"step": "rest", "since": NOON + 5 * DAY}


async def test_a_reminder_goes_out_once_and_not_for_a_time_that_was_moved(
    begin, client, rows, caught
):
    played, link = await begin("c-1")
    await choose(client, link, NINE)
    await played.send(NOON)
    caught()
    for minutes in (121, 120, 119):
        at = NINE - timedelta(minutes=minutes)
        await played.fire(at)
        await played.send(at)
    assert [mail["Subject"].partition(":")[0] for mail in caught()] == ["soon"]


async def test_a_reminder_that_comes_too_late_is_not_sent(begin, client, rows, caught):
    played, link = await begin("c-1")
    await choose(client, link, NINE)
    await played.fire(NINE - 2 * HOUR)  # planned, and then
    await choose(client, link, NINE + timedelta(days=3))
    await played.send(NINE - 2 * HOUR)
    said = [mail["Subject"].partition(":")[0] for mail in caught()]
    assert sorted(said) == ["booked", "moved"]
    assert await rows("SELECT why FROM message WHERE news = 'soon'") == [{"why": "call_changed"}]


async def test_who_was_not_there_is_offered_another_time(begin, client, clock, rows, caught):
    played, link = await begin("c-1")
    await choose(client, link, NINE)
    (task,) = (await client.get("/v1/tasks")).json()["items"]
    path, missed = f"/v1/tasks/{task['id']}/done", {"result": "no show"}
    early = await client.post(path, json=missed)
    assert (early.status_code, early.json()["type"].rpartition(":")[2]) == (409, "call_not_begun")
    clock.moment = NINE + QUARTER
    assert (await client.post(path, json=missed)).is_success
    assert (await lines(rows))[-1] == "outcome: no show"
    caught()
    await played.send(NINE + QUARTER)
    (again,) = [mail for mail in caught() if mail["Subject"] == "When may we call?"]
    assert link_of(again) != link
    assert (await choose(client, link_of(again), NINE + 2 * DAY + DAY)).status_code == 303


async def test_what_was_agreed_is_kept_whatever_becomes_of_the_run(
    begin, client, clock, rows, caught
):
    goal = 'goal: {all: [{fact: setup_completed, op: "==", value: true}]}'
    played, link = await begin("c-1", play=text(STEPS, more=goal))
    await choose(client, link, NINE)
    await played.handle(completed(NOON + HOUR), now=NOON + HOUR)
    assert await rows("SELECT ending FROM run") == [{"ending": "reached"}]
    assert [task["state"] for task in await tasks(rows)] == ["open"]
    await played.fire(NINE - HOUR)
    await played.send(NINE - HOUR)
    assert "soon" in {mail["Subject"].partition(":")[0] for mail in caught()}
    assert (await choose(client, link, NINE + HOUR)).status_code == 303
    clock.moment = NINE + 2 * HOUR
    (task,) = (await client.get("/v1/tasks")).json()["items"]
    done = await client.post(f"/v1/tasks/{task['id']}/done", json={"result": "helped"})
    assert done.is_success
    assert await rows("SELECT state FROM call") == [{"state": "held"}]


async def test_the_team_sees_its_calls_moves_one_and_takes_one_back(
    begin, client, clock, rows, caught
):
    played, ann, ben = await begin("c-1", "c-2")
    await choose(client, ann, NINE + HOUR)
    await choose(client, ben, NINE)
    await played.send(NOON)
    caught()
    first, second = (await client.get("/v1/calls")).json()["items"]
    assert (first["customer"], second["customer"]) == ("c-2", "c-1")
    assert (first["title"], first["state"], first["owner"]) == (
        "A call about your camera",
        "booked",
        None,
    )
    path = f"/v1/calls/{first['id']}"
    seen = (await client.get(path)).json()
    assert seen["zone"] == "Europe/Berlin"
    assert second["starts_at"] not in seen["free"]
    taken = await client.post(f"{path}/move", json={"starts_at": second["starts_at"]})
    assert (taken.status_code, taken.json()["type"].rpartition(":")[2]) == (409, "slot_taken")
    soon = (NOON + HOUR).isoformat()  # a customer would not be offered it, two hours ahead
    assert (await client.post(f"{path}/move", json={"starts_at": soon})).is_success
    task = (await client.get(f"/v1/tasks/{first['task']}")).json()
    assert (task["call"], task["starts_at"]) == (first["id"], "2026-01-01T13:00:00Z")
    assert (await client.post(f"/v1/calls/{second['id']}/cancel")).json()["state"] == "cancelled"
    await played.send(NOON)
    subjects = {mail["To"][:3]: mail["Subject"] for mail in caught()}
    assert subjects["c-2"].startswith("moved: Thursday 1 January 2026, 14:00")
    assert subjects["c-1"].startswith("cancelled: ")
    clock.moment = NOON + 2 * HOUR  # it has begun
    refused = await client.post(f"{path}/cancel")
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "call_not_so")
    of_ann = (await client.get("/v1/customers/c-1/calls")).json()
    assert [(call["state"], call["task"]) for call in of_ann] == [("cancelled", None)]
    assert (await choose(client, ann, NINE + 3 * HOUR)).status_code == 303  # she may choose again


async def test_who_is_not_of_the_team_sees_none(begin, client):
    _, link = await begin("c-1")
    await choose(client, link, NINE)
    (call,) = (await client.get("/v1/calls")).json()["items"]
    agent = {"headers": headers("agent")}
    assert (await client.get("/v1/calls", **agent)).json()["items"] == []
    for path in ("", "/move", "/cancel"):
        ask = client.get if path == "" else client.post
        body = {"json": {"starts_at": NINE.isoformat()}} if path == "/move" else {}
        answer = await ask(f"/v1/calls/{call['id']}{path}", **body, **agent)
        assert answer.status_code == 403, path
    assert (await client.get("/v1/calls/0")).status_code == 404
