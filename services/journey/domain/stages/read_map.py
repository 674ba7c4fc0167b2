"""Text of a journey map -> JourneyMap; whatever is wrong is named by file, stage and field."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import yaml

from services.journey.domain.facts import BY_NAME
from services.journey.domain.facts.fact import OPS, Comparison, Value
from services.journey.domain.stages.check_map import find_endless_turn, find_unreachable
from services.journey.domain.stages.journey_map import START, JourneyMap, Stage
from services.journey.domain.stages.touch_point import CHANNELS, TouchPoint
from shared.errors import BadSettings

STAGE_FIELDS = ("stage", "says", "from", "enter", "touch_points")
TOUCH_FIELDS = ("moment", "channel", "message", "goal", "play", "gives", "look_up")
CONDITION_FIELDS = ("fact", "op", "value")
KINDS = {bool: "true or false", int: "a whole number", str: "text"}


class Reader:
    """Reads one file; holds its name and the place for messages."""

    def __init__(self, file: str) -> None:
        self.file = file

    def bad(self, where: str, what: str) -> BadSettings:
        """The error that stops the start."""
        return BadSettings(f"journey map {self.file}: {where}: {what}")

    def fields(self, where: str, value: Any, allowed: Sequence[str]) -> Mapping[str, Any]:
        """A mapping with no other fields than `allowed`."""
        if not isinstance(value, dict):
            raise self.bad(where, f"expected the fields {', '.join(allowed)}")
        for name in value:
            self.known(where, "field", str(name), allowed)
        return value

    def known(self, where: str, what: str, name: str, names: Sequence[str]) -> None:
        """`name` must be one of `names`; the nearest is suggested."""
        if name in names:
            return
        near = get_close_matches(name, names, n=1, cutoff=0.4)
        hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(names)}"
        raise self.bad(where, f"unknown {what} `{name}`; {hint}")

    def text(self, where: str, value: Any) -> str:
        """A text that is not empty."""
        if not isinstance(value, str) or not value.strip():
            raise self.bad(where, "expected a text")
        return value

    def sequence(self, where: str, value: Any) -> list[Any]:
        """A list; a missing one is empty."""
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.bad(where, "expected a list")
        return value

    def comparison(self, where: str, value: Any) -> Comparison:
        """One `{fact, op, value}`."""
        given = self.fields(where, value, CONDITION_FIELDS)
        for name in CONDITION_FIELDS:
            if name not in given:
                raise self.bad(where, f"field `{name}` is missing")
        self.known(f"{where}: fact", "fact", str(given["fact"]), list(BY_NAME))
        fact = BY_NAME[given["fact"]]
        self.known(f"{where}: op", "op", str(given["op"]), list(OPS))
        if fact.type is not int and given["op"] not in {"==", "!="}:
            raise self.bad(f"{where}: op", f"`{fact.name}` is {KINDS[fact.type]}: use == or !=")
        return Comparison(fact.name, given["op"], self.value(where, fact.name, given["value"]))

    def value(self, where: str, name: str, written: Any) -> Value:
        """The value of a comparison, of the fact's type and in its range."""
        fact = BY_NAME[name]
        if type(written) is not fact.type:
            raise self.bad(f"{where}: value", f"`{name}` is compared with {KINDS[fact.type]}")
        if fact.words:
            self.known(f"{where}: value", "value", str(written), fact.words)
        if fact.most is not None and int(written) > fact.most:
            raise self.bad(f"{where}: value", f"`{name}` can be compared with {fact.most} at most")
        compared: Value = written
        return compared

    def comparisons(self, where: str, value: Any) -> tuple[Comparison, ...]:
        """A list of `{fact, op, value}`."""
        return tuple(
            self.comparison(f"{where}[{index}]", part)
            for index, part in enumerate(self.sequence(where, value))
        )

    def from_(self, where: str, value: Any, names: Sequence[str]) -> list[str]:
        """The stages one can be entered from."""
        listed = [self.text(where, name) for name in self.sequence(where, value)]
        for name in listed:
            self.known(where, "stage", name, [START, *names])
        return listed

    def touch_point(self, where: str, value: Any) -> TouchPoint:
        """One contact; moment, channel and message are needed."""
        given = self.fields(where, value, TOUCH_FIELDS)
        moment, channel, message = (
            self.text(f"{where}: {name}", given.get(name)) for name in TOUCH_FIELDS[:3]
        )
        self.known(f"{where}: channel", "channel", channel, CHANNELS)
        goal, play, gives = (
            None if name not in given else self.text(f"{where}: {name}", given[name])
            for name in TOUCH_FIELDS[3:6]
        )
        look_up = [self.text(where, entry) for entry in self.sequence(where, given.get("look_up"))]
        for fact in look_up:
            self.known(f"{where}: look_up", "fact", fact, list(BY_NAME))
        return TouchPoint(moment, channel, message, goal, play, gives, tuple(look_up))

    def stage(
        self, name: str, written: Mapping[str, Any], before: Sequence[str], names: Sequence[str]
    ) -> Stage:
        """One stage; without `from` it follows START and every stage before it."""
        where = f"stage `{name}`"
        says = self.text(f"{where}: says", written.get("says"))
        from_ = [START, *before]
        if "from" in written:
            from_ = self.from_(f"{where}: from", written["from"], names)
        if name in from_:
            raise self.bad(f"{where}: from", "a stage cannot follow itself")
        enter = self.fields(f"{where}: enter", written.get("enter"), ("all", "any"))
        all_ = self.comparisons(f"{where}: enter.all", enter.get("all"))
        any_ = self.comparisons(f"{where}: enter.any", enter.get("any"))
        if not all_ and not any_:
            raise self.bad(f"{where}: enter", "needs at least one condition")
        where = f"{where}: touch_points"
        touch_points = tuple(
            self.touch_point(f"{where}[{index}]", part)
            for index, part in enumerate(self.sequence(where, written.get("touch_points")))
        )
        return Stage(name, says, frozenset(from_), all_, any_, touch_points)


def read_map(text: str, file: str) -> JourneyMap:
    """The journey map of a YAML text.

    Args:
        file: its name, for messages.
    Raises: BadSettings: file, stage and field of the first thing wrong.
    """
    reader = Reader(file)
    try:
        parsed = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise reader.bad("not YAML", str(error).replace("\n", " ")) from error
    given = reader.fields("file", parsed, ("stages",))
    listed = [
        reader.fields(f"stages[{index}]", part, STAGE_FIELDS)
        for index, part in enumerate(reader.sequence("stages", given.get("stages")))
    ]
    names = [
        reader.text(f"stages[{i}]: stage", fields.get("stage")) for i, fields in enumerate(listed)
    ]
    if not names:
        raise reader.bad("stages", "at least one stage is needed")
    for index, name in enumerate(names):
        if name == START or name in names[:index]:
            raise reader.bad(f"stages[{index}]: stage", f"`{name}` is taken")
    journey_map = JourneyMap(
        tuple(
            reader.stage(name, fields, names[:index], names)
            for index, (name, fields) in enumerate(zip(names, listed, strict=True))
        )
    )
    if (lost := find_unreachable(journey_map)) is not None:
        raise reader.bad(f"stage `{lost}`: from", f"no way leads here from `{START}`")
    if (turn := find_endless_turn(journey_map)) is not None:
        way = " -> ".join([*turn, turn[0]])
        raise reader.bad(
            f"stage `{turn[0]}`: enter",
            f"a customer could turn without end at one moment: {way}; all their conditions can"
            " hold together",
        )
    return journey_map
