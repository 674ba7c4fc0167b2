"""Checks over a whole play: every step can be reached, and no turn goes on without time passing."""

from collections.abc import Iterable, Mapping, Sequence

from services.journey.domain.plays.play import END, Play, Step
from services.journey.domain.plays.reading import Part, nearest
from services.journey.domain.steps.start import Start


def check_steps(part: Part, steps: Sequence[Step]) -> None:
    """Note what is wrong with steps that are right one by one."""
    parts = part.items()
    if not steps:
        part.bad("needs at least one step")
        return
    keys = [step.key for step in steps]
    right = True
    for step, written in zip(steps, parts, strict=True):
        if keys.count(step.key) > 1:
            written.field("step").bad(f"`{step.key}` is taken")
            right = False
        right = _check_then(step, written.field("then"), keys) and right
    if not right:
        return
    follow = _follow(steps)
    reached = _reached(follow, keys[0])
    for step, written in zip(steps, parts, strict=True):
        if step.key not in reached:
            written.field("step").bad("no way leads to this step")
    turn = _turn_without_time(steps, follow)
    if turn is not None:
        parts[keys.index(turn[0])].bad(
            f"a run could turn without end: {' -> '.join(turn)}; one of these steps must wait"
        )


def behind(steps: Sequence[Step]) -> Mapping[str, set[str]]:
    """By step, all that a run may come to after it."""
    follow = _follow(steps)
    return {
        key: {s for next_ in after for s in _reached(follow, next_)}
        for key, after in follow.items()
    }


def _check_then(step: Step, then: Part, keys: Sequence[str]) -> bool:
    right = True
    for word, follows in step.then.items():
        if word not in step.does.outcomes:
            then.field(word).bad(f"no outcome of this step; {nearest(word, step.does.outcomes)}")
            right = False
        if follows not in {END, *keys}:
            then.field(word).bad(f"unknown step `{follows}`; {nearest(follows, [*keys, END])}")
            right = False
    return right


def _follow(steps: Sequence[Step]) -> Mapping[str, set[str]]:
    """By step, those that may follow."""
    following = [step.key for step in steps[1:]] + [END]
    return {
        step.key: {step.then.get(word, later) for word in step.does.outcomes} - {END}
        for step, later in zip(steps, following, strict=True)
    }


def _reached(follow: Mapping[str, set[str]], first: str) -> set[str]:
    reached, waiting = {first}, [first]
    while waiting:
        new = follow[waiting.pop()] - reached
        reached |= new
        waiting += new
    return reached


def _turn_without_time(steps: Sequence[Step], follow: Mapping[str, set[str]]) -> list[str] | None:
    """A circle of steps none of which waits."""
    hasty = {step.key for step in steps if not step.does.waits}

    def circle(way: list[str]) -> list[str] | None:
        for key in sorted(follow[way[-1]] & hasty):
            if key in way:
                return [*way[way.index(key) :], key]
            turn = circle([*way, key])
            if turn is not None:
                return turn
        return None

    return next((turn for key in sorted(hasty) if (turn := circle([key])) is not None), None)


def circles(plays: Mapping[str, Play]) -> list[list[str]]:
    """Plays that start each other, and in the end themselves: the loop guard; each circle once."""
    starts = {
        name: {step.does.play for step in play.steps if isinstance(step.does, Start)} & plays.keys()
        for name, play in plays.items()
    }
    ways: list[list[str]] = []
    known: set[str] = set()
    for name in sorted(starts):
        if name not in known and (way := _back(starts, [name])):
            ways.append(way)
            known.update(way)
    return ways


def _back(starts: Mapping[str, Iterable[str]], way: list[str]) -> list[str] | None:
    for follows in sorted(starts[way[-1]]):
        if follows == way[0]:
            return [*way, follows]
        if follows not in way and (circle := _back(starts, [*way, follows])):
            return circle
    return None
