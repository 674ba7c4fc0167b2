"""Checks over a whole journey map: every stage can be reached, and no turn is endless."""

from collections.abc import Iterator, Sequence
from itertools import product

from services.journey.domain.facts import BY_NAME
from services.journey.domain.facts.fact import Comparison, Value
from services.journey.domain.stages.journey_map import START, JourneyMap, Stage

WAYS_TRIED = 20_000  # combinations of `any` conditions looked at in one turn


def find_unreachable(journey: JourneyMap) -> str | None:
    """The first stage no chain of `from` leads to, or whose own conditions exclude each other."""
    reached: set[str] = set()
    path = [START]
    while path:
        for stage in journey.next[path.pop()]:
            if stage.name not in reached and can_hold([stage]):
                reached.add(stage.name)
                path.append(stage.name)
    return next((stage.name for stage in journey.stages if stage.name not in reached), None)


def find_endless_turn(journey: JourneyMap) -> list[str] | None:
    """A circle of stages whose conditions can all hold at one moment; None: there is none."""
    order = {stage.name: index for index, stage in enumerate(journey.stages)}

    def circles(way: list[Stage]) -> Iterator[list[Stage]]:
        for stage in journey.next[way[-1].name]:
            if stage is way[0]:
                yield way
            elif stage not in way and order[stage.name] > order[way[0].name]:
                longer = [*way, stage]
                if can_hold(longer):
                    yield from circles(longer)

    for stage in journey.stages:
        for circle in circles([stage]):
            return [passed.name for passed in circle]
    return None


def can_hold(stages: Sequence[Stage]) -> bool:
    """Whether the conditions of all `stages` can hold together; facts are taken as independent."""
    fixed = [comparison for stage in stages for comparison in stage.all]
    choices = [stage.any for stage in stages if stage.any]
    for tried, chosen in enumerate(product(*choices)):
        if tried >= WAYS_TRIED or _satisfiable([*fixed, *chosen]):
            return True
    return False


def _satisfiable(comparisons: Sequence[Comparison]) -> bool:
    """Whether some value of every fact makes all its comparisons true."""
    by_fact: dict[str, list[Comparison]] = {}
    for comparison in comparisons:
        by_fact.setdefault(comparison.fact, []).append(comparison)
    return all(
        any(all(asked.holds(value) for asked in group) for value in _values(fact, group))
        for fact, group in by_fact.items()
    )


def _values(fact: str, group: Sequence[Comparison]) -> Sequence[Value]:
    """Values among which one makes all comparisons true, if any value does."""
    known_fact = BY_NAME[fact]
    if known_fact.type is bool:
        return [False, True]
    if known_fact.type is str:
        return [*known_fact.words, *(asked.value for asked in group)]
    return [int(asked.value) + step for asked in group for step in (-1, 0, 1)]
