"""The selection of `make faults` that runs in `make test`: each trial is one test, on one system."""

import asyncio

import pytest

from tools.faults.run import run
from tools.faults.trial import not_run, rows_of
from tools.faults.trials import TRIALS

SELECTED = [trial for trial in TRIALS if trial.selected]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """All of them, one after another, as `python -m tools.faults --selected` does."""
    folder = tmp_path_factory.mktemp("faults")
    found = asyncio.run(run(SELECTED, folder, lambda outcome: None))
    return {outcome.row: outcome for outcome in found}


@pytest.mark.servers
@pytest.mark.parametrize("trial", SELECTED, ids=lambda trial: f"{trial.row} {trial.name}")
def test_nothing_is_lost_or_counted_twice(outcomes, trial):
    outcome = outcomes[trial.row]
    assert outcome.wrong == []
    assert (outcome.lost, outcome.duplicate_effects) == (0, 0)
    assert outcome.published == outcome.acked == outcome.kafka > 0


def test_every_row_is_there_once():
    rows = [row for trial in TRIALS for row in (trial.row, *trial.also)]
    assert len(set(rows)) == len(rows)
    assert {*(str(n) for n in range(27)), *(f"N{n}" for n in range(1, 25))} <= set(rows)


def test_a_trial_has_a_line_for_every_row_it_shows():
    trial = next(trial for trial in TRIALS if trial.also)
    lines = [line.as_json() for line in rows_of(trial, not_run(trial, "it did not start"))]
    assert [line["row"] for line in lines] == [trial.row, *trial.also]
    asked = "row name ok published acked kafka lost duplicate_effects seconds said"
    assert all(set(asked.split()) <= set(line) for line in lines)
