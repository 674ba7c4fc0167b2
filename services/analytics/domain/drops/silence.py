"""A cohort too small to be frozen that ceases to be heard as a whole: no customer's doing."""

from services.analytics.domain.drops.cohort import CohortDay
from services.analytics.domain.drops.day import FORGOTTEN, Day
from services.analytics.domain.drops.state import Flags, Ints, States

FEWEST = 5  # heard until the day before: fewer may unplug by chance on one day
LONGEST = 14  # days; after them each is judged alone: the devices may be gone for good


def silent_cohort(
    before: CohortDay | None, states: States, day: Day, judged: Flags, who: Ints
) -> CohortDay | None:
    """The cohort's day, if nobody of it was heard who was until then; else None.

    An outage while it has not lasted too long; then it says only that the cohort is silent still, so
    that its region is not taken for silent because of it.

    Args:
        before: the cohort's day before, None: it was heard.
        who: places of its members.
    """
    if bool((judged & (states.coverage > FORGOTTEN))[who].any() or (day.uses > 0.0)[who].any()):
        return None
    shares = before.shares if before is not None and is_small(before) else ()
    heard = day.member & ~day.waiting & day.expects
    heard &= (states.coverage > FORGOTTEN) & (states.silent_days == 0)
    if not shares and int(heard[who].sum()) < FEWEST:
        return None
    over = len(shares) >= LONGEST
    return CohortDay(shares=shares if over else (*shares, 0.0), outage=not over)


def is_small(frozen: CohortDay) -> bool:
    """Whether a frozen day says nothing of a cohort but its silence."""
    return frozen.members == 0 and bool(frozen.shares) and not any(frozen.shares)
