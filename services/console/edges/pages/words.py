"""What the console says: every sentence is in messages/en.toml, by key, with plural forms."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

CATALOGUE = Path(__file__).with_name("messages") / "en.toml"
FORMS = frozenset({"one", "other"})  # the plural forms of English (CLDR)


class Words:
    """The catalogue of one language."""

    def __init__(self, path: Path = CATALOGUE) -> None:
        """Read it. Raises ValueError: something in it is neither a sentence nor a table."""
        self.said = _read(path)

    def __call__(self, key: str, /, **values: Any) -> str:
        """A sentence with its values; `n` chooses the plural form. Raises KeyError."""
        sentence = self.said[key]
        if not isinstance(sentence, str):
            sentence = sentence["one" if values["n"] == 1 else "other"]
        return sentence.format_map({name: _written(value) for name, value in values.items()})

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in self.said


@cache
def _read(path: Path) -> Mapping[str, str | dict[str, str]]:
    """All of a catalogue, read once."""
    return MappingProxyType(dict(_flat(tomllib.loads(path.read_text("utf-8")))))


def _written(value: Any) -> Any:
    return f"{value:,}" if isinstance(value, int) else value


def _flat(table: Mapping[str, Any], before: str = "") -> list[tuple[str, str | dict[str, str]]]:
    sentences: list[tuple[str, str | dict[str, str]]] = []
    for name, value in table.items():
        key = f"{before}{name}"
        if isinstance(value, str) or (isinstance(value, dict) and value.keys() == FORMS):
            sentences.append((key, value))
        elif isinstance(value, dict):
            sentences += _flat(value, f"{key}.")
        else:
            raise ValueError(f"{key}: a sentence, a table, or `one` and `other`")
    return sentences
