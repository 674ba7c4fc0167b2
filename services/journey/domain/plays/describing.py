"""What a reader asks of a file, kept as JSON Schema: readers read a place that holds whatever they ask for.

So there is one truth: the code that reads a playbook describes it, too.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import time
from typing import Any

from typing_extensions import override

from services.journey.domain.facts.fact import OPS, Comparison, Fact
from services.journey.domain.plays.condition import Condition
from services.journey.domain.plays.reading import MOST_TEXT, NAME, SPAN, TIME, Part

Schema = dict[str, Any]
CONDITION = "#/$defs/condition"
KINDS = {bool: "boolean", int: "integer", str: "string"}


class Described(Part):
    """A place of a file: reading it always succeeds, and what was asked of it is its schema."""

    def __init__(
        self,
        facts: Mapping[str, Fact],
        named: Sequence[str] = (),
        above: "Described | None" = None,
        name: str = "",
    ) -> None:
        """Nothing has been asked yet.

        Args:
            named: fields that stand here, where a reader goes by them.
            above: the place it is in, as its field `name`.
        """
        super().__init__("", None, 1, "", [], 1, facts)
        self.asked: Schema = {}
        #: which one of the fields that may be left out stands there; None: all
        self.only: int | None = None
        self._of = facts
        self._named = tuple(named)
        self._above = above
        self._name = name
        self._within: dict[str, Described] = {}

    @property
    def schema(self) -> Schema:
        """What may stand here; nothing that a reader asks for: anything."""
        schema = dict(self.asked)
        if "properties" in schema:
            known = self._within
            schema["properties"] = {
                name: known[name].schema if name in known else {} for name in schema["properties"]
            }
        if schema.get("type") == "array" and "items" not in schema:
            schema["items"] = self._within["[]"].schema
        return schema

    @property
    @override
    def is_there(self) -> bool:
        above, root = self._above, self
        while root._above is not None:
            root = root._above
        if above is None or root.only is None:
            return True
        left = above.may_lack
        return self._name not in left or left.index(self._name) == root.only % len(left)

    @property
    def may_lack(self) -> list[str]:
        """Its fields that may be left out."""
        needed = self.asked.get("required", ())
        return [name for name in self.asked.get("properties", ()) if name not in needed]

    @override
    def bad(self, what: str) -> None:
        return None

    @override
    def fields(self, allowed: Sequence[str], needed: Sequence[str] = ()) -> "Described":
        self.asked = {"type": "object", "properties": dict.fromkeys(allowed)}
        self.asked |= {"additionalProperties": False, "required": list(needed)}
        return self

    @property
    @override
    def names(self) -> list[str]:
        if not self.asked:
            self.asked = {"type": "object"}
        return list(self._named)

    @override
    def field(self, name: str) -> "Described":
        return self._within.setdefault(name, Described(self._of, (), self, name))

    @override
    def items(self) -> "list[Part]":
        self.asked = {"type": "array"}
        return [self._within.setdefault("[]", Described(self._of, (), self))]

    @override
    def text(self) -> str:
        self.asked = {"type": "string", "minLength": 1, "maxLength": MOST_TEXT}
        return ""

    @override
    def name(self) -> str:
        self.asked = {"type": "string", "pattern": f"^({NAME.pattern})$"}
        return ""

    @override
    def texts(self) -> list[str]:
        super().texts()
        self.asked["minItems"] = 1
        return []

    @override
    def word(self, known: Collection[str], what: str) -> str:
        self.asked = {"enum": list(known), "description": what} if known else {"type": "string"}
        return ""

    @override
    def span(self) -> int:
        self.asked = {"type": "string", "pattern": f"^({SPAN.pattern})$"}
        return 1

    @override
    def time(self) -> time | None:
        self.asked = {"type": "string", "pattern": f"^({TIME.pattern})$"}
        return None

    @override
    def whole(self, least: int, most: int) -> int:
        self.asked = {"type": "integer", "minimum": least, "maximum": most}
        return least

    @override
    def share(self, most: float) -> float:
        self.asked = {"type": "number", "minimum": 0, "maximum": most}
        return 0.0

    @override
    def flag(self) -> bool:
        self.asked = {"type": "boolean"}
        return False

    @override
    def condition(self) -> Condition:
        self.asked = {"$ref": CONDITION}
        return Condition()

    @override
    def comparison(self) -> Comparison | None:
        self.asked = comparison(self._of)
        return None

    @override
    def _scalar(self) -> Any:
        return None


def comparison(facts: Mapping[str, Fact]) -> Schema:
    """One `{fact, op, value}`, by kinds of facts."""
    alike: dict[tuple[Any, ...], list[str]] = {}
    for name, fact in facts.items():
        alike.setdefault((fact.type, fact.words, fact.most), []).append(name)
    return {"anyOf": [_compared(names, *kind) for kind, names in alike.items()]}


def _compared(names: list[str], kind: type, words: tuple[str, ...], most: int | None) -> Schema:
    value: Schema = {"enum": list(words)} if words else {"type": KINDS[kind]}
    if most is not None:
        value["maximum"] = most
    ops = list(OPS) if kind is int else ["==", "!="]
    properties = {"fact": {"enum": names}, "op": {"enum": ops}, "value": value}
    fields = list(properties)
    return {
        "type": "object", "properties": properties, "required": fields,
        "additionalProperties": False,
    }  # fmt: skip


def conditions(facts: Mapping[str, Fact]) -> Schema:
    """Comparisons under `all` and `any`, at least one."""
    listed = {"type": "array", "items": comparison(facts), "minItems": 1}
    return {
        "type": "object", "properties": {"all": listed, "any": listed}, "minProperties": 1,
        "additionalProperties": False,
    }  # fmt: skip
