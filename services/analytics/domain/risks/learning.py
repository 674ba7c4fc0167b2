"""When a region's customers are remembered as they are, and when its head is fitted again."""

from collections.abc import Mapping, Sequence

from services.analytics.domain.risks.head import MOST, Head
from services.analytics.domain.risks.lessons import Came, Snapshot, lessons, nearest, plan, silent
from services.analytics.domain.risks.prior import Prior
from services.analytics.domain.risks.rating import HORIZONS, Fitted

EVERY = 14  # days between two snapshots
REFIT = 28  # days between two heads
LEAST = 60  # days of snapshots before the first head: half of them are learned for
KEPT = 400  # days that snapshots are kept
SAMPLE = 20_000  # customers in one; of more every k-th


def remembers(day: int) -> bool:
    """Whether the customers are remembered as they are at the end of a day."""
    return day % EVERY == 0


def refits(day: int, latest: int | None) -> bool:
    """Whether a head is fitted at the end of a day.

    Args:
        latest: day of the region's newest head.
    """
    return day % REFIT == 0 or (latest is None and remembers(day))


def planned(kept: Sequence[int], known: int) -> Mapping[int, list[int]]:
    """Days with a snapshot -> horizons to learn for; none while there is too little history.

    Args:
        kept: days with a snapshot, sorted.
        known: the last day of which all uses are known.
    """
    if not kept or known - (kept[0] - EVERY) < LEAST:
        return {}
    wanted: dict[int, list[int]] = {}
    for horizon in HORIZONS:
        for day, ahead in nearest(plan(kept[0] - EVERY, known, horizon), kept):
            if ahead not in wanted.setdefault(day, []):
                wanted[day].append(ahead)
    return wanted


def learn(
    snapshots: Sequence[Snapshot],
    wanted: Mapping[int, list[int]],
    prior: Prior,
    day: int,
    came: Came = silent,
) -> Fitted | None:
    """The head of a day; None while the snapshots teach too little."""
    rows = sum(len(snapshot.again) * len(wanted[snapshot.day]) for snapshot in snapshots)
    step = max(rows // MOST, 1)
    learned = [
        lesson
        for snapshot in snapshots
        for lesson in lessons(snapshot, wanted[snapshot.day], step, came)
    ]
    head = Head.fit(prior, learned)
    return None if head.learned is None else Fitted(day, head)
