"""Scales that customers rate on, and what a number on them is taken for."""

from typing import Final

MOST: Final = {"csat": 5, "nps": 10}
LEAST: Final = {"csat": 1, "nps": 0}
#: By scale, each word with the smallest number it stands for, the best first. NPS: Reichheld 2003;
#: CSAT: the upper two of five, as it is usually counted.
SCALES: Final = {
    "csat": (("satisfied", 4), ("neutral", 3), ("dissatisfied", 1)),
    "nps": (("promoter", 9), ("passive", 7), ("detractor", 0)),
}


def bucket(scale: str, number: int) -> str:
    """What a number is taken for.

    >>> bucket("nps", 9), bucket("nps", 8), bucket("nps", 6), bucket("csat", 3)
    ('promoter', 'passive', 'detractor', 'neutral')
    """
    return next(word for word, least in SCALES[scale] if number >= least)


def numbers(scale: str) -> list[str]:
    """What one can choose from."""
    return [str(number) for number in range(LEAST[scale], MOST[scale] + 1)]
