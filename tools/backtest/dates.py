"""Times as files have them: in one form, asked for, never guessed."""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Final

EARLIEST_YEAR = 1970  # before it stand 0001-01-01 and 1900-01-01: how databases say "none"


class Form(StrEnum):
    """How a file writes its dates."""

    #: the year first: 2026-03-01
    ISO = "iso"
    #: the day first: 1.3.2026
    DMY = "dmy"
    #: the month first: 3/1/2026
    MDY = "mdy"
    #: since 1970, UTC
    SECONDS = "seconds"
    #: since 1970, UTC
    MILLISECONDS = "milliseconds"
    #: a spreadsheet's number of days, 1 being 1900-01-01
    EXCEL = "excel"


EXAMPLES: Final = {
    Form.ISO: "2026-03-01, 2026-03-01 07:12 or 2026-03-01T07:12:30Z",
    Form.DMY: "01.03.2026, 1/3/2026 or 01.03.2026 07:12",
    Form.MDY: "03/01/2026 or 3/1/2026 07:12",
    Form.SECONDS: "1772349120, seconds since 1970",
    Form.MILLISECONDS: "1772349120000, milliseconds since 1970",
    Form.EXCEL: "46082 or 46082.3, days as spreadsheets count them",
}
_CLOCK = r"(?:[T ]+(\d{1,2})(?::?\d{2}){0,2}(?:\.\d+)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})" + _CLOCK, re.IGNORECASE | re.ASCII)
_PARTS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})" + _CLOCK, re.IGNORECASE | re.ASCII)
_COUNTS: Final = {  # how many digits, so many a day, the day that is 0
    Form.SECONDS: (re.compile(r"\d{9,10}(\.\d+)?", re.ASCII), 86_400, date(1970, 1, 1)),
    Form.MILLISECONDS: (re.compile(r"\d{12,13}", re.ASCII), 86_400_000, date(1970, 1, 1)),
    Form.EXCEL: (re.compile(r"\d{5}([.,]\d+)?", re.ASCII), 1, date(1899, 12, 30)),
}
_LOOKS: Final = (
    (_ISO, "the year stands first: is it `--dates iso`?"),
    (_PARTS, "the year stands last: is it `--dates dmy` or `--dates mdy`?"),
    *((count[0], f"it is a number: is it `--dates {form}`?") for form, count in _COUNTS.items()),
)
_NEITHER: Final = "write four digits of the year, the month as a number, hours from 0 to 23, a zone as Z or +01:00"

Moment = tuple[int, int]
"""Ordinal of the day as it is written, hour (0 where no time is given)."""


def reader(form: Form) -> Callable[[str], Moment]:
    """Reads times of one form. What it returns raises ValueError: what was expected instead.

    >>> reader(Form.DMY)("1.3.2026 07:12") == reader(Form.ISO)("2026-03-01T07:12:30Z")
    True
    >>> reader(Form.EXCEL)("46082.3") == reader(Form.SECONDS)("1772349120")
    True
    """
    return _counted(form) if form in _COUNTS else _written(form)


def _written(form: Form) -> Callable[[str], Moment]:
    known: dict[str, int] = {}
    pattern = _ISO if form is Form.ISO else _PARTS

    def read(text: str) -> Moment:
        match = pattern.fullmatch(text)
        if match is None:
            raise _other(text, form)
        hour = int(match[match.re.groups] or 0)
        written = text[: match.end(match.re.groups - 1)]
        day = known.get(written)
        if day is None:
            day = known[written] = _day(match.groups(), form)
        if hour > 23:
            raise ValueError(f"hour {hour}: expected {EXAMPLES[form]}")
        return day, hour

    return read


def _counted(form: Form) -> Callable[[str], Moment]:
    pattern, a_day, zero = _COUNTS[form]
    first = zero.toordinal()

    def read(text: str) -> Moment:
        if pattern.fullmatch(text) is None:
            raise _other(text, form)
        days, rest = divmod(float(text.replace(",", ".")) / a_day, 1.0)
        day = first + int(days)
        _not_too_early(date.fromordinal(day).year)
        return day, min(int(rest * 86_400 + 0.5) // 3_600, 23)  # spreadsheets round to less

    return read


def _other(text: str, form: Form) -> ValueError:
    """What is wrong with a text that is not of a form, by what it looks like."""
    looks = "it is empty" if not text else _NEITHER
    for pattern, hint in _LOOKS:
        if pattern.fullmatch(text) is not None:
            looks = hint
            break
    return ValueError(f"expected {EXAMPLES[form]}; {looks}")


def _day(parts: tuple[str, ...], form: Form) -> int:
    if form is Form.ISO:
        year, month, day = parts[:3]
    elif form is Form.DMY:
        day, _, month, year = parts[:4]
    else:
        month, _, day, year = parts[:4]
    _not_too_early(int(year))
    try:
        return date(int(year), int(month), int(day)).toordinal()
    except ValueError as error:
        other = {Form.DMY: "; is it `--dates mdy`?", Form.MDY: "; is it `--dates dmy`?"}
        raise ValueError(
            f"no such day in the calendar when read as {form.value}{other.get(form, '')}"
        ) from error


def _not_too_early(year: int) -> None:
    if year < EARLIEST_YEAR:
        raise ValueError(
            f"year {year}: expected {EARLIEST_YEAR} or later; is it a placeholder for no date?"
            " leave the row out"
        )
