"""Two curves of shares that grow from day to day, as stairs in one picture; the template only draws."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 300, 100


@dataclass(frozen=True, slots=True)
class Curves:
    """What is drawn: points of both, how many days they go, and the share at the top."""

    treated: str
    control: str
    days: int
    most: float


def curves(treated: Sequence[float], control: Sequence[float]) -> Curves | None:
    """Both on the same axes; None: of neither anything is known.

    >>> curves([0.5], []).treated
    '0,100 300,100 300,0'
    """
    days, most = max(len(treated), len(control)), max([*treated, *control], default=0.0)
    if not days:
        return None
    return Curves(
        _stairs(treated, days, most or 1.0), _stairs(control, days, most or 1.0), days, most
    )


def _stairs(shares: Sequence[float], days: int, most: float) -> str:
    if not shares:
        return ""
    points = [(0.0, 0.0)]
    for number, share in enumerate(shares, 1):
        points += [(number / days, points[-1][1]), (number / days, share / most)]
    return " ".join(f"{x * WIDTH:.5g},{(1 - y) * HEIGHT:.5g}" for x, y in points)
