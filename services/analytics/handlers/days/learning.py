"""A region's head: fitted from what was known on earlier days, kept with its back-test."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from services.analytics.domain.drops.state import Ints, States
from services.analytics.domain.risks import learning
from services.analytics.domain.risks.prior import Prior, Seen
from services.analytics.domain.risks.rating import Fitted
from services.analytics.handlers.ports import Store


async def learn(
    region: str, final: date, members: Sequence[str], base: States, store: Store
) -> Fitted | None:
    """The region's head as of a closing; on some days a new one, and a snapshot to learn from.

    Only days that are final are learned from, so that a replay learns the same.

    Args:
        final: the last day that nothing changes any more.
        members: their ids.
        base: their states after it.
    """
    day = final.toordinal()
    fitted = await store.heads.newest(region)
    if learning.refits(day, None if fitted is None else fitted.day):
        wanted = learning.planned(await store.heads.days(region), day)
        snapshots = await store.heads.snapshots(region, tuple(wanted), day)
        prior = Prior.fit(Seen.of(base.take(_used(base)), day))
        learned = learning.learn(snapshots, wanted, prior, day)
        if learned is not None:
            await store.heads.keep(region, learned)
            fitted = learned
    if learning.remembers(day):
        used = _used(base)
        used = used[:: max(len(used) // learning.SAMPLE, 1)]
        ids = [members[place] for place in used.tolist()]
        await store.heads.remember(region, day, ids, base.take(used), day - learning.KEPT)
    return fitted


def _used(base: States) -> Ints:
    return np.flatnonzero(base.used_days > 0)
