"""Findings we live with: read, and refused where reason or end is missing."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tools.setup.python import ROOT

FILE = ROOT / "deploy" / "audit-exceptions.toml"
LONGEST = timedelta(days=180)
KEYS = {"id": str, "package": str, "reason": str, "expires": date}


class BadExceptions(Exception):
    """The file says something that cannot be meant; the text names the entry."""


@dataclass(frozen=True)
class Accepted:
    """One finding we live with until `expires`, that day included."""

    id: str
    package: str
    reason: str
    expires: date

    def has_expired(self, today: date) -> bool:
        """Whether its time is over."""
        return today > self.expires


def read(today: date, file: Path = FILE) -> list[Accepted]:
    """The entries of the file. Raises BadExceptions: names the first one that is wrong."""
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadExceptions(f"{file.name}: {error}") from None
    if unknown := document.keys() - {"exception"}:
        raise BadExceptions(f"{file.name}: {min(unknown)} is unknown, write [[exception]]")
    return [
        _entry(file.name, n, entry, today)
        for n, entry in enumerate(document.get("exception", []), 1)
    ]


def _entry(name: str, number: int, entry: dict[str, Any], today: date) -> Accepted:
    where = f"{name}, entry {number}"
    if unknown := entry.keys() - KEYS.keys():
        raise BadExceptions(f"{where}: {min(unknown)} is unknown, expected {', '.join(KEYS)}")
    for key, kind in KEYS.items():
        value = entry.get(key)
        if type(value) is not kind or not str(value).strip():
            raise BadExceptions(f"{where}: {key} is missing, or no {kind.__name__}")
    accepted = Accepted(**entry)
    if accepted.expires > today + LONGEST:
        raise BadExceptions(f"{where}: expires is more than {LONGEST.days} days ahead")
    return accepted
