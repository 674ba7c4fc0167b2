"""A set of sequence numbers as inclusive ranges: thousands of ids in a few integers."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from typing_extensions import override


class Ranges:
    """Disjoint, sorted, inclusive ranges; adding what follows the last one costs nothing.

    >>> r = Ranges([(1, 3)])
    >>> r.add(4, 6); r.add(9, 9); r.add(8, 8)
    >>> r.pairs(), len(r), 7 in r
    ([(1, 6), (8, 9)], 8, False)
    """

    __slots__ = ("_first", "_last")

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        self._first: list[int] = []
        self._last: list[int] = []
        for first, last in pairs:
            self.add(first, last)

    def add(self, first: int, last: int) -> None:
        """Add `first` to `last`, both included."""
        if self._last and first == self._last[-1] + 1:
            self._last[-1] = last
            return
        low = bisect_right(self._last, first - 2) if first else 0
        high = bisect_right(self._first, last + 1)
        if low < high:
            first = min(first, self._first[low])
            last = max(last, self._last[high - 1])
        self._first[low:high] = [first]
        self._last[low:high] = [last]

    def __contains__(self, seq: int) -> bool:
        at = bisect_right(self._first, seq) - 1
        return at >= 0 and seq <= self._last[at]

    def __len__(self) -> int:
        return sum(self._last) - sum(self._first) + len(self._first)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranges) and self.pairs() == other.pairs()

    @override
    def __hash__(self) -> int:
        return hash(tuple(self.pairs()))

    def __iter__(self) -> Iterator[int]:
        for first, last in self.pairs():
            yield from range(first, last + 1)

    def pairs(self) -> list[tuple[int, int]]:
        """The ranges, lowest first."""
        return list(zip(self._first, self._last, strict=True))

    def without(self, other: "Ranges") -> "Ranges":
        """What is here and not in `other`."""
        return Ranges((seq, seq) for seq in self if seq not in other)
