"""CSV imports: read line by line, written a thousand at a time, with progress."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from services.ingest.domain.failure import failure
from shared import log
from shared.db import trouble
from shared.web.jobs import Job, Jobs
from shared.web.problems import Problem

MAX_ROWS = 100_000
AT_ONCE = 1_000
RETRY_S = 1.0

In = TypeVar("In", bound=BaseModel)
Write = Callable[[list[tuple[int, In]], Job], Awaitable[None]]
Begin = Callable[[Job], Awaitable[None]]

_log = log.get("ingest.import")
_WORDS = {"": False, "false": False, "no": False, "0": False, "true": True, "yes": True, "1": True}


def start(
    jobs: Jobs, kind: str, body: bytes, model: type[In], write: Write[In], begin: Begin
) -> Job:
    """Begin an import.

    Args:
        model: its fields are the columns that may be in the header.
        write: takes (line, item) pairs and tells the job what it did.
        begin: comes before the first of them.
    Raises: Problem 422: it is no such CSV.
    """
    rows = _rows(body, model)

    async def work(job: Job) -> None:
        await _patiently(partial(begin, job), job)
        items: list[tuple[int, In]] = []
        for line, row in rows:
            made = _item(row, model)
            if isinstance(made, str):
                job.leave_out(line, made)
                continue
            items.append((line, made))
            if len(items) == AT_ONCE:
                await _write(write, items, job)
                items = []
        if items:
            await _write(write, items, job)

    return jobs.start(kind, len(rows), work)


async def _write(write: Write[In], items: list[tuple[int, In]], job: Job) -> None:
    """Write; of lines that fail for an unknown reason only the one is left out."""
    try:
        await _patiently(partial(write, items, job), job)
    except Exception as error:  # noqa: BLE001 - the net
        if len(items) == 1:
            _log.error(
                "a line of an import cannot be written", extra={"job": job.id} | failure(error)
            )
            job.leave_out(items[0][0], "this line cannot be written: a fault of ours, see the log")
            return
        half = len(items) // 2
        await _write(write, items[:half], job)
        await _write(write, items[half:], job)


async def _patiently(write: Callable[[], Awaitable[None]], job: Job) -> None:
    """Write; while PostgreSQL is away, wait: writing the same twice changes nothing."""
    while True:
        try:
            await write()
        except Exception as error:
            if not trouble.is_passing(error):
                raise
            _log.warning("an import waits for PostgreSQL", extra={"job": job.id})
            await asyncio.sleep(RETRY_S)
        else:
            return


def _rows(body: bytes, model: type[BaseModel]) -> list[tuple[int, dict[str, str]]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("it is not UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    known = list(model.model_fields)
    try:
        header: Sequence[str] = reader.fieldnames or ()
        if "id" not in header or not set(header) <= set(known):
            raise _refused(f"the first line must name columns among {','.join(known)}")
        found = list(_read(reader))
    except csv.Error as error:
        raise _refused(f"line {reader.line_num}: {error}") from None
    return found


def _read(reader: "csv.DictReader[str]") -> Iterator[tuple[int, dict[str, str]]]:
    for number, row in enumerate(reader):
        if number >= MAX_ROWS:
            raise _refused(f"more than {MAX_ROWS:,} lines")
        yield reader.line_num, row


def _item(row: dict[str, str], model: type[In]) -> In | str:
    """The item of a line, or what is wrong with it (never its values)."""
    if None in row or None in row.values():
        return "the line has more or fewer columns than the header"
    given: dict[str, object] = {name: text for name, text in row.items() if text != ""}
    if "battery" in row:
        word = row["battery"].strip().lower()
        if word not in _WORDS:
            return "battery: expected true or false"
        given["battery"] = _WORDS[word]
    try:
        return model(**given)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{first['loc'][0]}: {first['msg']}"


def _refused(why: str) -> Problem:
    return Problem(422, "bad_csv", "This CSV cannot be read", why)
