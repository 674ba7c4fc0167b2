"""A region's heads: fitted from what was known on earlier days, kept with their back-tests."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date

import numpy as np

from services.analytics.domain.drops.state import Ints, States
from services.analytics.domain.risks import learning
from services.analytics.domain.risks.cancelling import cancelled
from services.analytics.domain.risks.lessons import Came, Snapshot, silent
from services.analytics.domain.risks.prior import Prior, Seen
from services.analytics.domain.risks.rating import Fitted, Heads
from services.analytics.handlers.ports import Heads as HeadStore
from services.analytics.handlers.ports import Store

Past = Callable[[str, Sequence[int], int], Awaitable[list[Snapshot]]]


async def learn(
    region: str, final: date, members: Sequence[str], base: States, store: Store
) -> Heads:
    """The region's heads as of a closing; on some days new ones, and a snapshot to learn from.

    Only days that are final are learned from, so that a replay learns the same.

    Args:
        final: the last day that nothing changes any more.
        members: their ids.
        base: their states after it.
    """
    day = final.toordinal()
    past = store.heads
    heads = Heads(
        await _head(store.heads, past.snapshots, silent, region, day, base, store),
        # of whom no subscription ran there is nothing to cancel
        await _head(store.cancellation_heads, past.paid, cancelled, region, day, base, store),
    )
    if learning.remembers(day):
        used = _used(base)
        used = used[:: max(len(used) // learning.SAMPLE, 1)]
        ids = [members[place] for place in used.tolist()]
        await store.heads.remember(region, day, ids, base.take(used), day - learning.KEPT)
    return heads


async def _head(
    of: HeadStore,
    past: Past,
    came: Came,
    region: str,
    day: int,
    base: States,
    store: Store,
) -> Fitted | None:
    """The head of a kind, fitted anew when it is time and enough is known.

    Args:
        past: snapshots of those of whom it can be learned.
        came: what it foretells, looked at afterwards.
    """
    fitted = await of.newest(region)
    if not learning.refits(day, None if fitted is None else fitted.day):
        return fitted
    wanted = learning.planned(await store.heads.days(region), day)
    snapshots = await past(region, tuple(wanted), day)
    learned = learning.learn(snapshots, wanted, _prior(base, day), day, came)
    if learned is None:
        return fitted
    await of.keep(region, learned)
    return learned


def _prior(base: States, day: int) -> Prior:
    return Prior.fit(Seen.of(base.take(_used(base)), day))


def _used(base: States) -> Ints:
    return np.flatnonzero(base.used_days > 0)
