"""Who of a team gets a task, and which team does it."""

from datetime import UTC, datetime, timedelta

import pytest

from services.journey.domain.plays.assignment import Assignment, team_of
from services.journey.domain.plays.owner import Member, given, owner_of
from services.journey.domain.plays.read_playbook import read_playbook
from tests.journey.plays import STAGES, text, texts

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANN = Member("ann", frozenset({"german"}), open=3, given_at=NOON)
BEN = Member("ben", open=1, given_at=NOON - timedelta(hours=1))
CY = Member("cy", frozenset({"german"}), open=2, given_at=NOON - timedelta(minutes=1))
NEW = Member("zoe", open=9)


@pytest.mark.parametrize(
    ("way", "skill", "people", "expected"),
    [
        pytest.param("nobody", None, [ANN, BEN], None, id="nobody"),
        pytest.param("load", None, [], None, id="a team of nobody"),
        pytest.param("round_robin", None, [ANN, BEN, CY], "ben", id="longest ago"),
        pytest.param("round_robin", None, [ANN, NEW, CY], "zoe", id="never yet"),
        pytest.param("round_robin", "german", [ANN, BEN], "ben", id="turns ask for no skill"),
        pytest.param("load", None, [ANN, BEN, CY], "ben", id="fewest"),
        pytest.param("skill", "german", [ANN, BEN, CY], "cy", id="of those who can, the fewest"),
        pytest.param("skill", None, [ANN, BEN, CY], "ben", id="anybody can"),
        pytest.param("skill", "french", [ANN, BEN, CY], None, id="nobody can"),
    ],
)
def test_whose_a_task_is(way, skill, people, expected):
    assert owner_of(way, skill, people) == expected
    assert owner_of(way, skill, people[::-1]) == expected


@pytest.mark.parametrize(
    ("csm", "expected"),
    [("cy", "cy"), ("away", "ben"), (None, "ben")],
    ids=["has the customer", "has them, but is not of the team", "nobody has them"],
)
def test_what_is_to_do_for_a_customer_is_their_csms(csm, expected):
    assert owner_of("csm", None, [ANN, BEN, CY], csm) == expected


@pytest.mark.parametrize("way", ["round_robin", "load", "csm"])
def test_everybody_has_a_turn_within_one_moment(way):
    teams, got = {"a": [Member("ann"), Member("ben"), Member("cy")]}, []
    for _ in range(6):
        got.append(owner_of(way, None, teams["a"]))
        teams = given(teams, "a", got[-1], NOON)
    assert got == ["ann", "ben", "cy"] * 2


def test_what_somebody_got_of_one_team_counts_for_another():
    teams = {"a": [Member("ann")], "b": [Member("ann"), Member("ben", open=1)]}
    after = given(given(teams, "a", "ann", NOON), "a", "ann", NOON)
    assert owner_of("load", None, after["b"]) == "ben"
    assert after["b"][0].given_at is None  # it was no turn of this team


RUNS = [f"run-{n}" for n in range(2_000)]


def moved(percent):
    share = [Assignment("help", None, "new", percent)]
    return {run for run in RUNS if team_of(run, "help", "call", "old", share) == "new"}


def test_a_share_is_a_share_and_grows():
    fifth, half = moved(20), moved(50)
    assert (len(fifth) / len(RUNS), len(half) / len(RUNS)) == pytest.approx((0.2, 0.5), abs=0.03)
    assert fifth < half < moved(100) == set(RUNS)


@pytest.mark.parametrize(
    ("step", "expected"), [("call", "callers"), ("ask", "everyone")], ids=["its own", "the play's"]
)
def test_what_is_said_of_a_step_comes_before_what_is_said_of_the_play(step, expected):
    both = [Assignment("help", None, "everyone", 100), Assignment("help", "call", "callers", 100)]
    assert team_of("r", "help", step, "old", both) == expected
    assert team_of("r", "other", step, "old", both) == "old"


TEAM = "- {team: onboarding, says: Helps., roles: [csm], %s}\n"
CALL = "  - {step: c, task: Call, team: onboarding, do: x, due: 1d, results: [a], skill: %s}"


@pytest.mark.parametrize(
    ("more", "skill", "expected"),
    [
        ("owner: lode", None, "teams.yaml:1: [0].owner: unknown way `lode`; did you mean `load`?"),
        ("owner: skill", None, "teams.yaml:1: [0].owner: a team that gives tasks by skill names its `skills`"),
        ("skills: [german]", "germn", "plays/0.yaml:6: steps[0].skill: unknown skill of the team `germn`; did you mean `german`?"),
    ],
)  # fmt: skip
def test_mistakes_are_named(more, skill, expected):
    steps = "  - {step: first, mail: one}" if skill is None else CALL % skill
    _, problems = read_playbook(texts(text(steps), teams=TEAM % more), STAGES)
    assert expected in [str(problem) for problem in problems]
