"""Numbers that were sent and not counted: pure. Ranges are half-open, sorted and disjoint."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

Range = tuple[int, int]

NOBODY = "no service"


class Stream(NamedTuple):
    """One numbering: a stream of a source within one boot."""

    source: str
    stream: str
    boot: str


@dataclass(frozen=True)
class Counted:
    """What one service has of a stream.

    Attributes:
        seqs: counted; dropped: what the source says its ring has dropped.
        first_at, last_at: raw `at` of the earliest and the latest event; None: not known.
    """

    seqs: Sequence[Range]
    dropped: Sequence[Range] = ()
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True)
class Gap:
    """Numbers that are missing.

    Attributes:
        first, last: of the range, inclusive.
        where: who lacks them: a service, or nobody has them.
        why: what explains them; empty: nothing does.
        since: the earliest event of the stream that anybody has.
    """

    of: Stream
    first: int
    last: int
    where: str
    why: str
    since: datetime | None


def union(*of: Iterable[Range]) -> list[Range]:
    """All numbers that are in any of these.

    >>> union([(1, 3), (7, 9)], [(3, 5)])
    [(1, 5), (7, 9)]
    """
    merged: list[Range] = []
    for first, end in sorted(range_ for ranges in of for range_ in ranges):
        if merged and first <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((first, end))
    return merged


def without(ranges: Sequence[Range], gone: Sequence[Range]) -> list[Range]:
    """Numbers that are in the first and not in the second; both sorted.

    >>> without([(0, 10)], [(2, 4), (9, 20)])
    [(0, 2), (4, 9)]
    """
    left: list[Range] = []
    at = 0
    for first, end in ranges:
        while at < len(gone) and gone[at][1] <= first:
            at += 1
        here = at
        while here < len(gone) and gone[here][0] < end:
            if gone[here][0] > first:
                left.append((first, gone[here][0]))
            first = max(first, gone[here][1])  # noqa: PLW2901 - what is left of it
            here += 1
        if first < end:
            left.append((first, end))
    return left


def gaps(
    of: Stream, counted: Mapping[str, Counted], known: Mapping[str, Mapping[str, Sequence[Range]]]
) -> list[Gap]:
    """What is missing of one stream, from the first number that anybody has to the last.

    Args:
        counted: by each service that reads the stream.
        known: by service, or NOBODY for what holds everywhere: numbers that something explains,
            by what it is (`refused: unknown_type`, `in quarantine: KeyError`).
    """
    everywhere = union(*(counts.seqs for counts in counted.values()))
    if not everywhere:
        return []
    since = min((c.first_at for c in counted.values() if c.first_at is not None), default=None)
    dropped = {"the device dropped them": union(*(counts.dropped for counts in counted.values()))}
    reasons = {**dropped, **known.get(NOBODY, {})}
    span = [(everywhere[0][0], everywhere[-1][1])]
    explained = _explained(of, NOBODY, without(span, everywhere), reasons, since)
    for service, counts in counted.items():
        missing = without(everywhere, union(counts.seqs))
        explained += _explained(of, service, missing, known.get(service, {}), since)
    return explained


def _explained(
    of: Stream,
    where: str,
    missing: list[Range],
    reasons: Mapping[str, Sequence[Range]],
    since: datetime | None,
) -> list[Gap]:
    """The missing numbers, cut by what explains them."""
    gaps: list[Gap] = []
    left = missing
    for why, ranges in reasons.items():
        rest = without(left, union(ranges))
        gaps += [Gap(of, a, b - 1, where, why, since) for a, b in without(left, rest)]
        left = rest
    gaps += [Gap(of, a, b - 1, where, "", since) for a, b in left]
    return sorted(gaps, key=lambda gap: gap.first)
