"""A region in slices: what is worked out per customer is never held of all of them at once."""

from collections.abc import Iterator
from typing import Final

SLICE: Final = 25_000  # customers


def slices(n: int) -> Iterator[slice]:
    """The places 0 to n - 1, SLICE at a time.

    >>> [(part.start, part.stop) for part in slices(60_000)]
    [(0, 25000), (25000, 50000), (50000, 60000)]
    """
    for first in range(0, n, SLICE):
        yield slice(first, min(first + SLICE, n))
