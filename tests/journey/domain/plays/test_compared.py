"""A play that does nothing for anybody adds nothing: who is compared is seen as long as the others are."""

from dataclasses import replace

import pytest

from services.journey.domain.customers.state import Dated, State
from services.journey.domain.plays.advance import advance
from services.journey.domain.plays.outcome import Runs, curve, lift
from services.journey.domain.plays.run import Known, OpenTask, Run
from tests.journey.plays import play

DAY = 86_400
PLAY = play(
    """
  - step: how much
    if: {all: [{fact: risk_tier, op: "==", value: at_risk}]}
    then: {yes: call, no: watched}
  - {step: call, task: Call, team: onboarding, do: Call., due: 1d, results: [helped, no wish]}
  - step: watched
    wait_for: {until: {all: [{fact: risk_tier, op: "==", value: none}]}, at_most: 30d}
""",
    starts="{happens: risk_tier}",
    more="goal: {all: [{fact: risk_tier, op: '==', value: none}]}",
)


def lived(n, tier, better, *, control):
    """A run to its end, looked at each day; its risk goes on the day `better`, with or without the play."""
    risks = [Dated(0, "a", tier), Dated(better * DAY, "b", "none")]
    run = Run(f"r{n}", "help", f"c{n}", "", 0, "x", 0, 1, control=control)
    for day in range(60):
        known = Known(State(risks=risks[: 1 + (day >= better)]), None)
        moved = advance(PLAY, run, known, day * DAY, 1)
        tasks = [act for act in moved.acts if isinstance(act, OpenTask)]
        assert not (control and tasks)
        run = moved.run
        if tasks:  # somebody calls at once, and nothing comes of it
            run = replace(run, told="no wish")
        if run.state == "ended":
            break
    return run


def counted(runs):
    fates = {"reached": "reached", "left": "left"}
    return [
        Runs(run.control, 1, fates.get(run.ending, "unseen"), run.ended // DAY, 1) for run in runs
    ]


@pytest.mark.parametrize(
    ("better", "share"), [(200, 0.5), (12, 1.0)], ids=["who may leave leaves", "gets better late"]
)
def test_a_play_that_changes_nothing_adds_nothing(better, share):
    groups = [
        curve(counted(
            [lived(n, "watch", 5, control=control) for n in range(50)]
            + [lived(50 + n, "at_risk", better, control=control) for n in range(50)]
        ))
        for control in (False, True)
    ]  # fmt: skip
    found = lift(*groups)
    assert found.treated == pytest.approx(share, abs=0.02)
    assert found.difference == pytest.approx(0, abs=0.02)
