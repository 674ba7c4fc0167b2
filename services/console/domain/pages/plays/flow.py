"""How runs went through the steps of a play, as shapes: a bar for each step, ribbons to what followed.

Steps stand one under the other in the order of their file. Who went on is drawn downwards; who went to the end, back,
or out of the step because the goal was reached or they had left, to the right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ROW = 48.0
LEFT, WIDEST, BAR = 176.0, 250.0, 9.0  # where bars begin, how wide the widest is, and how high
RIGHT, SLOT, FIRST = 500.0, 15.0, 14.0  # where ribbons to the right end, and one under the other
THINNEST, THICKEST = 1.5, 11.0

END, OUT = "end", "out"


@dataclass(frozen=True, slots=True)
class Stage:
    """A step: how often it was begun, how many stand here, and what follows what comes of it."""

    name: str
    begun: int
    standing: int
    outcomes: Mapping[str, int]
    follows: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bar:
    """A step that is drawn."""

    name: str
    many: int
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Those who went one way; `path` is what SVG draws.

    Attributes:
        after: the step that follows, END, or OUT.
        words: what came of the step; of OUT none.
        y: where its name stands, at the right; None: it goes on downwards.
    """

    before: str
    after: str
    words: tuple[str, ...]
    many: int
    path: str
    y: float | None


@dataclass(frozen=True, slots=True)
class Flow:
    """All of it."""

    height: float
    bars: Sequence[Bar]
    ribbons: Sequence[Ribbon]


def flow(stages: Sequence[Stage]) -> Flow | None:
    """The picture of the steps that somebody has begun; None: there are none.

    >>> way = Stage("mail", 4, 0, {"sent": 3}, {"sent": "wait"}), Stage("wait", 3, 3, {}, {})
    >>> drawn = flow(way)
    >>> [(each.before, each.after, each.many) for each in drawn.ribbons]
    [('mail', 'wait', 3), ('mail', 'out', 1)]
    """
    stages = [stage for stage in stages if stage.begun]
    if not stages:
        return None
    scale = WIDEST / max(stage.begun for stage in stages)
    row = {stage.name: n for n, stage in enumerate(stages)}
    filled = dict.fromkeys(row, LEFT)  # of each bar's top, by what came from above
    bars, ribbons = [], []
    for n, stage in enumerate(stages):
        top = n * ROW
        bars.append(Bar(stage.name, stage.begun, top, max(THINNEST, stage.begun * scale)))
        x, slot = LEFT, 0
        for after, words, many in _ways(stage, row):
            wide = max(THINNEST, many * scale)
            if row.get(after, -1) > n:
                path = _down(x, filled[after], wide, top + BAR, row[after] * ROW)
                filled[after] += wide
                ribbons.append(Ribbon(stage.name, after, words, many, path, None))
            else:
                y = top + FIRST + slot * SLOT
                ribbons.append(
                    Ribbon(stage.name, after, words, many, _aside(x, wide, top + BAR, y), y)
                )
                slot += 1
            x += wide
    return Flow(len(stages) * ROW, bars, ribbons)


def _ways(stage: Stage, row: Mapping[str, int]) -> Sequence[tuple[str, tuple[str, ...], int]]:
    """Where runs went from a step: to the next ones first, the nearest before others."""
    words: dict[str, list[str]] = {}
    for word, many in stage.outcomes.items():
        if many and word in stage.follows:
            words.setdefault(stage.follows[word], []).append(word)
    ways = [
        (after, tuple(said), sum(stage.outcomes[word] for word in said))
        for after, said in words.items()
    ]
    here = row[stage.name]
    ways.sort(key=lambda way: (row.get(way[0], -1) <= here, row.get(way[0], len(row))))
    out = stage.begun - stage.standing - sum(stage.outcomes.values())
    return [*ways, (OUT, (), out)] if out > 0 else ways


def _down(x: float, to: float, wide: float, top: float, bottom: float) -> str:
    middle = (top + bottom) / 2
    return (
        f"M{x:.1f} {top:g}C{x:.1f} {middle:g} {to:.1f} {middle:g} {to:.1f} {bottom:g}"
        f"L{to + wide:.1f} {bottom:g}C{to + wide:.1f} {middle:g} {x + wide:.1f} {middle:g}"
        f" {x + wide:.1f} {top:g}Z"
    )


def _aside(x: float, wide: float, top: float, y: float) -> str:
    high = min(THICKEST, max(THINNEST, wide / 4)) / 2
    return (
        f"M{x:.1f} {top:g}C{x:.1f} {y + high:.1f} {x + wide:.1f} {y + high:.1f} {RIGHT:g} {y + high:.1f}"
        f"L{RIGHT:g} {y - high:.1f}C{x + wide:.1f} {y - high:.1f} {x + wide:.1f} {y - high:.1f}"
        f" {x + wide:.1f} {top:g}Z"
    )
