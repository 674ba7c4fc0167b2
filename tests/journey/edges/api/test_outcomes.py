"""What a play brings about, over HTTP: counted from real rows."""

from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from tests.journey.conftest import START
from tests.journey.engine import Engine
from tests.journey.outcomes import run_rows
from tests.journey.plays import text
from tests.signed import headers

pytestmark = pytest.mark.servers
DAY = timedelta(days=1)


@pytest.fixture
async def lived(engine, client, clock):
    """100 with the play of whom 60 reach its goal, 40 without of whom 10 do; ten days later."""
    made = Engine(engine, text("  - {step: rest, wait: 30d}"))
    await made.publish(START)
    client._transport.app.state.units.rules = made.rules
    clock.moment = START + 10 * DAY
    await run_rows(engine, "help", START, [
        (False, 1, "reached", 2, 40), (False, 2, "reached", 2, 20), (False, 2, None, None, 30),
        (False, 1, "left", 4, 10), (True, 1, "reached", 2, 10), (True, 1, None, None, 30),
    ])  # fmt: skip
    return made


async def test_the_outcome_of_a_play_with_it_and_without_it(lived, client):
    found = (await client.get("/v1/plays/help/outcome", headers=headers("marketing"))).json()
    assert (found["treated"]["runs"], found["control"]["runs"]) == (100, 40)
    assert found["treated"]["shares"][:3] == pytest.approx([0, 0, 0.6])
    added = found["lift"]
    assert (added["treated"], added["control"]) == pytest.approx((0.6, 0.25))
    assert added["difference"] == pytest.approx(0.35)
    assert 0.1 < added["low"] < 0.35 < added["high"] < 0.6
    assert found["versions"] == [
        {"version": 2, "reached": 20, "missed": 0, "waiting": 30},
        {"version": 1, "reached": 40, "missed": 10, "waiting": 0},
    ]
    assert found["teams"] == []
    [listed] = (await client.get("/v1/plays", headers=headers("marketing"))).json()
    assert listed["lift"] == added


async def test_of_a_play_nobody_published_there_is_none(client):
    assert (await client.get("/v1/plays/nothing/outcome")).status_code == 404


async def test_a_team_is_told_what_came_of_the_runs_in_which_it_did_a_task(lived, client, engine):
    done = (
        "INSERT INTO task (id, run, customer, play, step, visit, team, title, says, results,"
        " state, opened_at, due_at, version, done_at)"
        " SELECT 't-' || id || n, id, customer, play, 'call', n, 'onboarding', 'Call', '', '{}',"
        " 'done', entered_at, entered_at, 1, entered_at"
        " FROM run, generate_series(1, 2) n WHERE ending = 'reached' OR state = 'active'"
    )
    async with engine.begin() as connection:
        await connection.execute(sql(done))
    found = (await client.get("/v1/plays/help/outcome", headers=headers("lead"))).json()
    team = {"team": "onboarding", "reached": 60, "missed": 0, "waiting": 30}
    assert found["teams"] == [team]  # twice called is once reached; those compared count nowhere


async def test_how_often_each_step_was_begun_and_what_came_of_it(lived, client, engine):
    lines = (
        "INSERT INTO run_line (run, n, what, step, visit, why, version, at, noted_at)"
        " SELECT run.id, n, what, line.step, 1, why, version, entered_at, entered_at FROM run,"
        " (VALUES (1, 'entered', NULL, 'cause'), (2, 'begun', 'rest', 'wait'),"
        " (3, 'outcome', 'rest', 'over: for a reason'), (4, 'begun', 'mail', 'mail'))"
        " AS line(n, what, step, why) WHERE n < 3 OR ending = 'reached'"
    )
    async with engine.begin() as connection:
        await connection.execute(sql(lines))
    found = (await client.get("/v1/plays/help/outcome", headers=headers("lead"))).json()
    assert found["steps"] == [  # of the hundred, not of those compared with
        {"step": "mail", "begun": 60, "outcomes": {}},
        {"step": "rest", "begun": 100, "outcomes": {"over": 60}},
    ]
