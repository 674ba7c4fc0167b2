"""Simulated people: when they answer, what they forget, decline and pass on."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from services.journey.domain.stages.read_map import read_map
from services.journey.edges.playbook import load_playbook
from tests.house.test_house import ROOT
from tools.staff.persona import (
    FAST,
    FORGETS,
    HOUR,
    SLOW,
    STAFF,
    Person,
    answers,
    is_time,
    kept,
    passes_on,
    result,
    whose,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TASKS = [f"task-{n}" for n in range(400)]


def somebody(persona):
    return Person("Ann", "onboarding", "csm", persona)


@pytest.mark.parametrize(
    ("persona", "waited", "expected"),
    [(FAST, HOUR, 0.0), (FAST, 2 * HOUR, 1.0), (SLOW, 19 * HOUR, 0.0), (SLOW, 20 * HOUR, 1.0),
     (FORGETS, timedelta(days=3), 0.6), (FORGETS, timedelta(days=5), 1.0)],
    ids=["fast, early", "fast", "slow, early", "slow", "forgets", "was reminded"],
)  # fmt: skip
def test_when_people_see_to_what_they_are_asked(persona, waited, expected):
    seen = sum(is_time(somebody(persona), task, AT, AT + waited) for task in TASKS)
    assert seen / len(TASKS) == pytest.approx(expected, abs=0.08)


def test_the_same_task_is_done_alike_and_all_kinds_of_results_come():
    slow = somebody(SLOW)
    assert {result(task, ["helped", "not reached"]) for task in TASKS} == {"helped", "not reached"}
    declined = [task for task in TASKS if answers(slow, task) == "decline"]
    assert len(declined) / len(TASKS) == pytest.approx(0.3, abs=0.08)
    assert declined == [task for task in TASKS if answers(slow, task) == "decline"]
    assert 0 < sum(passes_on(slow, task) for task in TASKS) < 200
    assert {whose(task, STAFF).name for task in TASKS} == {person.name for person in STAFF}


def test_the_staff_are_the_teams_of_the_playbook():
    folder = ROOT / "playbooks/home-camera"
    stages = read_map((folder / "journey.yaml").read_text("utf-8"), "journey.yaml").stages
    teams = load_playbook(folder, [stage.name for stage in stages]).teams
    assert {person.team for person in STAFF} == set(teams)
    for person in STAFF:
        team = teams[person.team]
        assert team.organisation == person.organisation
        assert person.role in team.roles
        assert set(person.skills) <= team.skills
    for name, team in teams.items():
        known = {skill for person in STAFF if person.team == name for skill in person.skills}
        assert known == team.skills, "tasks that ask for it wait for ever"


def test_an_agreed_call_is_missed_by_few():
    results = ["helped", "does not work", "no show"]
    came = Counter(kept(f"call-{n}", results, "no show") for n in range(1_000))
    assert set(came) == set(results)
    assert 100 < came["no show"] < 200
