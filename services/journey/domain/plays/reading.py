"""Reads YAML so that whatever is wrong is named by file, line and field, and all of it at once."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from difflib import get_close_matches
from typing import Any

import yaml
from typing_extensions import override
from yaml.constructor import SafeConstructor

from services.journey.domain.facts import BY_NAME
from services.journey.domain.facts.fact import OPS, Comparison, Fact, Value
from services.journey.domain.plays.condition import Condition

SPAN = re.compile(r"([1-9][0-9]{0,4})(m|h|d)")
SECONDS = {"m": 60, "h": 3_600, "d": 86_400}
NAME = re.compile(r"[a-z0-9][a-z0-9 ?!'-]{0,59}")
TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
MOST_TEXT = 2_000
KINDS = {bool: "true or false", int: "a whole number", str: "text"}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a playbook."""

    file: str
    line: int
    field: str
    what: str

    @override
    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.field}: {self.what}" if self.field else f"{where}: {self.what}"


def nearest(name: str, known: Collection[str]) -> str:
    """What to say of a word that nobody knows.

    >>> nearest("onbording", ["onboarding", "renewal"])
    'did you mean `onboarding`?'
    """
    near = get_close_matches(name, list(known), n=1, cutoff=0.4)
    return f"did you mean `{near[0]}`?" if near else f"known: {', '.join(known) or 'none'}"


class Part:
    """One place in a file: what stands there, or nothing; it notes what is wrong and goes on."""

    def __init__(
        self, file: str, node: yaml.Node | None, line: int, path: str, problems: list[Problem],
        first: int, facts: Mapping[str, Fact],
    ) -> None:  # fmt: skip
        """Take a place.

        Args:
            line: where it would stand, if nothing does.
            facts: that conditions may name.
            first: the line of the file that the text begins on.
        """
        self.file = file
        self.path = path
        self.problems = problems
        self._node = node
        self._first = first
        self._facts = facts
        self._line = line if node is None else node.start_mark.line + first

    @property
    def is_there(self) -> bool:
        """Whether something stands here."""
        return self._node is not None

    def bad(self, what: str) -> None:
        """Note what is wrong here."""
        self.problems.append(Problem(self.file, self._line, self.path, what))

    def fields(self, allowed: Sequence[str], needed: Sequence[str] = ()) -> "Part":
        """It has no other fields than `allowed`, and has those that are needed."""
        if not isinstance(self._node, yaml.MappingNode):
            self.bad(f"expected the fields {', '.join(allowed)}")
            return self
        names = self.names
        for name, part in zip(names, self._parts(), strict=True):
            if name not in allowed:
                part.bad(f"unknown field; {nearest(name, allowed)}")
            elif names.count(name) > 1:
                part.bad("the field stands here twice")
        for name in needed:
            if name not in names:
                self.bad(f"field `{name}` is missing")
        return self

    @property
    def names(self) -> list[str]:
        """The names of its fields."""
        if not isinstance(self._node, yaml.MappingNode):
            return []
        return [str(key.value) for key, _ in self._node.value]

    def field(self, name: str) -> "Part":
        """One of its fields, whether it is there or not."""
        if isinstance(self._node, yaml.MappingNode):
            for key, node in self._node.value:
                if key.value == name:
                    return self._part(node, name)
        return self._part(None, name)

    def items(self) -> "list[Part]":
        """The members of a list; a missing one is empty."""
        if self._node is None:
            return []
        if not isinstance(self._node, yaml.SequenceNode):
            self.bad("expected a list")
            return []
        return [self._part(node, f"[{n}]") for n, node in enumerate(self._node.value)]

    def text(self) -> str:
        """A text that is not empty."""
        value = self._scalar()
        if not isinstance(value, str) or not value.strip():
            self.bad("expected a text")
            return ""
        if len(value) > MOST_TEXT:
            self.bad(f"expected {MOST_TEXT} characters at most")
        return value.strip()

    def name(self) -> str:
        """A name: small letters, digits, spaces."""
        text = self.text()
        if text and NAME.fullmatch(text) is None:
            self.bad("expected a name: small letters, digits, spaces, - and ?, up to 60")
        return text

    def texts(self) -> list[str]:
        """A list of names with at least one."""
        names = [part.name() for part in self.items()]
        if not names:
            self.bad("expected a list with at least one name")
        return names

    def word(self, known: Collection[str], what: str) -> str:
        """One of the words that are known."""
        text = self.text()
        if text and text not in known:
            self.bad(f"unknown {what} `{text}`; {nearest(text, known)}")
        return text

    def span(self) -> int:
        """A span of time, `30m`, `3h`, `2d`, in seconds."""
        value = self._scalar()
        matched = SPAN.fullmatch(value) if isinstance(value, str) else None
        if matched is None:
            self.bad("expected a span of time, like 30m, 3h or 2d")
            return 0
        return int(matched[1]) * SECONDS[matched[2]]

    def time(self) -> time | None:
        """A time of day, `"09:00"`."""
        value = self._scalar()
        matched = TIME.fullmatch(value) if isinstance(value, str) else None
        if matched is None:
            self.bad('expected a time of day in quotes, like "09:00"')
            return None
        return time(int(matched[1]), int(matched[2]))

    def whole(self, least: int, most: int) -> int:
        """A whole number in a range."""
        number = self._scalar()
        if type(number) is not int or not least <= number <= most:
            self.bad(f"expected a whole number from {least} to {most}")
            return least
        return number

    def share(self, most: float) -> float:
        """A share, 0 to `most`."""
        number = self._scalar()
        if not isinstance(number, int | float) or type(number) is bool or not 0 <= number <= most:
            self.bad(f"expected a share from 0 to {most}")
            return 0.0
        return float(number)

    def flag(self) -> bool:
        """`true` or `false`."""
        value = self._scalar()
        if type(value) is not bool:
            self.bad("expected true or false")
            return False
        return value

    def condition(self) -> Condition:
        """Comparisons under `all` and `any`; a missing one asks for nothing."""
        if self._node is None:
            return Condition()
        self.fields(("all", "any"))
        asked = Condition(
            tuple(filter(None, (part.comparison() for part in self.field("all").items()))),
            tuple(filter(None, (part.comparison() for part in self.field("any").items()))),
        )
        if asked.is_empty:
            self.bad("needs at least one condition")
        return asked

    def comparison(self) -> Comparison | None:
        """One `{fact, op, value}`; None: something is wrong with it."""
        before = len(self.problems)
        names = ("fact", "op", "value")
        self.fields(names, names)
        if len(self.problems) > before:
            return None
        name, op = self.field("fact").word(self._facts, "fact"), self.field("op").word(OPS, "op")
        if len(self.problems) > before:
            return None
        fact, value = self._facts[name], self.field("value")
        if fact.type is not int and op not in {"==", "!="}:
            self.field("op").bad(f"`{name}` is {KINDS[fact.type]}: use == or !=")
        scalar = value._scalar()  # noqa: SLF001 - of our own kind
        if type(scalar) is not fact.type:
            value.bad(f"`{name}` is compared with {KINDS[fact.type]}")
        elif fact.words and scalar not in fact.words:
            value.bad(f"unknown value `{scalar}`; {nearest(str(scalar), fact.words)}")
        elif fact.most is not None and int(scalar) > fact.most:
            value.bad(f"`{name}` can be compared with {fact.most} at most")
        if len(self.problems) > before:
            return None
        compared: Value = scalar
        return Comparison(name, op, compared)

    def _scalar(self) -> Any:
        if not isinstance(self._node, yaml.ScalarNode):
            return None
        return SafeConstructor().construct_object(self._node)

    def _parts(self) -> "list[Part]":
        assert isinstance(self._node, yaml.MappingNode)  # noqa: S101 - whoever calls has looked
        return [self._part(node, str(key.value)) for key, node in self._node.value]

    def _part(self, node: yaml.Node | None, name: str) -> "Part":
        return Part(
            self.file, node, self._line, self._below(name), self.problems, self._first, self._facts
        )  # fmt: skip

    def _below(self, name: str) -> str:
        return f"{self.path}{name}" if name.startswith("[") else f"{self.path}.{name}".lstrip(".")


def parse(
    file: str, text: str, problems: list[Problem], line: int = 1,
    facts: Mapping[str, Fact] = BY_NAME,
) -> Part:  # fmt: skip
    """The whole of a file, or of its head; what is no YAML is noted.

    Args:
        line: on which of the file it begins.
        facts: that conditions may name.
    """
    try:
        node = yaml.compose(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        last = text.count(
            "\n", 0, len(text.rstrip())
        )  # what is missing at the end is missed after it
        at = line if mark is None else min(mark.line, last) + line
        what = getattr(error, "problem", None) or "cannot be read"
        problems.append(Problem(file, at, "", f"not YAML: {what}"))
        node = None
    return Part(file, node, line, "", problems, line, facts)
