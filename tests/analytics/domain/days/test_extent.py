"""The fewest words for what many customers have in common."""

import pytest

from services.analytics.domain.days.extent import Extent, Group, described

ALL = {
    Group("eu", "cam-1", "basic"): 5,
    Group("eu", "cam-1", "plus"): 6,
    Group("eu", "cam-2", "basic"): 7,
    Group("eu", "cam-2", "plus"): 8,
    Group("us", "cam-2", "plus"): 9,
}


def only(**wanted):
    return {g: n for g, n in ALL.items() if all(getattr(g, k) == v for k, v in wanted.items())}


@pytest.mark.parametrize(
    ("true_of", "said"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param(only(region="us"), [Extent("us", None, None, 9)], id="a region"),
        pytest.param(ALL, [Extent("eu", None, None, 26), Extent("us", None, None, 9)], id="all"),
        pytest.param(
            only(region="eu", model="cam-2"), [Extent("eu", "cam-2", None, 15)], id="a model"
        ),
        pytest.param(only(region="eu", plan="plus"), [Extent("eu", None, "plus", 14)], id="a plan"),
        pytest.param(
            {Group("eu", "cam-1", "plus"): 6},
            [Extent("eu", "cam-1", "plus", 6)],
            id="a model of a plan",
        ),
        pytest.param(
            {Group("eu", "cam-1", "basic"): 5, Group("eu", "cam-2", "plus"): 8},
            [Extent("eu", "cam-1", "basic", 5), Extent("eu", "cam-2", "plus", 8)],
            id="two that share nothing",
        ),
        pytest.param(
            {Group("eu", "cam-2", "plus"): 3}, [Extent("eu", "cam-2", "plus", 3)], id="some of them"
        ),
    ],
)
def test_described(true_of, said):
    assert list(described(true_of, ALL)) == said
