"""How runs went through a play, as shapes: nobody is lost between a bar and its ribbons."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.console.domain.pages.plays.flow import END, LEFT, OUT, WIDEST, Stage, flow

HELP = [
    Stage("mail", 20, 2, {"sent": 12, "held back": 3}, {"sent": "wait", "held back": "call"}),
    Stage("wait", 12, 0, {"happened": 8, "timed out": 4}, {"happened": END, "timed out": "call"}),
    Stage("call", 7, 1, {"helped": 5, "again": 1}, {"helped": END, "again": "mail"}),
]


def test_who_goes_on_goes_down_and_who_ends_goes_aside():
    drawn = flow(HELP)
    assert drawn is not None
    ways = {(way.before, way.after): (way.many, way.words) for way in drawn.ribbons}
    assert ways == {
        ("mail", "wait"): (12, ("sent",)), ("mail", "call"): (3, ("held back",)),
        ("mail", OUT): (3, ()), ("wait", "call"): (4, ("timed out",)),
        ("wait", END): (8, ("happened",)), ("call", END): (5, ("helped",)),
        ("call", "mail"): (1, ("again",)),
    }  # fmt: skip
    aside = {way.after for way in drawn.ribbons if way.y is not None}
    assert aside == {OUT, END, "mail"}  # back is aside, too
    assert drawn.bars[0].width == WIDEST
    named = [way.y for way in drawn.ribbons if way.y is not None]
    assert len(set(named)) == len(named), "two names at one place"


def test_of_a_play_that_nobody_entered_there_is_no_picture():
    assert flow([]) is None
    assert flow([Stage("mail", 0, 0, {}, {"sent": END})]) is None


def test_a_step_that_nobody_came_to_is_not_drawn():
    drawn = flow([*HELP, Stage("write", 0, 0, {}, {"sent": END})])
    assert drawn is not None
    assert [bar.name for bar in drawn.bars] == ["mail", "wait", "call"]


def test_a_word_of_an_older_version_is_left_out():
    drawn = flow([Stage("mail", 2, 0, {"bounced": 2}, {"sent": END})])
    assert drawn is not None
    assert drawn.ribbons == []


NAMES = ["a", "b", "c", "d"]
COUNTS = st.integers(0, 50)


@st.composite
def plays(draw):
    stages = []
    for name in NAMES:
        outcomes = draw(st.dictionaries(st.sampled_from("xyz"), COUNTS))
        follows = {word: draw(st.sampled_from([*NAMES, END])) for word in outcomes}
        standing, out = draw(COUNTS), draw(COUNTS)
        begun = sum(outcomes.values()) + standing + out
        stages.append(Stage(name, begun, standing, outcomes, follows))
    return stages


@given(plays())
def test_as_many_leave_a_bar_as_began_it_but_for_those_who_stand_there(stages):
    drawn = flow(stages)
    if drawn is None:
        assert not any(stage.begun for stage in stages)
        return
    left = Counter()
    for way in drawn.ribbons:
        left[way.before] += way.many
    drawn_of = [stage for stage in stages if stage.begun]
    for stage, bar in zip(drawn_of, drawn.bars, strict=True):
        assert left[stage.name] == stage.begun - stage.standing
        assert LEFT + bar.width <= LEFT + WIDEST + 1.5
