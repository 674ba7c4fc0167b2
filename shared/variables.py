"""Every environment variable with its meaning: what `load` knows and what the reference shows."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import SecretStr, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from shared import secret_files

TOOL_VARIABLES: dict[str, str] = {}
"""`PLAYCALLER_` variables of the tools with their meaning: no service reads or refuses them."""


@dataclass(frozen=True)
class Variable:
    """One environment variable as the reference shows it."""

    name: str
    kind: str
    default: str | None
    meaning: str
    example: str | None


def variables(cls: type[BaseSettings]) -> tuple[Variable, ...]:
    """The environment variables of a settings class, in the order of its fields."""
    names = []
    for name, field in fields(cls):
        info = cls.model_fields[field]
        if info.default_factory is not None:
            default: Any = info.get_default(call_default_factory=True, validated_data={})
        else:
            default = info.default
        example = str(info.examples[0]) if info.examples else None
        shown = None if default is PydanticUndefined else _shown(default)
        names.append(Variable(name, _kind(info), shown, info.description or "", example))
        if is_secret(info.annotation):
            meaning = f"A file that holds `{name}`, in its place."
            names.append(Variable(name + secret_files.SUFFIX, _KINDS[Path], "", meaning, None))
    return tuple(names)


def table(classes: Mapping[str, type[BaseSettings]]) -> str:
    """All environment variables as one Markdown table.

    Args:
        classes: settings class by service name, in the order services are shown.
    """
    rows: dict[Variable, list[str]] = {}
    for service, cls in classes.items():
        for variable in variables(cls):
            rows.setdefault(variable, []).append(service)
    lines = ["| variable | value | default | services | meaning |", "|---|---|---|---|---|"]
    for v, services in rows.items():
        default = "**required**" if v.default is None else f"`{v.default}`" if v.default else "-"
        who = "all" if len(services) == len(classes) else ", ".join(services)
        example = f" E.g. `{v.example}`." if v.example else ""
        meaning = f"{v.meaning}{example}".replace("|", "\\|")
        lines.append(f"| `{v.name}` | {v.kind} | {default} | {who} | {meaning} |")
    for name, meaning in TOOL_VARIABLES.items():
        lines.append(f"| `{name}` | text | - | tools | {meaning} |")
    return "\n".join(lines) + "\n"


def fields(cls: type[BaseSettings]) -> Iterator[tuple[str, str]]:
    """Pairs of environment name and field name."""
    for field, info in cls.model_fields.items():
        alias = info.validation_alias
        yield (alias if isinstance(alias, str) else field).upper(), field


def secrets(cls: type[BaseSettings]) -> list[str]:
    """Names of the settings that may be given as a file."""
    return [name for name, field in fields(cls) if is_secret(cls.model_fields[field].annotation)]


def is_secret(annotation: object) -> bool:
    """Whether a setting of this type is a secret, or may be one."""
    return annotation in (SecretStr, SecretStr | None)


_KINDS: dict[object, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    SecretStr: "text (secret)",
    Path: "a path",
    timedelta: "a span of time (ISO 8601)",
}


def _kind(info: FieldInfo) -> str:
    """What a value has to be, in plain words."""
    limits = {
        word: getattr(limit, attribute)
        for limit in info.metadata
        for attribute, word in (("ge", "from"), ("gt", "above"), ("le", "to"), ("lt", "below"))
        if getattr(limit, attribute, None) is not None
    }
    spoken = "".join(f" {word} {limits[word]:,}" for word in sorted(limits))
    return _kind_of(info.annotation) + spoken.replace(",", "_")


def _kind_of(annotation: object) -> str:
    origin = get_origin(annotation)
    if origin is Literal:
        return "one of " + ", ".join(str(word) for word in get_args(annotation))
    if origin in {Union, types.UnionType}:
        return " or ".join(_kind_of(a) for a in get_args(annotation) if a is not type(None))
    return _KINDS.get(annotation, f"JSON ({getattr(annotation, '__name__', annotation)})")


def _shown(default: object) -> str:
    if default is None:
        return ""
    if isinstance(default, timedelta):
        return str(TypeAdapter(timedelta).dump_python(default, mode="json"))
    return "(secret)" if isinstance(default, SecretStr) else str(default)
