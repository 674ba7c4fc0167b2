"""`plan check`: what is wrong with a playbook stops it, what it leaves out is only said."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.journey.plays import MAIL, TEAMS, text
from tools.plan.cli import app

MAP = Path(__file__).parents[3] / "playbooks/home-camera/journey.yaml"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "journey.yaml").write_text(MAP.read_text())
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
    assert (code, "1 plays, 1 steps, 2 messages, 1 teams: nothing is wrong." in said) == (0, True)
    for sentence in (
        "stage `engaged`: no play begins or stays there",
        "play `help`: no goal, so nothing is measured",
        "play `help`: step `first` says nothing of what it is for",
        "message `two`: no play sends it",
        "team `onboarding`: no play asks it",
    ):
        assert sentence in said
    assert "stage `onboarding`" not in said


def test_a_playbook_that_is_wrong(folder):
    (folder / "plays" / "bad.yaml").write_text(text("  - {step: first, mail: onne}", name="bad"))
    code, said = checked(folder)
    assert code == 1
    assert "plays/bad.yaml:6: steps[0].mail: unknown message `onne`; did you mean `one`?" in said
    assert checked(folder / "nowhere")[0] == 1


@pytest.mark.parametrize("name", ["home-camera", "smart-lock"])
def test_our_own_playbooks_are_right_and_leave_nothing_out(name):
    code, said = checked(MAP.parents[1] / name)
    assert (code, said.strip().splitlines()[1:]) == (0, [])


def test_the_beginning_of_a_playbook_is_right():
    assert checked(MAP.parents[1] / "wearable")[0] == 0
