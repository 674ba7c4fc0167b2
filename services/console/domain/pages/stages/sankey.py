"""How many went from where to where, as shapes: places on the left and on the right, ribbons between."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720.0, 340.0
LEFT, RIGHT, BAR = 190.0, 530.0, 8.0  # where the bars stand, and how wide
GAP = 10.0
THINNEST = 1.0

Way = tuple[str, str, int]
"""From, to, how many."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One end: a bar with its name."""

    name: str
    many: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Those who went one way; `path` is what SVG draws."""

    before: str
    after: str
    many: int
    path: str


@dataclass(frozen=True, slots=True)
class Sankey:
    """All of it."""

    height: float
    left: Sequence[Bar]
    right: Sequence[Bar]
    ribbons: Sequence[Ribbon]


def sankey(ways: Sequence[Way], order: Sequence[str]) -> Sankey:
    """The picture of ways; places stand in the order that is given, then those it does not name.

    >>> found = sankey([("a", "b", 3), ("a", "c", 1)], ["a", "b", "c"])
    >>> [(each.name, each.many, each.height) for each in found.right]
    [('b', 3, 247.5), ('c', 1, 82.5)]
    """
    there = sorted((way for way in ways if way[2] > 0), key=lambda way: _place(order, way))
    sides = _names(order, [way[0] for way in there]), _names(order, [way[1] for way in there])
    gaps = max((len(names) for names in sides), default=1) - 1
    scale = (HEIGHT - gaps * GAP) / max(1, sum(many for _, _, many in there))
    left = _stacked(sides[0], [(way[0], way[2]) for way in there], scale)
    right = _stacked(sides[1], [(way[1], way[2]) for way in there], scale)
    starts, ends = ({bar.name: bar.y for bar in side} for side in (left, right))
    ribbons = []
    for before, after, many in there:
        thick = many * scale
        ribbons.append(Ribbon(before, after, many, _path(starts[before], ends[after], thick)))
        starts[before] += thick
        ends[after] += thick
    return Sankey(HEIGHT, left, right, ribbons)


def _names(order: Sequence[str], used: Sequence[str]) -> Sequence[str]:
    return [name for name in dict.fromkeys([*order, *used]) if name in used]


def _place(order: Sequence[str], way: Way) -> tuple[int, int]:
    known = {name: n for n, name in enumerate(order)}
    before, after, _ = way
    return known.get(before, len(order)), known.get(after, len(order))


def _stacked(names: Sequence[str], parts: Sequence[tuple[str, int]], scale: float) -> list[Bar]:
    bars, y = [], 0.0
    for name in names:
        many = sum(n for part, n in parts if part == name)
        bars.append(Bar(name, many, round(y, 1), round(max(THINNEST, many * scale), 1)))
        y += many * scale + GAP
    return bars


def _path(start: float, end: float, thick: float) -> str:
    begin, stop, middle = LEFT + BAR, RIGHT, (LEFT + BAR + RIGHT) / 2
    low, high = start + max(THINNEST, thick), end + max(THINNEST, thick)
    return (
        f"M{begin:g} {start:.1f}C{middle:g} {start:.1f} {middle:g} {end:.1f} {stop:g} {end:.1f}"
        f"L{stop:g} {high:.1f}C{middle:g} {high:.1f} {middle:g} {low:.1f} {begin:g} {low:.1f}Z"
    )
