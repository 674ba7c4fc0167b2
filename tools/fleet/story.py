"""What will happen to a customer: the truth a persona decides, day by day of simulated history.

Days are floats since the start of history; a negative day is before it.
"""

from dataclasses import dataclass, field
from typing import Literal

DropKind = Literal["novelty", "stop", "decline"]
Severity = Literal["info", "warning", "error", "critical"]
Cause = Literal["product", "support", "onboarding"]

CHATTY = 3.0  # how many uses such a firmware reports for one


@dataclass(frozen=True, slots=True)
class Span:
    """From `first` up to, not including, `end`; days."""

    first: float
    end: float

    def covers(self, day: float) -> bool:
        return self.first <= day < self.end


@dataclass(frozen=True, slots=True)
class Drop:
    """From `day` on the customer uses less, down to the share `to`, halving in `half_life_days`.

    Attributes:
        cause: what shows in the weeks before, for half of the drops; None: nothing does.
    """

    kind: DropKind
    day: float
    to: float
    half_life_days: float = 0.0
    cause: Cause | None = None

    def factor(self, day: float) -> float:
        """Share of the usage before the drop that is left on `day`."""
        if day < self.day:
            return 1.0
        if self.half_life_days == 0:
            return self.to
        left: float = 0.5 ** ((day - self.day) / self.half_life_days)
        return self.to + (1 - self.to) * left


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault that repeats every `every_s` during `span`, then recovers (or never does)."""

    device: int
    span: Span
    every_s: float
    code: str
    component: str
    severity: Severity = "error"
    recovers: bool = True
    flapping: bool = False  # recovered after each fault


@dataclass(slots=True)
class Story:
    """One customer's life. The defaults are a steady user's.

    Attributes:
        joined: day of the first set-up; before 0: a customer already when history starts.
        stuck: set-up is begun, fails, help is read, and it is never completed.
        first_weeks: factor on usage until the drop (novelty).
        unplugged: from this day on the devices are silent altogether.
        clock_off_s: device clock minus true time.
        lifo: buffers, then sends the newest first.
        duplicates: share of messages sent twice.
        exchanged: day on which the first device is replaced by a new one.
        exchange_days: until the new one is set up.
        common: what all of this customer's model and region go through, at no fault of theirs.
        chatty: day from which the firmware reports three times as often.
        devices: how many; None: as households are.
        app: has the app; None: as households are.
        firmware_faults: gets troubles from firmware 2.3.0.
    """

    joined: float
    stuck: bool = False
    drop: Drop | None = None
    first_weeks: float = 1.0
    vacations: list[Span] = field(default_factory=list)
    outages: list[Span] = field(default_factory=list)
    unplugged: float | None = None
    troubles: list[Trouble] = field(default_factory=list)
    clock_off_s: float = 0.0
    lifo: bool = False
    duplicates: float = 0.0
    exchanged: float | None = None
    exchange_days: float = 1.0
    common: Drop | None = None
    chatty: float | None = None
    devices: int | None = None
    model: str | None = None
    app: bool | None = None
    firmware_faults: bool = False

    def factor(self, day: float) -> float:
        """Factor on the household's usual usage on this day."""
        if day < self.joined or self.stuck:
            return 0.0
        if any(span.covers(day) for span in self.vacations):
            return 0.0
        if self.unplugged is not None and day >= self.unplugged:
            return 0.0
        factor = self.first_weeks if self.drop is None or day < self.drop.day else 1.0
        if self.chatty is not None and day >= self.chatty:
            factor *= CHATTY
        for less in (self.drop, self.common):
            factor *= less.factor(day) if less else 1.0
        return factor


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for every customer of a run.

    Attributes:
        days: length of history.
        launch: day on which a new product comes out.
        rollout: day on which firmware 2.3.0 begins to be rolled out.
        cure: day on which 2.3.1 does.
        chatty: day on which half of the indoor cameras get 3.0.0, which reports more often.
        decline: day from which the doorbells of one region are used less and less.
    """

    days: float

    @property
    def launch(self) -> float:
        return 0.15 * self.days

    @property
    def rollout(self) -> float:
        return 0.4 * self.days

    @property
    def cure(self) -> float:
        return 0.55 * self.days

    @property
    def chatty(self) -> float:
        return 0.6 * self.days

    @property
    def decline(self) -> float:
        return 0.35 * self.days
