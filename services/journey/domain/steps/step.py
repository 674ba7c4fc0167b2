"""What a kind of steps is: asked about a moment, it says what has come of the step, or waits."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from services.journey.domain.facts.fact import Fact
from services.journey.domain.plays.reading import Part
from services.journey.domain.plays.run import Act, Known
from services.journey.domain.plays.team import Linkage


@dataclass(frozen=True, slots=True)
class Look:
    """A step is looked at.

    Attributes:
        since: what happened after this moment counts, epoch seconds.
        visit: which of the run's steps it is.
        told: what somebody outside has said of it.
        first: it has just begun: now it may ask for something to be done.
        customer, play: whose run it is, and of what.
        paused_s: seconds since it began that do not count.
        control: nothing is done for them: others are compared with them.
    """

    since: int
    visit: int
    told: str | None
    first: bool
    key: str
    known: Known
    now: int
    customer: str = ""
    play: str = ""
    paused_s: int = 0
    control: bool = False


@dataclass(frozen=True, slots=True)
class Waits:
    """It is not over; `due`: when to look again, whatever happens."""

    due: int | None = None
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """It is over: `word` says how, `at` since when; `why`: for the trace, beside the word."""

    word: str
    at: int
    acts: tuple[Act, ...] = ()
    why: str = ""


class Does(Protocol):
    """What a step does. `outcomes`: every word that can come of it."""

    kind: ClassVar[str]

    @property
    def outcomes(self) -> tuple[str, ...]: ...
    @property
    def waits(self) -> bool:
        """Whether it ever lets time pass: a circle of steps without one never ends."""
        ...

    def look(self, at: Look) -> Waits | Outcome: ...


@dataclass(frozen=True, slots=True)
class Words:
    """What a step may name: what there is in the playbook.

    Attributes:
        asking: messages that say `{{ answer_url }}`; leaving: `{{ leave_url }}`.
        facts: all there are; declared: those of the playbook itself, which steps may note.
        scales: by declared fact that is a rating, which: csat, nps.
        play: the one that is being read.
        skills: by team, what some of its people can do.
        booking: messages that say `{{ booking_url }}`; telling: `{{ call_at }}`.
        owed: messages that nobody can leave.
        hours: teams whose working time is known.
    """

    messages: Collection[str]
    teams: Collection[str]
    asking: Collection[str]
    facts: Mapping[str, Fact]
    declared: Collection[str]
    scales: Mapping[str, str]
    plays: Collection[str]
    webhooks: Collection[str] = ()
    linkages: Mapping[str, Linkage] = field(default_factory=dict)
    play: str = ""
    leaving: Collection[str] = ()
    skills: Mapping[str, Collection[str]] = field(default_factory=dict)
    booking: Collection[str] = ()
    telling: Collection[str] = ()
    owed: Collection[str] = ()
    hours: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One line of the catalogue.

    Attributes:
        name: the field that makes a step one of this kind.
        fields: those that may stand beside it; needed: those that must.
        says: one sentence for whoever writes plays.
        read: makes it of a step; what is wrong is told to the part.
        example: such a step, in one line.
    """

    name: str
    fields: tuple[str, ...]
    says: str
    read: Callable[[Part, Words], Does]
    needed: tuple[str, ...] = ()
    example: str = ""
