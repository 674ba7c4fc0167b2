"""Which tickets somebody wants to see, in which order, and how many there are of which kind."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Order = Literal["newest", "waiting"]
"""The one opened last first; or of open ones the one that has waited longest first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a ticket must be to be wanted; None: whatever it is.

    Attributes:
        assigned: whether it is anybody's.
        since, until: opened from then on, before then.
        text: words that begin words of its subject.
        ids: it is one of these.
    """

    state: str | None = None
    origin: str | None = None
    priority: str | None = None
    customer: str | None = None
    device: str | None = None
    fault_code: str | None = None
    assignee: str | None = None
    team: str | None = None
    assigned: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    ids: tuple[str, ...] | None = None

    @property
    def words(self) -> list[str]:
        """The words of the text.

        >>> Wanted(text="pict, at (night) & day!").words
        ['pict', 'at', 'night', 'day']
        """
        return [] if self.text is None else re.findall(r"[^\W_]+", self.text)


@dataclass(frozen=True, slots=True)
class Group:
    """Tickets that are alike."""

    origin: str
    priority: str
    team: str | None
    assignee: str | None
    tickets: int


@dataclass(slots=True)
class Counts:
    """How many tickets there are.

    Attributes:
        mine: of whoever asks.
        unassigned: of nobody; those of a team and no person are in `teams`.
    """

    tickets: int = 0
    mine: int = 0
    unassigned: int = 0
    origins: Counter[str] = field(default_factory=Counter)
    priorities: Counter[str] = field(default_factory=Counter)
    teams: Counter[str] = field(default_factory=Counter)
    assignees: Counter[str] = field(default_factory=Counter)


def counted(groups: Iterable[Group], me: str) -> Counts:
    """All groups together."""
    counts = Counts()
    for group in groups:
        counts.tickets += group.tickets
        counts.origins[group.origin] += group.tickets
        counts.priorities[group.priority] += group.tickets
        if group.team is not None:
            counts.teams[group.team] += group.tickets
        if group.assignee is None:
            counts.unassigned += group.tickets
        else:
            counts.assignees[group.assignee] += group.tickets
            counts.mine += group.tickets if group.assignee == me else 0
    return counts
