"""Where runs go on when their step is gone, and what they will never reach: without a server."""

import pytest

from services.journey.domain.plays.lives import Standing, Unreached, moved, preview
from tests.journey.plays import play

MAILS = "  - {step: %s, mail: one}\n  - {step: rest, wait: 1d}\n  - {step: last, mail: two}\n"


def of(*keys):
    return play("".join(f"  - {{step: {key}, wait: 1d}}\n" for key in keys))


@pytest.mark.parametrize(
    ("before", "earlier", "after", "led"),
    [
        pytest.param("abc", {}, "abc", {}, id="all there"),
        pytest.param("abc", {}, "ac", {"b": "c"}, id="to the next one"),
        pytest.param("abcd", {}, "ad", {"b": "d", "c": "d"}, id="to the next that is there"),
        pytest.param("abc", {}, "ab", {}, id="none behind it"),
        pytest.param("ac", {"b": "c"}, "ac", {"b": "c"}, id="kept"),
        pytest.param("acd", {"b": "c"}, "ad", {"b": "d", "c": "d"}, id="and led further"),
        pytest.param("ac", {"b": "c"}, "abc", {}, id="until it is there again"),
        pytest.param("ac", {"b": "c"}, "a", {}, id="or has nowhere to go"),
    ],
)
def test_where_those_go_on_whose_step_is_gone(before, earlier, after, led):
    assert moved(list(before), earlier, of(*after)) == led


def test_what_becomes_of_the_runs_under_way():
    before = of("a", "b", "c", "d")
    after = of("new", "a", "b")
    found = preview(before, after, {"a": 3, "c": 2, "lost": 1}, kept=False)
    assert found.standing == [
        Standing("a", 3, "stays"), Standing("c", 2, "ends"), Standing("lost", 1, "ends")
    ]  # fmt: skip
    assert found.unreached == [Unreached("new", 3, ("a",))]


def test_those_who_go_on_elsewhere_count_from_there():
    found = preview(of("a", "b", "c"), of("a", "n", "c"), {"b": 4}, kept=False)
    assert found.standing == [Standing("b", 4, "goes on", "c")]
    assert found.unreached == [Unreached("a", 4, ("b",)), Unreached("n", 4, ("b",))]


def test_whoever_keeps_their_version_stays():
    found = preview(of("a", "b"), of("c"), {"a": 1}, kept=True)
    assert (found.standing, found.unreached) == ([Standing("a", 1, "stays")], ())


def test_a_way_back_leads_to_what_lies_before():
    after = play(
        "  - {step: a, wait: 1d}\n"
        "  - {step: b, wait_for: {happens: app_errors, at_most: 1d}, then: {timed out: a}}\n"
    )
    assert preview(after, after, {"b": 1}, kept=False).unreached == []
