"""A play over the real past: what really happened, rehearsed with what ran, is what really happened."""

import random
from datetime import timedelta

import pytest

from services.journey.domain.days import seconds
from services.journey.domain.rehearsals.life import Played
from services.journey.domain.rehearsals.live import live
from services.journey.handlers.plays.rehearse import Asked, rehearse
from services.journey.handlers.plays.tasks import finish
from services.journey.store.plays.pasts import Pasts
from shared.events import TicketChanged
from shared.web.who import Who
from tests.journey.conftest import START
from tests.journey.engine import Engine, completed, error, started, with_address
from tests.journey.plays import text

pytestmark = pytest.mark.servers
DAY = timedelta(days=1)
HELP = text(
    """
  - {step: rest, wait: 2h, until: "07:30"}
  - {step: first, mail: one}
  - {step: listens, wait_for: {happens: app_errors, at_most: 1d}}
  - {step: forks, if: {all: [{fact: in_support, op: "==", value: true}]}, then: {"no": call}}
  - {step: second, mail: two}
  - {step: call, task: Call, team: onboarding, do: Call them., due: 1d, results: [helped, again],
     then: {again: rest}}
""",
    more='goal: {all: [{fact: setup_completed, op: "==", value: true}]}\ncontrol: 0.2\n',
)
ERRORS = text(
    '  - {step: first, mail: two}\n  - {step: more, wait: 3h}\n  - {step: then, mail: one}',
    "{happens: app_errors}", "again: 2d\npriority: 90", "errors",
)  # fmt: skip
WHO = Who("ben", "person", frozenset({"lead"}))
SHOWN = (
    "SELECT id, rotation, cause, entered_at, state, step, visit, ending, ended_at, control FROM run"
    " WHERE play = '{}' ORDER BY id"
)
SAID = (
    "SELECT step, visit, verdict, why, run FROM message WHERE play = '{}' AND verdict IS NOT NULL"
    " ORDER BY run, visit"
)


def ticket(customer, at, state):
    version, change = (1, "opened") if state == "open" else (2, "resolved")
    event = TicketChanged(
        at=at, ticket=f"{customer}-t", customer=customer, state=state, change=change,
        version=version,
    )  # fmt: skip
    return event, f"{customer}/{state}"


def story(seed):
    """What happens to some customers in a fortnight, in time order."""
    rng = random.Random(seed)
    found = []
    for n in range(6):
        id_ = f"c-{n}"
        at = START + DAY + timedelta(seconds=rng.randrange(86_400))
        found.append((at, started(at, id_)))
        for k in range(rng.randrange(8)):
            when = START + timedelta(seconds=rng.randrange(14 * 86_400))
            found.append((when, error(when, k, id_)))
        if rng.random() < 0.5:
            when = at + timedelta(seconds=rng.randrange(6 * 86_400))
            found.append((when, completed(when, id_)))
        if rng.random() < 0.7:
            opened = START + timedelta(seconds=rng.randrange(8 * 86_400))
            closed = opened + timedelta(seconds=rng.randrange(4 * 86_400))
            found += [
                (opened, ticket(id_, opened, "open")),
                (closed, ticket(id_, closed, "resolved")),
            ]
    return sorted(found, key=lambda one: (one[0], one[1][1]))


async def lived(journey, rows, events, until):
    """Everything at its time: events, timers, mails; a person does each task after some hours."""
    nxt = (
        "SELECT min(at) AS at FROM (SELECT due_at AS at FROM run UNION ALL SELECT due_at FROM customer"
        " UNION ALL SELECT due_at FROM effect WHERE state = 'planned') a"
    )
    tasks = (
        "SELECT id, opened_at, visit FROM task WHERE state = 'open' ORDER BY opened_at, id LIMIT 1"
    )
    now = START
    while True:
        (due,) = await rows(nxt)
        waiting = await rows(tasks)
        moments = [until + DAY, *([due["at"]] if due["at"] else []), *(e[0] for e in events[:1])]
        if waiting:
            moments.append(waiting[0]["opened_at"] + timedelta(hours=5))
        now = max(now, min(moments))
        if now > until:
            return
        if events and events[0][0] <= now:
            await journey.handle(events.pop(0)[1], now=now)
        elif waiting and waiting[0]["opened_at"] + timedelta(hours=5) <= now:
            journey.clock.moment = now
            async with journey.units.begin(WHO) as unit:
                await finish(
                    unit, waiting[0]["id"], ["again", "helped"][waiting[0]["visit"] % 2], None
                )
        else:
            await journey.fire(now)
        await journey.send(now)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_rehearsing_what_happened_gives_what_happened(engine, rows, smtp, seed):
    journey = Engine(engine, HELP, ERRORS, smtp=smtp, purpose="survey")
    await journey.publish()
    await with_address(engine, *(f"c-{n}" for n in range(6)), zone="Europe/Berlin")
    until = START + 16 * DAY
    await lived(journey, rows, story(seed), until)
    for name in ("help", "errors"):
        really, said = await rows(SHOWN.format(name)), await rows(SAID.format(name))
        assert really, "nobody entered"
        lives = await rehearsed(journey, name, until)
        runs = [run for life in lives for run, _ in life.runs]
        assert [of_run(run) for run in sorted(runs, key=lambda run: run.id)] == [
            of_row(row) for row in really
        ]
        assert sorted(
            (one.run, one.visit, one.step, one.verdict.outcome.value, one.verdict.reason.value)
            for life in lives
            for one in life.said
            if one.verdict.said != "run_ended"
        ) == sorted(
            (r["run"], r["visit"], r["step"], r["verdict"], r["why"])
            for r in said
            if r["why"] != "run_ended"
        )


async def rehearsed(journey, name, until):
    async with journey.engine.connect() as connection:
        past = await Pasts(connection).batch("", 100, name, START - DAY)
    played = Played(
        journey.rules.playbook.plays[name], journey.rules.versions[name],
        journey.rules.playbook.messages, journey.rules.sending, seconds(START - DAY), seconds(until),
    )  # fmt: skip
    return [live(one, played) for one in past]


def of_run(run):
    ended = None if run.ended is None else run.ended
    return (
        run.id, run.rotation, run.cause, run.entered, run.state, run.step, run.visit, run.ending,
        ended, run.control,
    )  # fmt: skip


def of_row(row):
    ended = None if row["ended_at"] is None else seconds(row["ended_at"])
    return (
        row["id"], row["rotation"], row["cause"], seconds(row["entered_at"]), row["state"],
        row["step"], row["visit"], row["ending"], ended, row["control"],
    )  # fmt: skip


async def test_it_writes_nothing_and_says_the_same_twice(engine, rows, smtp):
    journey = Engine(engine, HELP, smtp=smtp)
    await journey.publish()
    await with_address(engine, *(f"c-{n}" for n in range(6)))
    for at, event in story(4):
        await journey.handle(event, now=at)
    tables = ("run", "run_line", "message", "task", "effect", "outbox", "left_out")
    counted = " UNION ALL ".join(f"SELECT count(*) FROM {one}" for one in tables)  # noqa: S608
    counts = await rows(counted)
    found = []
    for _ in range(2):
        async with engine.connect() as connection:
            made = await rehearse(
                Pasts(connection),
                Asked("help", 30),
                journey.rules,
                START + 20 * DAY,
                lambda n: None,
            )
        found.append(made.sums)
    assert found[0].entered.total() == 6
    assert found[0] == found[1]
    assert await rows(counted) == counts
