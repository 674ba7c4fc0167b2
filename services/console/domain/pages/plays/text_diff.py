"""What differs between two texts, as lines with their tone."""

from collections.abc import Mapping, Sequence
from difflib import unified_diff
from typing import NamedTuple

MOST_LINES = 2_000  # a play of more is looked at elsewhere


class Differs(NamedTuple):
    """The lines of one file that differ, with some around them; tone: added, gone or empty."""

    file: str
    lines: Sequence[tuple[str, str]]


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[Differs]:
    """The files of both that differ, by name.

    >>> differing({"a": "x", "b": "z"}, {"a": "n", "b": "z"})
    [Differs(file='a', lines=[('gone', 'x'), ('added', 'n')])]
    """
    names = sorted(before.keys() | after.keys())
    return [
        Differs(name, _lines(before.get(name, ""), after.get(name, "")))
        for name in names
        if before.get(name) != after.get(name)
    ]


def _lines(before: str, after: str) -> Sequence[tuple[str, str]]:
    tones = {"+": "added", "-": "gone", " ": ""}
    differs = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
    shown = [(tones[line[0]], line[1:]) for line in differs if line[0] in tones]
    return shown[:MOST_LINES]
