"""`plan check`: what is wrong with a playbook stops it, what it leaves out is only said."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.journey.plays import ASKS, FACTS, MAIL, TEAMS, text
from tools.plan.cli import app

NO_POINTS = re.compile(r"    touch_points:\n(      .*\n)+")
MAP = Path(__file__).parents[3] / "playbooks/home-camera/journey.yaml"


@pytest.fixture
def folder(tmp_path):
    points = "".join(
        f"      - {{moment: {moment}, channel: {channel}, message: Hello, play: {play}}}\n"
        for moment, channel, play in (
            ("when they come back", "phone", "welcome"),
            ("when they ask", "chat", "help"),
        )
    )
    last = "  - stage: returned\n    says: Came back.\n    enter: {all: [{fact: devices, op: '>', value: 9}]}\n"
    (tmp_path / "journey.yaml").write_text(
        f"{NO_POINTS.sub('', MAP.read_text())}\n{last}    touch_points:\n{points}"
    )
    for part in ("plays", "messages"):
        (tmp_path / part).mkdir()
    (tmp_path / "teams.yaml").write_text(TEAMS)
    for name in ("one", "two"):
        (tmp_path / "messages" / f"{name}.md").write_text(MAIL % "help")
    (tmp_path / "plays" / "help.yaml").write_text(text("  - {step: first, mail: one}"))
    return tmp_path


def checked(folder):
    found = CliRunner().invoke(app, ["check", str(folder)])
    return found.exit_code, found.output


def test_a_playbook_that_is_right_and_what_it_leaves_out(folder):
    code, said = checked(folder)
    assert (
        code,
        "1 plays, 1 steps, 2 messages, 2 teams, 0 linkages: nothing is wrong." in said,
    ) == (0, True)
    for sentence in (
        "stage `engaged`: no play begins or stays there",
        "play `help`: no goal, so nothing is measured",
        "play `help`: step `first` says nothing of what it is for",
        "message `two`: no play sends it",
        "team `onboarding`: no play asks it",
        "stage `engaged`: no touch points",
        "touch point `when they come back`: no goal",
        "touch point `when they come back`: gives the customer nothing of value",
        "touch point `when they come back`: there is no play `welcome`",
        "touch point `when they ask`: play `help` asks no person",
        "channel `email`: plays write to customers, and no touch point says when",
        "no play asks for the risk of a customer",
        "no play asks for referrals, purchases or devices",
        "3 assign them\n",
        "4 link the teams: nothing is missing",
    ):
        assert sentence in said
    assert "stage `onboarding`: no play" not in said
    assert "channels phone" not in said


def test_what_the_map_says_and_the_plays_do_on_a_channel(folder):
    point = "{moment: now, channel: email, message: Hello, goal: G., play: help, gives: A word.}"
    (folder / "journey.yaml").write_text(
        "stages: [{stage: onboarding, says: S., enter: {all: [{fact: devices, op: '>', value: 9}]},"
        f" touch_points: [{point}]}}]\n"
    )
    call = "  - {step: call, task: T, team: onboarding, do: D., due: 1d, results: [done]}"
    (folder / "plays" / "help.yaml").write_text(text(call))
    _, said = checked(folder)
    assert "touch point `now`: play `help` writes nothing" in said
    assert "channels phone, chat, meeting: plays ask persons, and no touch point says when" in said


GOAL = "goal: {all: [{fact: %s, op: '==', value: %s}]}"
MAIL_STEP = "  - {step: first, mail: one}"
WAITED = f"{MAIL_STEP}\n  - {{step: then, wait: 3d}}"
RATED = "  - {step: first, rate: contented, message: asks, at_most: 3d}"


@pytest.mark.parametrize(
    ("steps", "goal", "warned"),
    [
        (MAIL_STEP, ("setup_completed", "true"), True),
        (WAITED, ("setup_completed", "true"), False),
        (f"{WAITED}\n  - {{step: last, mail: two}}", ("setup_completed", "true"), True),
        (RATED, ("setup_completed", "true"), True),
        (RATED, ("contented", "5"), False),
    ],
    ids=[
        "the mail is last",
        "it waits",
        "a mail after it",
        "the question is last",
        "that is asked",
    ],
)
def test_a_goal_that_nobody_waits_for_is_told(folder, steps, goal, warned):
    (folder / "facts.yaml").write_text(FACTS)
    (folder / "messages" / "asks.md").write_text(ASKS % "survey")
    (folder / "plays" / "help.yaml").write_text(text(steps, more=GOAL % goal))
    code, said = checked(folder)
    assert (code, "so a goal reached by it counts as missed" in said) == (0, warned), said


def test_a_playbook_that_is_wrong(folder):
    (folder / "plays" / "bad.yaml").write_text(text("  - {step: first, mail: onne}", name="bad"))
    code, said = checked(folder)
    assert code == 1
    assert "plays/bad.yaml:6: steps[0].mail: unknown message `onne`; did you mean `one`?" in said
    assert checked(folder / "nowhere")[0] == 1


@pytest.mark.parametrize("name", ["home-camera", "smart-lock"])
def test_our_own_playbooks_are_right_and_leave_nothing_out(name):
    code, said = checked(MAP.parents[1] / name)
    _, *steps = said.strip().splitlines()
    assert (code, len(steps)) == (0, 9)
    assert [step for step in steps if not step.endswith(": nothing is missing")] == []


def test_the_beginning_of_a_playbook_is_right():
    code, said = checked(MAP.parents[1] / "wearable")
    assert (code, "counts as missed" in said) == (0, False)
