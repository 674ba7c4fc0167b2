"""Changes of many customers at once: fold, walk the timeline, write, tell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.journey.domain import fold
from services.journey.domain.customer import Customer
from services.journey.domain.days import moment_of
from services.journey.domain.state import State, routine
from services.journey.domain.timeline import Entry, Walk, evaluate
from services.journey.handlers.ports import Desk
from shared.events import CustomerChanged, Event, StageChanged

REPUBLISH_AFTER = timedelta(hours=24)  # research/protocol-review.md 8

Change = Event | Callable[[State], int | None]
"""An event to fold, or a fold of our own; both say from when on facts may differ."""


@dataclass(slots=True)
class Work:
    """One customer of a batch.

    Attributes:
        cause: identity of the last thing that led here: ids of what we emit come from it.
        changed: whether `customer.changed` is to be told for another reason than the stage.
        since, latest: earliest and latest moment (epoch seconds) that folds have touched.
    """

    customer: Customer
    state: State
    cause: str
    changed: bool = False
    since: int | None = None
    latest: int | None = None

    def fold(self, change: Change, cause: str) -> None:
        """Fold one change."""
        if isinstance(change, Event):
            at = fold.fold(self.state, self.customer.id, change, cause)
        else:
            at = change(self.state)
        self.cause = cause
        if at is not None:
            self.since = at if self.since is None else min(self.since, at)
            self.latest = at if self.latest is None else max(self.latest, at)


async def advance(
    desk: Desk, held: Mapping[str, Customer], changes: Mapping[str, Sequence[tuple[Change, str]]]
) -> None:
    """Fold `changes` (by customer, each with its cause) into customers that are held."""
    states = await desk.customers.states([held[id_] for id_ in changes])
    works = []
    for id_, listed in changes.items():
        work = Work(held[id_], states[id_], "")
        for change, cause in listed:
            work.fold(change, cause)
        works.append(work)
    await settle(desk, works)


async def settle(desk: Desk, works: Sequence[Work], until: int = 0) -> None:
    """Bring the stages of folded customers up to date, write them, tell what changed.

    Args:
        until: the moment timers have reached; 0: as far as the customer's own events.
    """
    late = [
        work.customer
        for work in works
        if work.since is not None and work.since <= work.customer.evaluated
    ]
    histories = await desk.customers.histories(late) if late else {}
    walked: dict[str, tuple[Customer, int, Walk]] = {}
    publish: list[Work] = []
    for work in works:
        one, stage = work.customer, work.customer.stage
        one.uses, one.last_use = work.state.uses, work.state.last_use
        if work.since is not None:
            one.routine = routine(work.state)
        if work.since is not None or until:
            _walk(desk, work, histories, until, walked)
        if work.changed or one.stage != stage:
            publish.append(work)
    await desk.customers.save_states([(w.customer, w.state) for w in works if w.since is not None])
    await announce(desk, publish)
    whole = walked.keys() | {work.customer.id for work in publish}
    held = [work.customer for work in works]
    await desk.customers.save([one for one in held if one.id in whole])
    await desk.customers.save_progress([one for one in held if one.id not in whole])
    await desk.customers.save_histories(list(walked.values()))


def _walk(
    desk: Desk,
    work: Work,
    histories: Mapping[str, list[Entry]],
    until: int,
    walked: dict[str, tuple[Customer, int, Walk]],
) -> None:
    """Walk one customer's timeline and note what was found."""
    one = work.customer
    history = histories.get(one.id)
    if history is None:
        # why: walking forward needs only where the history ends
        history = [] if one.stage is None else [Entry(one.since or 0, one.stage, None, "")]
    walk = evaluate(
        desk.journey, work.state, history, one.evaluated, work.since,
        max(until, work.latest or 0), one.due,
    )  # fmt: skip
    stand = one.entries - (len(history) - walk.kept)
    if walk.entries or walk.revised:
        walked[one.id] = one, stand, walk
        newest = (*history[: walk.kept], *walk.entries)[-1:]
        one.stage = newest[0].stage if newest else None
        one.since = newest[0].at if newest else None
        one.entries = stand + len(walk.entries)
        _tell_stages(desk, work, walk)
    # why not always: a timer that fires too early costs one look, moving it each day one write
    if one.due is None or until or (walk.due is not None and walk.due < one.due):
        one.due = walk.due
    one.evaluated = walk.until


def _tell_stages(desk: Desk, work: Work, walk: Walk) -> None:
    """Emit a StageChanged for each new entry; of a history that only lost some, the last one."""
    one = work.customer
    told: list[Entry] = list(walk.entries)
    if not told and one.stage is not None and one.since is not None:
        told = [Entry(one.since, one.stage, None, work.cause)]
    for n, entry in enumerate(told):
        desk.emit(
            StageChanged(
                at=moment_of(entry.at), customer=one.id, stage=entry.stage, cause=entry.cause,
                previous=entry.previous, revised=walk.revised,
            ),
            key=f"c:{one.id}", cause=work.cause, kind=f"stage_changed/{one.id}", n=n,
        )  # fmt: skip


async def announce(desk: Desk, works: Sequence[Work], *, again: bool = False) -> None:
    """Emit customer.changed for customers that are held, under their next version.

    Args:
        again: under the version it was told with: for those who missed it.
    """
    if not works:
        return
    holdings = await desk.owned.holdings(work.customer.id for work in works)
    for work in works:
        one, has = work.customer, holdings[work.customer.id]
        if not again:
            one.version += 1
        one.republish = desk.now + REPUBLISH_AFTER
        desk.emit(
            CustomerChanged(
                at=desk.now, customer=one.id, version=one.version, kind=one.kind, zone=one.zone,
                region=one.region, plan=has.subscription.plan if has.subscription else "none",
                stage=one.stage, subscription=has.subscription, purchases=has.purchases,
                first_purchase_at=has.first_purchase_at,
            ),
            key=f"c:{one.id}", cause=work.cause, kind=f"customer_changed/{one.id}",
        )  # fmt: skip
