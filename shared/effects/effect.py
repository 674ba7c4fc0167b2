"""One effect, how its kind is to be treated, and what can become of a try."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

State = Literal[
    "planned",  #: decided; nobody has begun with it, or it is to be tried again
    "claimed",  #: one process prepares it; nothing has been done outside
    "dispatched",  #: one process is doing it; it may have happened
    "accepted",  #: the other side has taken it
    "failed",  #: it has not happened and will not
    "unknown",  #: it may have happened; a person finds out
    "suppressed",  #: something spoke against it before it was done
]
WAITING: frozenset[State] = frozenset({"planned", "claimed", "dispatched"})
SETTLED: frozenset[State] = frozenset({"accepted", "failed", "unknown", "suppressed"})


@dataclass(frozen=True, slots=True)
class Planned:
    """An effect to be.

    Attributes:
        id: derived from its cause: the same cause plans it once.
        about: opaque id of whom it is about; whoever is erased takes their effects along.
        payload: words, numbers and opaque ids; no personal data, nothing people write.
        secret: sealed by the service; gone as soon as it is known what became of the effect.
        due_at: not before. deadline_at: later it makes no sense.
    """

    id: str
    kind: str
    about: str
    due_at: datetime
    deadline_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect as it stands.

    Attributes:
        attempts: tries that the other side, or our own code, did not let through.
        repeats: how often it was done again although it may have happened.
        lease: who has it, while claimed or dispatched; each claim has a new one.
        why: of its last change: a word, never what the other side said in full.
    """

    id: str
    kind: str
    about: str
    payload: Mapping[str, Any]
    secret: str | None = field(repr=False)
    state: State
    attempts: int
    repeats: int
    planned_at: datetime
    due_at: datetime
    deadline_at: datetime
    lease: str | None = None
    settled_at: datetime | None = None
    why: str | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nobody does anything more about it by itself."""
        return self.state in SETTLED


@dataclass(frozen=True, slots=True)
class Policy:
    """How effects of one kind are treated.

    Attributes:
        attempts: refusals "for now" after which it fails.
        first, longest: pause after the first of them, doubling up to the longest.
        repeats: how often an act that may have happened is done again; 0: it is not repeatable.
        within: an act that takes longer is given up as one that may have happened.
        lease: how long a process may have it; a live one needs less.
        at_once: acts of this kind in one process at the same time.
        batch: so many may be prepared together and wait for their turn; None: as many as `at_once`.
    """

    attempts: int = 10
    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=10)
    repeats: int = 0
    within: timedelta = timedelta(seconds=30)
    lease: timedelta = timedelta(minutes=2)
    at_once: int = 4
    batch: int | None = None

    @property
    def room(self) -> int:
        """How many of this kind a process takes before it has ended any."""
        return self.at_once if self.batch is None else self.batch

    @property
    def patience(self) -> timedelta:
        """How long after it was prepared an act may still begin: its end is within the lease then."""
        return (self.lease - self.within) / 2

    def __post_init__(self) -> None:
        """Raises ValueError: a live process could lose its lease while it acts."""
        if self.lease < 2 * self.within:
            raise ValueError("a lease lasts twice as long as an act may take, or longer")

    def pause(self, tries: int) -> timedelta:
        """How long after this many tries the next one is.

        >>> [Policy().pause(n).seconds for n in (1, 2, 3, 9, 5_000)]
        [5, 10, 20, 600, 600]
        """
        return min(self.first * float(2 ** min(max(tries - 1, 0), 30)), self.longest)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The other side has taken it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side will never take it; nothing happened."""

    why: str


@dataclass(frozen=True, slots=True)
class NotNow:
    """The other side does not take this one now; nothing happened."""

    why: str


@dataclass(frozen=True, slots=True)
class Away:
    """There is nobody to take any of this kind; nothing happened, and it counts as no try."""

    why: str


@dataclass(frozen=True, slots=True)
class Uncertain:
    """It may have happened."""

    why: str


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Something speaks against doing it; nothing happened."""

    why: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """It is not to be done before `until`; nothing happened, and it counts as no try."""

    until: datetime
    why: str


Outcome = Accepted | Refused | NotNow | Away | Uncertain
