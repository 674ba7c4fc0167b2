"""The rule that the detector is compared with, at no more false alarms than it has."""

from datetime import date, timedelta

import pytest

from tools.demo.lived import kind, lived
from tools.demo.naive import naive
from tools.demo.scoring import Life, score

FIRST = date(2026, 3, 1)
END = FIRST + timedelta(days=89)


def days(*spans):
    return {FIRST + timedelta(days=n) for first, end in spans for n in range(first, end)}


USED = {
    "stopped": days((0, 40)),
    "away": days((0, 30), (40, 90)),
    "seldom": {FIRST + timedelta(days=n) for n in range(0, 90, 5)},
}
LIVES = {
    "stopped": Life("stop", FIRST + timedelta(days=40), 40, healthy_days=40, kind="stop"),
    "away": Life("steady", None, 90, healthy_days=90),
    "seldom": Life("steady", None, 90, healthy_days=90),
}


@pytest.mark.parametrize(
    ("false_alarms", "rule"),
    [
        pytest.param(0.0, 11, id="none: longer than the longest absence"),
        pytest.param(150.0, 5, id="one in 220 days: the rare user's five days"),
        pytest.param(None, 11, id="nothing to compare with"),
    ],
)
def test_the_shortest_rule_with_no_more_false_alarms(false_alarms, rule):
    found, graded = naive(USED, LIVES, END, false_alarms)
    assert found == rule
    assert graded.recall == 1.0
    assert (graded.false_alarms or 0.0) <= (false_alarms or 0.0)


def test_recall_is_told_by_kind_of_drop():
    graded = naive(USED, LIVES, END, 0.0)[1]
    assert graded.kinds == {"stop": (1, 1)}
    assert score([], LIVES, END).kinds == {"stop": (0, 1)}


@pytest.mark.parametrize(
    ("drop", "said"),
    [
        ({"kind": "stop", "to": 0.03, "half_life_days": 0.0}, "stop"),
        ({"kind": "decline", "to": 0.5, "half_life_days": 0.0}, "to 0.5"),
        ({"kind": "decline", "to": 0.1, "half_life_days": 14.0}, "over weeks"),
    ],
)
def test_kinds_in_words(drop, said):
    assert kind(drop) == said


def test_a_life_knows_what_explains_a_flag():
    told = {
        "persona": "exchanged",
        "joined": "2026-02-01T00:00:00Z",
        "drop": {"kind": "stop", "at": "2026-03-31T00:00:00Z", "to": 0.03, "half_life_days": 0.0},
        "vacations": [{"from": "2026-03-02T00:00:00Z", "to": "2026-03-12T00:00:00Z"}],
        "outages": [],
        "exchanged": {"at": "2026-03-20T00:00:00Z", "days": 12.0},
        "common_decline": "2026-04-01T00:00:00Z",
        "chatty_firmware": None,
    }
    truth = {
        "start": "2026-03-01T00:00:00Z",
        "end": "2026-05-29T00:00:00Z",
        "customers": {"a": told},
    }
    life = lived(truth, {"a": 25})["a"]
    assert (life.healthy_days, life.reporting_days, life.kind) == (30, 25, "stop")
    assert [name for name, *_ in life.spells] == ["vacation", "exchange", "common decline"]
