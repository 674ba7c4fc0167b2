"""Times as files have them: one of three forms, asked for, never guessed."""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum

EXAMPLES = {
    "iso": "2026-03-01, 2026-03-01 07:12 or 2026-03-01T07:12:30Z",
    "dmy": "01.03.2026, 1/3/2026 or 01.03.2026 07:12",
    "mdy": "03/01/2026 or 3/1/2026 07:12",
}
EARLIEST_YEAR = 1970  # before it stand 0001-01-01 and 1900-01-01: how databases say "none"
_CLOCK = r"(?:[T ]+(\d{1,2})(?::?\d{2}){0,2}(?:\.\d+)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})" + _CLOCK, re.IGNORECASE | re.ASCII)
_PARTS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})" + _CLOCK, re.IGNORECASE | re.ASCII)
_OTHER = {"iso": "`--dates dmy` or `--dates mdy`", "dmy": "`--dates iso`", "mdy": "`--dates iso`"}

Moment = tuple[int, int]
"""Ordinal of the day as it is written, hour (0 where no time is given)."""


class Form(StrEnum):
    """How a file writes its dates."""

    #: the year first: 2026-03-01
    ISO = "iso"
    #: the day first: 1.3.2026
    DMY = "dmy"
    #: the month first: 3/1/2026
    MDY = "mdy"


def reader(form: Form) -> Callable[[str], Moment]:
    """Reads times of one form. What it returns raises ValueError: what was expected instead.

    >>> reader(Form.DMY)("1.3.2026 07:12") == reader(Form.ISO)("2026-03-01T07:12:30Z")
    True
    """
    known: dict[str, int] = {}
    pattern = _ISO if form is Form.ISO else _PARTS
    expected = f"a time such as {EXAMPLES[form]}"

    def read(text: str) -> Moment:
        match = pattern.fullmatch(text)
        if match is None:
            raise ValueError(f"expected {expected}; other forms: {_OTHER[form]}")
        hour = int(match[match.re.groups] or 0)
        written = text[: match.end(match.re.groups - 1)]
        day = known.get(written)
        if day is None:
            day = known[written] = _day(match.groups(), form)
        if hour > 23:
            raise ValueError(f"hour {hour}: expected {expected}")
        return day, hour

    return read


def _day(parts: tuple[str, ...], form: Form) -> int:
    if form is Form.ISO:
        year, month, day = parts[:3]
    elif form is Form.DMY:
        day, _, month, year = parts[:4]
    else:
        month, _, day, year = parts[:4]
    if int(year) < EARLIEST_YEAR:
        raise ValueError(
            f"year {int(year)}: expected {EARLIEST_YEAR} or later; is it a placeholder for no date?"
            " leave the row out"
        )
    try:
        return date(int(year), int(month), int(day)).toordinal()
    except ValueError as error:
        raise ValueError(
            f"no such day in the calendar when read as {form.value}; is it {_OTHER[form]}?"
        ) from error
