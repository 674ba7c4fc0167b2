"""Plays on PostgreSQL: who enters, what is planned, what the trace says, in any order of topics."""

import itertools
from datetime import timedelta

import pytest

from shared.events import RunChanged, TaskChanged
from shared.stream.transaction import transaction
from tests.journey.conftest import START, empty
from tests.journey.engine import HOUR, Engine, completed, error, started
from tests.journey.plays import text

pytestmark = pytest.mark.servers

HELP = text(
    """
  - {step: rest, wait: 2h}
  - {step: first, mail: one}
  - {step: try, wait: 1d}
  - {step: call, task: Call, team: onboarding, do: Call them., due: 1d, results: [helped]}
""",
    more='goal: {all: [{fact: setup_completed, op: "==", value: true}]}\n',
)
ERRORS = text(
    "  - {step: first, mail: two}", "{happens: app_errors}", "again: 7d\npriority: 90", "errors"
)


async def test_from_an_event_to_a_planned_mail_and_told_to_the_others(engine, rows, told):
    journey = Engine(engine, HELP)
    await journey.publish()
    await journey.handle(started())
    await journey.fire(START + HOUR)
    assert await rows("SELECT * FROM message") == []
    await journey.fire(START + 3 * HOUR)
    (effect,) = await rows("SELECT e.* FROM effect e JOIN message m ON m.id = e.id")
    assert (effect["kind"], effect["about"], effect["payload"]) == ("message_mail", "c-1", {})
    (run,) = await rows("SELECT * FROM run")
    assert (run["step"], run["state"], run["due_at"]) == ("first", "active", None)
    trace = await rows(
        "SELECT what, step, why, at - '2026-01-01Z' AS after FROM run_line ORDER BY n"
    )
    assert [(line["what"], line["step"], line["why"]) for line in trace] == [
        ("entered", None, f"stage:onboarding@{int(START.timestamp())}"),
        ("begun", "rest", "wait"),
        ("outcome", "rest", "over"),
        ("begun", "first", "mail"),
    ]
    assert trace[-1]["after"] == 2 * HOUR
    assert [event.change for event in await told(RunChanged)] == ["entered"]


async def test_who_reaches_the_goal_leaves_and_a_mail_that_waits_knows(engine, rows, told):
    journey = Engine(engine, HELP)
    await journey.publish()
    await journey.handle(started())
    await journey.fire(START + 3 * HOUR)
    await journey.handle(completed(START + 4 * HOUR), now=START + 4 * HOUR)
    (run,) = await rows("SELECT state, ending FROM run")
    assert run == {"state": "ended", "ending": "reached"}
    assert [(e.change, e.ending) for e in await told(RunChanged)] == [
        ("entered", None), ("ended", "reached"),
    ]  # fmt: skip


async def test_what_lies_too_far_back_begins_nothing_and_says_so(engine, rows):
    journey = Engine(engine, HELP, ERRORS)
    await journey.publish()
    edge = timedelta(hours=48)
    await journey.handle(started(customer="late"), now=START + edge + timedelta(seconds=1))
    await journey.handle(started(customer="just"), now=START + edge)
    assert [row["customer"] for row in await rows("SELECT customer FROM run")] == ["just"]
    (left,) = await rows("SELECT customer, play, why FROM left_out")
    assert left == {"customer": "late", "play": "help", "why": "too_late"}


async def test_a_play_is_for_once_or_again_after_its_span(engine, rows):
    journey = Engine(engine, HELP, ERRORS)
    await journey.publish()
    days = [0, 1, 3, 10]
    for n, day in enumerate(days):
        at = START + timedelta(days=day)
        await journey.handle(error(at, n), now=at)
        async with transaction(journey.engine, "journey", at) as tx:
            await tx.connection.exec_driver_sql(
                "UPDATE run SET state = 'ended', ending = 'done', due_at = NULL, ended_at = "
                "'2026-01-02Z' WHERE play = 'errors' AND rotation = 0"
            )
    found = await rows("SELECT rotation FROM run WHERE play = 'errors' ORDER BY rotation")
    assert [row["rotation"] for row in found] == [0, 1]
    assert [row["why"] for row in await rows("SELECT why FROM left_out ORDER BY at")] == [
        "too_early", "too_early",
    ]  # fmt: skip


STORY = [
    started(), error(START + HOUR, 1), error(START + 2 * HOUR, 2), completed(START + 3 * HOUR),
]  # fmt: skip
SHOWN = (
    "SELECT play, rotation, state, step, visit, ending FROM run ORDER BY play, rotation",
    "SELECT id, kind, about FROM effect ORDER BY id",
)


async def test_any_interleaving_of_topics_gives_the_same_runs_and_effects(engine, rows):
    lifecycle, app = [STORY[0], STORY[3]], [STORY[1], STORY[2]]
    now, seen = START + 5 * HOUR, set()
    for places in itertools.combinations(range(4), 2):
        await empty(engine)
        journey = Engine(engine, HELP, ERRORS)
        await journey.publish()
        topics = iter(lifecycle), iter(app)
        for n in range(4):
            await journey.handle(next(topics[0 if n in places else 1]), now=now)
        seen.add(str([await rows(query) for query in SHOWN]))
        await journey.handle(*lifecycle, now=now)  # told once more
        assert str([await rows(query) for query in SHOWN]) in seen
    assert len(seen) == 1, seen
    assert "reached" in seen.pop()


async def test_a_run_that_cannot_be_worked_out_waits_alone_until_the_play_is_another(
    engine, rows, monkeypatch
):
    journey = Engine(engine, HELP)
    await journey.publish()
    await journey.handle(*(started(customer=f"c-{n}") for n in range(3)))
    steps = journey.rules.playbook.plays["help"].steps
    look = type(steps[0].does).look

    def odd(self, at):
        if at.customer == "c-1":
            raise ValueError("something of this customer alone")
        return look(self, at)

    monkeypatch.setattr(type(steps[0].does), "look", odd)
    await journey.fire(START + 3 * HOUR)
    found = {row["customer"]: row["state"] for row in await rows("SELECT customer, state FROM run")}
    assert found == {"c-0": "active", "c-1": "parked", "c-2": "active"}
    assert len(await rows("SELECT 1 FROM message")) == 2
    (line,) = await rows("SELECT why FROM run_line WHERE what = 'parked'")
    assert line == {"why": "ValueError"}

    monkeypatch.undo()
    mended = Engine(engine, HELP.replace("says: Helps.", "says: Helps better."))
    await mended.publish(START + 4 * HOUR)
    await mended.fire(START + 4 * HOUR)
    assert len(await rows("SELECT 1 FROM message")) == 3
    assert {row["version"] for row in await rows("SELECT version FROM run")} == {1, 2}


async def test_a_play_that_is_taken_away_ends_its_runs_and_their_tasks(engine, rows, told):
    journey = Engine(engine, text(
        "  - {step: call, task: Call, team: onboarding, do: Call., due: 1d, results: [helped]}"
    ), ERRORS)  # fmt: skip
    await journey.publish()
    await journey.handle(started())
    assert [row["state"] for row in await rows("SELECT state FROM task")] == ["open"]
    assert [event.change for event in await told(TaskChanged)] == ["opened"]
    without = Engine(engine, ERRORS)
    await without.publish(START + HOUR)
    await without.fire(START + HOUR)
    assert await rows("SELECT state, ending FROM run") == [{"state": "ended", "ending": "retired"}]
    assert [row["state"] for row in await rows("SELECT state FROM task")] == ["cancelled"]
    back = Engine(engine, HELP, ERRORS)
    await back.publish(START + 2 * HOUR)
    assert back.rules.versions == {"help": 2, "errors": 1}


async def test_two_processes_that_start_publish_once(engine, rows):
    first, second = Engine(engine, HELP), Engine(engine, HELP)
    await first.publish()
    await second.publish()
    assert first.rules.versions == second.rules.versions == {"help": 1}
    assert len(await rows("SELECT 1 FROM play_version")) == 1
