"""Cells of a CSV file that no spreadsheet takes for a formula.

Source: OWASP ASVS 5.0, 1.2.10; the sign of text goes before whatever could begin a formula, also behind
blanks, which some programs leave out.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime

BEGINS = tuple("=+-@\t\r\x00\uff1d\uff0b\uff0d\uff20")  # the last four: full width

Value = str | int | float | bool | date | datetime | None


def cell(value: Value) -> str:
    """A value as text; numbers stay numbers, what people wrote stays text.

    >>> cell("=HYPERLINK(1)"), cell(" @x"), cell(-3), cell(None), cell("lens")
    ("'=HYPERLINK(1)", "' @x", '-3', '', 'lens')
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if not isinstance(value, str):
        return str(value)
    text = value.replace("\x00", "")
    risky = value.startswith(BEGINS) or text.lstrip().startswith(BEGINS)
    return f"'{text}" if risky else text


def lines(rows: Iterable[Sequence[Value]]) -> str:
    r"""Rows as lines of CSV (RFC 4180).

    >>> lines([["id", "says"], ["a", 'a "b", c']])
    'id,says\r\na,"a ""b"", c"\r\n'
    """
    out = io.StringIO()
    csv.writer(out).writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()
