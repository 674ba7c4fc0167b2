"""The journey map: stages in order, and the conditions over facts to enter each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.journey.domain.customers.state import State
from services.journey.domain.facts import BY_NAME
from services.journey.domain.facts.fact import Comparison, Value
from services.journey.domain.stages.touch_point import TouchPoint

START = "start"  # the word for "no stage yet" in `from`


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage.

    Attributes:
        says: what it means, for people.
        from_: the stages it can be entered from; START for customers without a stage.
        all: every one of these must hold.
        any: and one of these, if there are any.
        touch_points: contacts with customers there.
    """

    name: str
    says: str
    from_: frozenset[str]
    all: tuple[Comparison, ...] = ()
    any: tuple[Comparison, ...] = ()
    touch_points: tuple[TouchPoint, ...] = ()

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """All comparisons the stage asks for."""
        return (*self.all, *self.any)

    @property
    def facts(self) -> frozenset[str]:
        """The facts the stage asks for."""
        return frozenset(comparison.fact for comparison in self.comparisons)

    def entered(self, value: Callable[[str], Value | None]) -> bool:
        """Whether the conditions hold for the values of the facts."""
        return all(asked.holds(value(asked.fact)) for asked in self.all) and (
            not self.any or any(asked.holds(value(asked.fact)) for asked in self.any)
        )


@dataclass(frozen=True)
class JourneyMap:
    """The stages in order, and what can be derived from them once.

    Attributes:
        next: by present stage (START: none), the stages that can follow, furthest first.
        asked: by present stage, the comparisons that decide about leaving it.
        facts: every fact any stage asks for.
    """

    stages: tuple[Stage, ...]
    next: Mapping[str, tuple[Stage, ...]] = field(init=False)
    asked: Mapping[str, tuple[Comparison, ...]] = field(init=False)
    facts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        names = [START, *(stage.name for stage in self.stages)]
        follow = {
            name: tuple(stage for stage in reversed(self.stages) if name in stage.from_)
            for name in names
        }
        asked = {
            name: tuple(sorted({c for s in stages for c in s.comparisons}, key=str))
            for name, stages in follow.items()
        }
        object.__setattr__(self, "next", follow)
        object.__setattr__(self, "asked", asked)
        object.__setattr__(self, "facts", frozenset().union(*(s.facts for s in self.stages)))

    def following(self, stage: str | None, state: State, t: int) -> Stage | None:
        """The stage a customer enters at t, the furthest of those that hold; None: stays."""
        known: dict[str, Value | None] = {}

        def value(fact: str) -> Value | None:
            if fact not in known:
                known[fact] = BY_NAME[fact].value(state, t)
            return known[fact]

        # why .get: a stage that the map no longer has keeps its customers until it is back
        for candidate in self.next.get(stage or START, ()):
            if candidate.entered(value):
                return candidate
        return None
