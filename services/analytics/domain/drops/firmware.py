"""What a firmware reports of the uses there were: its own factor beside its cohort's.

A firmware that counts a third of them must not make droppers of those who got it, nor the cohort of
those who did not. It is said of the firmware instead, once (docs/decisions/0088).
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from services.analytics.domain.drops.cohort import MOST, CohortMembers
from services.analytics.domain.drops.state import Floats, Ints

POOL: Final = 60.0  # expected uses that the factor of the day before is worth
LEAST: Final = 0.05


def firmware_factors(
    before: Mapping[str, float],
    places: Mapping[str, Ints],
    members: CohortMembers,
    expected: Floats,
    least: int,
) -> dict[str, float]:
    """Of each firmware with enough customers: the share of the uses expected that was seen.

    Args:
        before: those of the day before.
        places: of the members who run each.
        expected: uses of each member by its cohort's day.
        least: members a firmware needs for a factor of its own.
    """
    calm = members.judged & members.settled & (members.posterior < 0.3)
    factors = {}
    for name, there in places.items():
        if len(there) < least:
            continue
        who = there[calm[there]]
        due = float(expected[who].sum())
        seen = float(np.minimum(members.uses[who], 4.0 * expected[who] + 4.0).sum())
        factor = (seen + POOL * before.get(name, 1.0)) / (due + POOL)
        factors[name] = min(max(factor, LEAST), MOST)
    return factors
