"""Sets of integers as PostgreSQL writes them: an int8multirange."""

import re
from bisect import bisect_right
from collections.abc import Iterable

_RANGE = re.compile(r"\[(\d+),(\d+)\)")


class Ranges:
    """Half-open ranges of integers, sorted and disjoint.

    >>> known = Ranges.parse("{[1,5),[7,8)}")
    >>> 4 in known, 5 in known, 7 in known
    (True, False, True)
    """

    def __init__(self, starts: list[int], ends: list[int]) -> None:
        self._starts = starts
        self._ends = ends

    @classmethod
    def parse(cls, multirange: str | None) -> "Ranges":
        """From PostgreSQL's text of an int8multirange; None is empty."""
        if multirange is None:
            return cls([], [])
        pairs = _RANGE.findall(multirange)
        return cls([int(a) for a, _ in pairs], [int(b) for _, b in pairs])

    def __contains__(self, seq: int) -> bool:
        at = bisect_right(self._starts, seq) - 1
        return at >= 0 and seq < self._ends[at]


def multirange(seqs: Iterable[int]) -> str:
    """PostgreSQL's text of a set of integers.

    >>> multirange([3, 1, 2, 7])
    '{[1,4),[7,8)}'
    """
    wanted = list(seqs)
    if len(wanted) == 1:  # the usual case: a source says one thing at a time
        return f"{{[{wanted[0]},{wanted[0] + 1})}}"
    parts: list[str] = []
    first = last = -1
    for seq in sorted(set(wanted)):
        if first >= 0 and seq == last + 1:
            last = seq
            continue
        if first >= 0:
            parts.append(f"[{first},{last + 1})")
        first = last = seq
    if first >= 0:
        parts.append(f"[{first},{last + 1})")
    return "{" + ",".join(parts) + "}"
