"""Who is held out of all plays, and how fast mails go to one domain: on PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.journey.domain.messages.rate import Rate
from services.journey.domain.messages.verdict import Rules as Sending
from services.journey.domain.rules import Rules
from services.journey.handlers.plays.tasks import finish
from shared.events import TicketChanged
from shared.web.who import Who
from tests.journey.conftest import MAP
from tests.journey.edges.api.test_consents import ONE
from tests.journey.engine import NOON, Engine, started, with_address
from tests.journey.plays import playbook, text

pytestmark = pytest.mark.servers
CUSTOMERS = [f"c-{n}" for n in range(40)]
TROUBLE = text("  - {step: first, mail: one}", more="everybody: true", name="trouble")


def journey_of(engine, *plays, smtp="smtp://127.0.0.1:1", **sending):
    return Engine(engine, smtp=smtp, rules=Rules(MAP, playbook(*plays), Sending(**sending)))


async def test_who_is_held_out_of_all_plays_stays_so_whatever_the_share_becomes(
    engine, rows, client
):
    journey = journey_of(engine, ONE, TROUBLE, holdout=0.2)
    await journey.publish()
    await with_address(engine, *CUSTOMERS)
    await journey.handle(*(started(NOON, id_) for id_ in CUSTOMERS[:20]), now=NOON)
    await journey.send(NOON)
    drawn = {row["customer"]: row["held_out"] for row in await rows("SELECT * FROM holdout")}
    out = {id_ for id_, held in drawn.items() if held}
    assert drawn.keys() == set(CUSTOMERS[:20])
    assert 0 < len(out) < 10
    runs = await rows("SELECT customer, play, control FROM run")
    assert {row["customer"] for row in runs if row["control"]} == out
    assert not [row for row in runs if row["control"] and row["play"] == "trouble"]
    messages = await rows("SELECT customer, play, why FROM message")
    assert {row["customer"] for row in messages if row["why"] == "held_out_of_all"} == out
    assert not [
        row for row in messages if row["why"] == "held_out_of_all" and row["play"] != "help"
    ]
    (one,) = {min(out)}
    shown = (await client.get(f"/v1/customers/{one}/plays")).json()
    assert shown["held_out"] is True
    # in shadow: the run of who is held out went on as those of the others did
    assert {row["step"] for row in await rows("SELECT step FROM run WHERE control")} == {"then"}
    journey.rules = replace(journey.rules, sending=Sending(holdout=0.0001))
    journey.units.rules = journey.rules
    await journey.handle(*(started(NOON, id_) for id_ in CUSTOMERS[20:]), now=NOON)
    later = {row["customer"]: row["held_out"] for row in await rows("SELECT * FROM holdout")}
    assert {id_: later[id_] for id_ in CUSTOMERS[:20]} == drawn


async def test_mails_to_one_domain_have_their_turns_and_none_is_lost(engine, rows, smtp):
    journey = journey_of(engine, ONE, smtp=smtp, rate=Rate(10))
    await journey.publish()
    await with_address(engine, *CUSTOMERS[:14])
    await with_address(engine, "far", email="{}@elsewhere.example")
    everybody = [*CUSTOMERS[:14], "far"]
    await journey.handle(*(started(NOON, id_) for id_ in everybody), now=NOON)
    await journey.send(NOON)

    async def by_reason():
        counted: dict[str, int] = {}
        for row in await rows("SELECT why FROM message"):
            counted[row["why"]] = counted.get(row["why"], 0) + 1
        return counted

    assert await by_reason() == {"nothing_against": 11, "rate": 4}
    assert "elsewhere" not in str(await rows("SELECT * FROM mail_rate"))
    due = [row["due_at"] for row in await rows(
        "SELECT due_at FROM effect WHERE state = 'planned' ORDER BY due_at"
    )]  # fmt: skip
    assert [at - NOON for at in due] == [timedelta(seconds=6 * n) for n in (1, 2, 3, 4)]
    await journey.send(NOON + timedelta(seconds=13))
    assert await by_reason() == {"nothing_against": 13, "rate": 2}
    await journey.send(NOON + timedelta(seconds=60))
    assert await by_reason() == {"nothing_against": 15}


ASKS = text(
    "  - {step: write, mail: one}\n  - {step: rest, wait: 9d}\n"
    "  - {step: call, task: Call, team: onboarding, do: Call., due: 1d, results: [done]}"
)
CSM = Who("account:cy", "person", frozenset({"csm"}))
RENEWAL = "---\nsubject: Soon\ntopic: renewal\npurpose: renewal\n---\nSoon.\n"


async def test_a_renewal_that_trouble_holds_for_a_week_is_spoken_of_by_a_person(engine, rows, smtp):
    rules = Rules(MAP, playbook(ASKS, one=RENEWAL), Sending(holdout=0))
    journey = Engine(engine, smtp=smtp, rules=rules)
    await journey.publish()
    await with_address(engine, "c-1", "c-2")
    opened = TicketChanged(
        at=NOON, ticket="t", change="opened", state="open", version=1, customer="c-1"
    )
    await journey.handle((opened, "t:1"), now=NOON)
    await journey.handle(started(NOON), started(NOON, "c-2"), now=NOON)
    await journey.send(NOON)
    await journey.send(NOON + timedelta(days=6, hours=23))
    said = {row["customer"]: row["why"] for row in await rows("SELECT customer, why FROM message")}
    assert said == {"c-1": "trouble_open", "c-2": "nothing_against"}
    later = NOON + timedelta(days=7, hours=2)
    for _ in range(2):  # a task is opened once
        await journey.send(later)
    said = {row["customer"]: row["why"] for row in await rows("SELECT customer, why FROM message")}
    assert said["c-1"] == "trouble_lasted"
    (task,) = await rows("SELECT * FROM task")
    assert (task["customer"], task["team"], task["step"]) == ("c-1", "onboarding", "write")
    assert task["due_at"] - later == timedelta(days=2)
    standing = "SELECT customer, step FROM run ORDER BY customer"
    assert [row["step"] for row in await rows(standing)] == ["write", "rest"]
    journey.clock.moment = later
    async with journey.units.begin(CSM) as unit:
        await finish(unit, task["id"], "will renew", None)
    assert [row["step"] for row in await rows(standing)] == ["rest", "rest"]


async def test_of_who_is_compared_no_person_is_asked_and_they_go_on(engine, rows, smtp):
    rules = Rules(MAP, playbook(ASKS.replace("steps:", "control: 0.5\nsteps:"), one=RENEWAL))
    journey = Engine(engine, smtp=smtp, rules=rules)
    await journey.publish()
    await with_address(engine, *CUSTOMERS)
    for id_ in CUSTOMERS:
        opened = TicketChanged(
            at=NOON, ticket=f"t-{id_}", change="opened", state="open", version=1, customer=id_
        )
        await journey.handle((opened, f"t-{id_}:1"), now=NOON)
    await journey.handle(*(started(NOON, id_) for id_ in CUSTOMERS), now=NOON)
    await journey.send(NOON)
    await journey.send(NOON + timedelta(days=7, hours=2))
    runs = await rows("SELECT customer, control, step, ending FROM run")
    compared = {(row["step"], row["ending"]) for row in runs if row["control"]}
    assert compared == {("rest", None)}
    called = {row["customer"] for row in await rows("SELECT customer FROM task")}
    assert called == {row["customer"] for row in runs if not row["control"]}
