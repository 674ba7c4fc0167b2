"""What is stored of a customer to know every fact at every moment.

Every field is a commutative merge (smallest, largest, sum, set, highest version), so any order of
the same events gives the same state. Lists are bounded; what a bound forgets is said beside it.
"""

from bisect import bisect_left, bisect_right, insort
from typing import TypeVar

import msgspec
from typing_extensions import override

from services.journey.domain.days import day_of, start_of
from shared.events.customer_changed import Subscription

ACTIVE_DAYS = 400  # newest active days kept: how far back history can still be revised
CAUSES = 30  # newest active days whose event identity is kept
EARLY_USES = 30  # first uses kept one by one: `uses_total` is exact below it
NEWEST = 100  # newest marks of a tally or list kept
PER_KEY = 16  # newest changes kept of one device, integration or ticket
KEYS = 400  # devices, integrations or tickets kept, those that are on before those that are off


class Mark(msgspec.Struct, array_like=True, frozen=True, order=True, gc=False):
    """Something happened at `at` (epoch seconds); `cause` is the identity of the event."""

    at: int
    cause: str


class Dated(Mark, array_like=True, frozen=True, order=True, gc=False):
    """A value that holds from `at` until the next one: stars, a risk tier."""

    value: int | str


class Term(Mark, array_like=True, frozen=True, gc=False):
    """The subscription as set at `at`; `renews_at` in epoch seconds.

    Attributes:
        given: the whole of it as billing told; a renewal has only its end. None also of old ones.
        fine: microseconds of `at`, so that the newer of one second is the newer.
        turn: of several at the same moment the one that was received later has the higher.
    """

    status: str
    renews_at: int | None = None
    renewal: bool = False
    given: Subscription | None = None
    fine: int = 0
    turn: int = 0

    @override
    def __lt__(self, other: "Term") -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[int, int, int, str]:
        return self.at, self.fine, self.turn, self.cause

    @property
    def id(self) -> str:
        """By which it is asked for: its cause without the word for its kind."""
        return self.cause.partition(":")[2]


class Switch(msgspec.Struct, array_like=True, frozen=True, order=True, gc=False):
    """On or off from `at` on; of two, the one with the higher `version` holds."""

    version: int
    at: int
    cause: str
    on: bool


def moment(mark: Mark) -> int:
    """`at`, as a sort key."""
    return mark.at


class Tally(msgspec.Struct, omit_defaults=True):
    """How often something happened, and the newest times (older ones only as a number)."""

    total: int = 0
    newest: list[Mark] = []

    def add(self, mark: Mark) -> bool:
        """Count one more; always True, as every fold says whether something changed."""
        self.total += 1
        insort(self.newest, mark)
        del self.newest[:-NEWEST]
        return True

    def count(self, t: int) -> int:
        """How often up to `t`; before the newest marks kept, those forgotten count as earlier."""
        return self.total - (len(self.newest) - bisect_right(self.newest, t, key=moment))

    def last(self, t: int) -> Mark | None:
        """The newest up to `t`."""
        return last(self.newest, t)


M = TypeVar("M", bound=Mark)


def last(marks: list[M], t: int) -> M | None:
    """The newest mark up to `t`, None without one."""
    place = bisect_right(marks, t, key=moment)
    return marks[place - 1] if place else None


def keep(marks: list[M], mark: M) -> bool:
    """Add `mark` in order; False where it is older than all that are kept, or known."""
    at = bisect_left(marks, mark)
    if at < len(marks) and marks[at] == mark:
        return False
    marks.insert(at, mark)
    forgotten = marks[:-NEWEST]
    del marks[:-NEWEST]
    return mark not in forgotten


Switches = dict[str, list[Switch]]


def turn(switches: Switches, key: str, switch: Switch) -> bool:
    """Note a change of one device, integration or ticket; False where it is known."""
    changes = switches.setdefault(key, [])
    if switch in changes:
        return False
    insort(changes, switch)
    del changes[:-PER_KEY]
    if len(switches) > KEYS:
        del switches[min(switches, key=lambda k: (switches[k][-1].on, switches[k][-1].at, k))]
    return True


def is_on(changes: list[Switch], t: int) -> bool:
    """Whether the highest version up to `t` says on."""
    for change in reversed(changes):
        if change.at <= t:
            return change.on
    return False


class State(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The folded events of one customer.

    Attributes:
        active: first use of each active local day, epoch seconds, ascending.
        active_causes: the event of each, parallel to `active`; empty text where forgotten.
        early: moments of the first uses, ascending, a use that stands for several as often as
            that; at most EARLY_USES.
        seen, clicks: messages in the app, and what was opened from a message.
        said: by fact of the playbook, what the customer answered or a step noted.
        replies: by mail of ours that was replied to, whether a person has still to see to it.
    """

    zone: str = "UTC"
    uses: int = 0
    last_use: int = 0
    first_use: Mark | None = None
    active: list[int] = []
    active_causes: list[str] = []
    early: list[int] = []
    early_causes: list[str] = []
    setup_started: Mark | None = None
    setup_completed: Mark | None = None
    purchases: Tally = msgspec.field(default_factory=Tally)
    help_views: Tally = msgspec.field(default_factory=Tally)
    app_errors: Tally = msgspec.field(default_factory=Tally)
    referrals: Tally = msgspec.field(default_factory=Tally)
    seen: Tally = msgspec.field(default_factory=Tally)
    clicks: Tally = msgspec.field(default_factory=Tally)
    ratings: list[Dated] = []
    risks: list[Dated] = []
    terms: list[Term] = []
    devices: Switches = {}
    apps: Switches = {}
    integrations: Switches = {}
    tickets: Switches = {}
    replies: Switches = {}
    said: dict[str, list[Dated]] = {}

    def day(self, t: int) -> int:
        """The customer's local day at `t`."""
        return day_of(self.zone, t)

    def start(self, day: int) -> int:
        """The moment the customer's local day begins."""
        return start_of(self.zone, day)

    def last_active(self, t: int) -> int | None:
        """First use of the newest active day up to `t`, None before the first use."""
        place = bisect_right(self.active, t)
        return self.active[place - 1] if place else None


def planned(state: State, after: int, until: int | None = None) -> int | None:
    """The first moment in (after, until] at which billing has said that something will be so."""
    soonest: int | None = None
    for marks in (state.terms, state.purchases.newest):
        at = bisect_right(marks, after, key=moment)
        if at < len(marks) and (soonest is None or marks[at].at < soonest):
            soonest = marks[at].at
    return None if soonest is None or (until is not None and soonest > until) else soonest


def routine(state: State) -> tuple[int, int]:
    """The span (exclusive, seconds) in which one more use changes sums only, (0, 0) without one.

    Inside, the active day is known and the first uses are complete.
    """
    if not state.active or len(state.early) < EARLY_USES:
        return 0, 0
    newest = state.active[-1]
    return max(newest, state.early[-1]), state.start(state.day(newest) + 1)
