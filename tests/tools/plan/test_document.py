"""A team's play document: what it does, in the words of the playbook."""

import pytest
from typer.testing import CliRunner

from tools.plan.cli import playbooks


@pytest.mark.parametrize(
    ("team", "says"),
    [
        ("onboarding", ["# Onboarding", "## Set-up help", "At a time that the customer chooses, for 15 min.", "- no show: goes on with **a day later**", "Due within 1 d. The camera has been waiting",
                        "- not reached: goes on with **a day later**", "### Mail: Your camera is nearly there",
                        "Measure: setup_completed == True / first_use == True",
                        "You offer it to helpers by the linkage `late set-ups`",
                        "- **late set-ups**: onboarding to helpers."]),
        ("helpers", ["Offered to you by the linkage `late set-ups`", "Time to answer and to act runs in its hours, Europe/Berlin.",
                     "Accepted within 2 d, else it goes to onboarding."]),
        ("leads", ["else it goes to leads."]),
    ],
)  # fmt: skip
def test_a_team_reads_what_it_does(team, says):
    written = CliRunner().invoke(playbooks, ["print", "--team", team])
    assert written.exit_code == 0, written.output
    for line in says:
        assert line in written.output


def test_a_team_that_is_none_is_named_with_the_nearest():
    written = CliRunner().invoke(playbooks, ["print", "--team", "onbording"])
    assert written.exit_code == 2
    assert "did you mean" in written.output
