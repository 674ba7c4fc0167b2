"""A plot of days as shapes: bars, bands behind them, marks between them; the template only draws."""

from collections.abc import Sequence
from dataclasses import dataclass

STEP, GAP = 10, 2  # of a bar's place; the picture is stretched to its width


@dataclass(frozen=True, slots=True)
class Bar:
    """One value, e.g. of a day. `part` of the tallest; `says` is read when it is pointed at."""

    x: float
    width: float
    part: float
    value: float
    label: str
    says: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of days, e.g. a vacation."""

    x: float
    width: float
    says: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment, e.g. when a drop began."""

    x: float
    says: str


@dataclass(frozen=True, slots=True)
class Plot:
    """All of it, in units of its own.

    Attributes:
        most: the value of the tallest bar.
        legend: tone and meaning of bands.
    """

    width: float
    most: float
    bars: Sequence[Bar]
    bands: Sequence[Band]
    marks: Sequence[Mark]
    legend: Sequence[tuple[str, str]]
    first: str
    last: str


def stretches(words: Sequence[str]) -> list[tuple[int, int, str]]:
    """First and last index of each run of the same word; of none where it is empty.

    >>> stretches(["", "away", "away", "unheard"])
    [(1, 2, 'away'), (3, 3, 'unheard')]
    """
    runs: list[tuple[int, int, str]] = []
    for n, word in enumerate(words):
        if word and runs and runs[-1][1] == n - 1 and runs[-1][2] == word:
            runs[-1] = (runs[-1][0], n, word)
        elif word:
            runs.append((n, n, word))
    return runs


def plot(
    values: Sequence[tuple[str, float, str]],
    bands: Sequence[tuple[int, int, str, str]] = (),
    marks: Sequence[tuple[int, str]] = (),
    legend: Sequence[tuple[str, str]] = (),
) -> Plot:
    """A plot of values in their order.

    Args:
        values: label, value and what is said of it.
        bands: first and last index, what is said, tone.
        marks: in front of which index, what is said.
        legend: tone and meaning of the bands; of those that are there it is shown.

    >>> plot([("1 May", 2, "2 uses"), ("2 May", 4, "4 uses")]).bars[0].part
    0.5
    """
    most = max((value for _, value, _ in values), default=0) or 1
    return Plot(
        width=max(1, len(values)) * STEP,
        most=max((value for _, value, _ in values), default=0),
        bars=[
            Bar(n * STEP + GAP / 2, STEP - GAP, round(value / most, 4), value, label, says)
            for n, (label, value, says) in enumerate(values)
        ],
        bands=[
            Band(first * STEP, (last - first + 1) * STEP, says, tone)
            for first, last, says, tone in bands
        ],
        marks=[Mark(n * STEP, says) for n, says in marks],
        legend=[(tone, says) for tone, says in legend if tone in {band[3] for band in bands}],
        first=values[0][0] if values else "",
        last=values[-1][0] if values else "",
    )


def line(values: Sequence[float]) -> str:
    """The points of a sparkline in a box of 100 by 24.

    >>> line([0, 1])
    '0,23 100,1'
    """
    low, high = min(values, default=0), max(values, default=0)
    spread = (high - low) or 1
    step = 100 / max(1, len(values) - 1)
    return " ".join(
        f"{n * step:.4g},{23 - (value - low) / spread * 22:.4g}" for n, value in enumerate(values)
    )
