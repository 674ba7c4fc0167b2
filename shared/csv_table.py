"""The one reader of CSV: what is imported, of customers as of devices, is read and counted here.

A line ends with a line feed, a carriage return or both, and nothing else; no value goes on in the
next line, so that a quote that is not closed takes no other line with it.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

FIRST_BYTES: Final = 64  # in which UTF-16 without its mark shows
NO_TEXT: Final = {
    b"PK\x03\x04": "a spreadsheet (.xlsx) or another ZIP file",
    b"\xd0\xcf\x11\xe0": "a spreadsheet (.xls)",
    b"\x1f\x8b": "a packed file (.gz)",
}


class BadCsv(ValueError):
    """The file is no such table; the message says where, without its values."""


class NotUtf8(BadCsv):
    """The file is not UTF-8 text."""


class BadHeader(BadCsv):
    """The first line does not name the columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line.

    Attributes:
        values: by column, without blanks around; None: it has more or fewer than the header.
        fields: how many it has.
    """

    line: int
    values: dict[str, str] | None
    fields: int


def decoded(body: bytes) -> str:
    """The text of a file. Raises: NotUtf8: it says what the file seems to be."""
    first = body[:FIRST_BYTES]
    for mark, kind in NO_TEXT.items():
        if first.startswith(mark):
            raise NotUtf8(f"it is {kind}, expected text: save it as CSV UTF-8")
    if first[:2] in {b"\xff\xfe", b"\xfe\xff"} or first.count(0) * 3 > len(first) > 1:
        raise NotUtf8("it is UTF-16, expected UTF-8: save it as CSV UTF-8")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise NotUtf8(
            f"line {line}: byte {error.start} is not UTF-8; is it Latin-1? save it as CSV UTF-8"
        ) from error


class Table:
    """A text whose header and quotes are right."""

    def __init__(
        self, text: str, columns: Sequence[str], required: Sequence[str], most: int | None = None
    ) -> None:
        """Args: most: lines there may be.

        Raises: BadHeader; BadCsv: a quote is not closed, or there are more lines.
        """
        self._text = text
        self._columns = columns
        records = _records(text)
        self.names = self._header(next(records, (1, []))[1], required)
        self.total = 0
        for _ in records:
            self.total += 1
            if most is not None and self.total > most:
                raise BadCsv(f"more than {most:,} lines")

    def rows(self) -> Iterator[Row]:
        """The lines after the header that are not blank."""
        records = _records(self._text)
        next(records, None)
        for line, fields in records:
            values = None
            if len(fields) == len(self.names):
                values = {
                    name: field.strip() for name, field in zip(self.names, fields, strict=True)
                }
            yield Row(line, values, len(fields))

    def _header(self, given: list[str], required: Sequence[str]) -> list[str]:
        known = {column.casefold(): column for column in self._columns}
        stripped = [name.strip().lstrip("\ufeff") for name in given]
        names = [known.get(name.casefold(), name) for name in stripped]
        expected = f"line 1: expected a header of the columns {', '.join(self._columns)}"
        if len(names) == 1 and names[0] not in self._columns:
            for letter, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
                if letter in names[0]:
                    raise BadHeader(f"{expected}, separated by commas, not {word}")
        unknown = [name for name in names if name not in self._columns]
        missing = [name for name in required if name not in names]
        twice = next((name for name in known.values() if names.count(name) > 1), None)
        if twice is not None:
            raise BadHeader(f"{expected}; {twice} is there twice")
        if unknown or missing:
            raise BadHeader(expected)
        return names


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """The fields of each line that is not blank, with its number. Raises: BadCsv."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _open_quote(line) from error
        if reader.line_num > line:
            raise _open_quote(line)
        if any(field.strip() for field in fields) or line == 1:
            yield line, fields


def _open_quote(line: int) -> BadCsv:
    return BadCsv(
        f"line {line}: a quote that is not closed in its line, or text after one that is; a quote"
        " within quotes is written twice, and no value goes on in the next line"
    )
