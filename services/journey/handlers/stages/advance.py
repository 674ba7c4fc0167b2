"""Changes of many customers at once: fold, walk the timeline, write; who entered which stage is returned.

Nothing is walked beyond the present: what lies ahead is folded, and comes into effect by a timer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from services.journey.domain.customers import fold
from services.journey.domain.customers.customer import Customer
from services.journey.domain.customers.state import Mark, State, planned, routine
from services.journey.domain.customers.subscription import subscription
from services.journey.domain.days import moment_of, seconds
from services.journey.domain.stages.timeline import DAY, REVISED_DAYS, Entry, Walk, evaluate
from services.journey.handlers.ports import Unit
from shared.events import CustomerChanged, Event, Telemetry

REPUBLISH_AFTER = timedelta(hours=24)  # research/protocol-review.md 8

Change = Event | Callable[[State], int | None]
"""An event to fold, or a fold of our own; both say from when on facts may differ."""


@dataclass(slots=True)
class Work:
    """One customer of a batch.

    Attributes:
        cause: identity of the last thing that led here: ids of what we emit come from it.
        changed: whether `customer.changed` is to be told for another reason than the stage.
        now: the present, epoch seconds.
        since: earliest moment (epoch seconds) that folds have touched.
        latest: latest one that is not ahead of the present.
        causes: of the events folded; told: earliest moment that something else was folded for.
    """

    customer: Customer
    state: State
    cause: str
    now: int
    changed: bool = False
    since: int | None = None
    latest: int | None = None
    causes: set[str] = field(default_factory=set)
    told: int | None = None

    def is_new(self, mark: Mark) -> bool:
        """Whether a mark is of what was folded."""
        return mark.cause in self.causes or (self.told is not None and mark.at >= self.told)

    def fold(self, change: Change, cause: str) -> None:
        """Fold one change."""
        if isinstance(change, Event):
            at = fold.fold(self.state, self.customer.id, change, cause)
            self.causes.add(cause)
        else:
            at = change(self.state)
            if at is not None:
                self.told = at if self.told is None else min(self.told, at)
        self.cause = cause
        if at is not None:
            reached = min(at, self._present(change, at))
            self.since = at if self.since is None else min(self.since, at)
            self.latest = reached if self.latest is None else max(self.latest, reached)

    def _present(self, change: Change, at: int) -> int:
        """How far time has come: as far as we know, or as whoever told us did when they did."""
        if not isinstance(change, Event):
            return self.now
        if not isinstance(change, Telemetry) or change.received_at is None:
            return at
        return max(self.now, seconds(change.received_at))

    def take_back(self) -> None:
        """The history is known up to a moment that is ahead: it is to be written anew."""
        self.customer.evaluated = self.now
        since = self.now - REVISED_DAYS * DAY + 1
        self.since = since if self.since is None else min(self.since, since)
        self.changed = True


@dataclass(frozen=True, slots=True)
class Entered:
    """One customer has entered stages.

    Attributes:
        entries: in time order; of a history that only lost some, where it ends now.
        revised: entries that had been told before were taken back.
        cause: identity of what led here: ids of what follows come from it.
    """

    customer: str
    entries: tuple[Entry, ...]
    revised: bool
    cause: str


@dataclass(frozen=True, slots=True)
class Advanced:
    """What a change of customers has come to, for `on_stages`."""

    works: Sequence[Work]
    entered: Sequence[Entered]


async def advance(
    unit: Unit, held: Mapping[str, Customer], changes: Mapping[str, Sequence[tuple[Change, str]]]
) -> Advanced:
    """Fold `changes` (by customer, each with its cause) into customers that are held.

    Returns: who has entered which stages, for `on_stages`.
    """
    states = await unit.store.customers.states([held[id_] for id_ in changes])
    works = []
    for id_, listed in changes.items():
        work = Work(held[id_], states[id_], "", seconds(unit.now))
        for change, cause in listed:
            work.fold(change, cause)
        works.append(work)
    return await update_stages(unit, works)


async def update_stages(unit: Unit, works: Sequence[Work], until: int = 0) -> Advanced:
    """Bring the stages of folded customers up to date, write and announce the customers.

    Args:
        until: the moment timers have reached; 0: as far as the customer's own events.
    Returns: who has entered which stages, for `on_stages`.
    """
    late = [
        work.customer
        for work in works
        if work.since is not None and work.since <= work.customer.evaluated
    ]
    histories = await unit.store.customers.histories(late) if late else {}
    walked: dict[str, tuple[Customer, int, Walk]] = {}
    publish: list[Work] = []
    entered: list[Entered] = []
    for work in works:
        held_customer, stage = work.customer, work.customer.stage
        held_customer.uses, held_customer.last_use = work.state.uses, work.state.last_use
        if work.since is not None:
            held_customer.routine = routine(work.state)
        if work.since is not None or until:
            walk = _walk(unit, work, histories, until, walked)
            entered += [] if walk is None else [_entered(work, walk)]
        if work.changed or held_customer.stage != stage:
            publish.append(work)
    await unit.store.customers.save_states(
        [(w.customer, w.state) for w in works if w.since is not None]
    )
    await _save_subscriptions(unit, [work for work in works if work.changed])
    await announce(unit, publish)
    whole = walked.keys() | {work.customer.id for work in publish}
    held = [work.customer for work in works]
    await unit.store.customers.save(
        [held_customer for held_customer in held if held_customer.id in whole]
    )
    await unit.store.customers.save_progress(
        [held_customer for held_customer in held if held_customer.id not in whole]
    )
    await unit.store.customers.save_histories(list(walked.values()))
    return Advanced(works, entered)


def _walk(
    unit: Unit,
    work: Work,
    histories: Mapping[str, list[Entry]],
    until: int,
    walked: dict[str, tuple[Customer, int, Walk]],
) -> Walk | None:
    """Walk one customer's timeline and note what was found; None: no stage was entered or left."""
    held_customer = work.customer
    history = histories.get(held_customer.id)
    if history is None:
        # why: walking forward needs only where the history ends
        history = (
            []
            if held_customer.stage is None
            else [Entry(held_customer.since or 0, held_customer.stage, None, "")]
        )
    walk = evaluate(
        unit.rules.journey, work.state, history, held_customer.evaluated, work.since,
        max(until, work.latest or 0), held_customer.due,
    )  # fmt: skip
    if planned(work.state, held_customer.evaluated, walk.until) is not None:
        work.changed = True
    stand = held_customer.entries - (len(history) - walk.kept)
    changed = bool(walk.entries or walk.revised)
    if changed:
        walked[held_customer.id] = held_customer, stand, walk
        newest = (*history[: walk.kept], *walk.entries)[-1:]
        held_customer.stage = newest[0].stage if newest else None
        held_customer.since = newest[0].at if newest else None
        held_customer.entries = stand + len(walk.entries)
    # why not always: a timer that fires too early costs one look, moving it each day one write
    if (
        held_customer.due is None
        or until
        or (walk.due is not None and walk.due < held_customer.due)
    ):
        held_customer.due = walk.due
    held_customer.evaluated = walk.until
    return walk if changed else None


async def _save_subscriptions(unit: Unit, works: Sequence[Work]) -> None:
    """Write the subscriptions of these as they stand now, for those who read rows."""
    if not works:
        return
    rows = await unit.store.owned.subscriptions(work.customer.id for work in works)
    saved, gone = {}, []
    for work in works:
        id_ = work.customer.id
        row = rows.get(id_)
        present = subscription(work.state.terms, work.customer.known_up_to(work.now), row)
        if present is None and row is not None:
            gone.append(id_)
        elif present is not None and present != row:
            saved[id_] = present
    await unit.store.products.note(saved_subscription.plan for saved_subscription in saved.values())
    await unit.store.owned.save_subscriptions(saved)
    await unit.store.owned.drop_subscriptions(gone)


def _entered(work: Work, walk: Walk) -> Entered:
    """What of a walk is news; of a history that only lost some, where it ends now."""
    held_customer = work.customer
    entries = walk.entries
    if not entries and held_customer.stage is not None and held_customer.since is not None:
        entries = (Entry(held_customer.since, held_customer.stage, None, work.cause),)
    return Entered(held_customer.id, entries, walk.revised, work.cause)


async def announce(unit: Unit, works: Sequence[Work], *, again: bool = False) -> None:
    """Emit customer.changed for customers that are held, under their next version.

    Args:
        again: under the version it was told with: for those who missed it.
    """
    if not works:
        return
    holdings = await unit.store.owned.holdings(
        {work.customer.id: moment_of(work.customer.known_up_to(work.now)) for work in works}
    )
    for work in works:
        held_customer, has = work.customer, holdings[work.customer.id]
        if not again:
            held_customer.version += 1
        held_customer.republish = unit.now + REPUBLISH_AFTER
        unit.emit(
            CustomerChanged(
                at=unit.now, customer=held_customer.id, version=held_customer.version, kind=held_customer.kind, zone=held_customer.zone,
                region=held_customer.region, plan=has.subscription.plan if has.subscription else "none",
                stage=held_customer.stage, subscription=has.subscription, purchases=has.purchases,
                first_purchase_at=has.first_purchase_at,
            ),
            key=f"c:{held_customer.id}", cause=work.cause, kind=f"customer_changed/{held_customer.id}",
        )  # fmt: skip
