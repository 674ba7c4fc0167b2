"""What a rehearsal makes of one customer: runs, messages, tasks, as they would have been."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.journey.domain.messages.purpose import Channel, Purpose
from services.journey.domain.messages.verdict import Rules, Verdict
from services.journey.domain.plays.play import Message, Play
from services.journey.domain.plays.run import Line, Run
from services.journey.domain.plays.start import LeftOut
from services.journey.domain.plays.team import Team
from services.journey.domain.rehearsals.past import facts_of


@dataclass(frozen=True, slots=True)
class Habit:
    """How people have answered a step so far.

    Attributes:
        results: how often each came of it.
        takes_s: half of the tasks were done within this time.
    """

    results: Mapping[str, int]
    takes_s: int


@dataclass(frozen=True, slots=True)
class Played:
    """A play as it is rehearsed.

    Attributes:
        rules: of sending.
        habits: by step; of a step that nobody has answered yet, what comes of it is spread evenly,
            and it is done when it is due.
        begin, until: what happened after the one, up to the other.
        teams: of the playbook.
        facts: those that the play asks for.
    """

    play: Play
    version: int
    messages: Mapping[str, Message]
    rules: Rules
    begin: int
    until: int
    habits: Mapping[str, Habit] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    facts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Look once what the play asks for."""
        object.__setattr__(self, "facts", facts_of(self.play))


@dataclass(slots=True)
class Said:
    """One message.

    Attributes:
        verdict: the newest; None: nobody has asked.
        at: when it was given.
        held: reasons for which it waited, in order.
        caps: those that held it.
        to: role of the contact of an account that it is for; None: the customer.
    """

    run: str
    step: str
    visit: int
    message: str
    channel: Channel
    purpose: Purpose
    planned: datetime
    at: datetime
    verdict: Verdict | None = None
    held: list[str] = field(default_factory=list)
    caps: list[str] = field(default_factory=list)
    to: str | None = None


@dataclass(slots=True)
class Did:
    """One task; `result` None: it was needed no more, or is not done yet."""

    run: str
    step: str
    visit: int
    team: str
    title: str
    opened: int
    due: int
    comes: str
    comes_at: int
    result: str | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Life:
    """All of it; runs are with the lines of their traces."""

    customer: str
    runs: Sequence[tuple[Run, Sequence[Line]]]
    said: Sequence[Said]
    did: Sequence[Did]
    left_out: Sequence[LeftOut]
