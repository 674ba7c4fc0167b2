"""CSV imports: read line by line, written a thousand at a time, with progress."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from services.ingest.domain.failure import failure
from shared import log
from shared.csv_table import BadCsv, Row, Table, decoded
from shared.db import trouble
from shared.web.problems import Problem, expected
from shared.web.routes.jobs import Job, Jobs

MAX_ROWS = 100_000
AT_ONCE = 1_000
TOLD = 1_000  # wrong lines of a file
RETRY_S = 1.0

In = TypeVar("In", bound=BaseModel)
Write = Callable[[list[tuple[int, In]], Job], Awaitable[None]]
Begin = Callable[[Job], Awaitable[None]]

_log = log.get("ingest.import")
_LOOKS = {"id": "1 to 64 small letters, digits and dashes, e.g. cam-0042"}
_WORDS = {"": False, "false": False, "no": False, "0": False, "true": True, "yes": True, "1": True}


async def start(
    jobs: Jobs,
    kind: str,
    body: bytes,
    model: type[In],
    write: Write[In],
    begin: Begin,
    *,
    whole: bool = False,
) -> Job:
    """Begin an import.

    Args:
        model: its fields are the columns that may be in the header.
        write: takes (line, item) pairs and tells the job what it did.
        begin: comes before the first of them.
        whole: nothing is done where one line is wrong.
    Raises: Problem 422: it is no such CSV, or not as a whole.
    """
    # why a thread: a large file takes longer than anybody else may have to wait
    table = await asyncio.to_thread(_table, body, model)
    if whole:
        await asyncio.to_thread(_check, table, model)

    async def work(job: Job) -> None:
        await _patiently(partial(begin, job), job)
        items: list[tuple[int, In]] = []
        for row in table.rows():
            job_item = _item(row, model)
            if isinstance(job_item, str):
                job.leave_out(row.line, job_item)
                continue
            items.append((row.line, job_item))
            if len(items) == AT_ONCE:
                await _write(write, items, job)
                items = []
        if items:
            await _write(write, items, job)

    return jobs.start(kind, table.total, work)


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


def _table(body: bytes, model: type[BaseModel]) -> Table:
    try:
        return Table(decoded(body), list(model.model_fields), ("id",), MAX_ROWS)
    except BadCsv as error:
        raise Problem(422, "bad_csv", "This CSV cannot be read", str(error)) from error


def _check(table: Table, model: type[BaseModel]) -> None:
    """Look at every line. Raises: Problem 422: where which of them are wrong, the first of many."""
    seen: dict[str, int] = {}
    wrong: list[tuple[int, str]] = []
    for row in table.rows():
        item = _item(row, model)
        if isinstance(item, str):
            wrong.append((row.line, item))
            continue
        first = seen.setdefault(str(getattr(item, "id", "")), row.line)
        if first != row.line:
            wrong.append((row.line, f"id: the one of line {first}, expected another"))
    if wrong:
        told = [_where(line, error) for line, error in wrong[:TOLD]]
        raise Problem(
            422,
            "bad_lines",
            "Some lines are wrong, and nothing was done",
            lines=told,
            count=len(wrong),
        )


def _where(line: int, error: str) -> dict[str, object]:
    column, colon, says = error.partition(": ")
    return {"line": line, "column": column if colon else None, "error": says if colon else error}


def _item(row: Row, model: type[In]) -> In | str:
    """The item of a line, or what is wrong with it (never its values)."""
    if row.values is None:
        return "the line has more or fewer columns than the header"
    given: dict[str, object] = {name: text for name, text in row.values.items() if text}
    if "battery" in row.values:
        word = row.values["battery"].lower()
        if word not in _WORDS:
            return "battery: expected true or false"
        given["battery"] = _WORDS[word]
    try:
        return model(**given)
    except ValidationError as error:
        first = error.errors()[0]
        column = str(first["loc"][0])
        looks = _LOOKS.get(column) if first["type"] == "string_pattern_mismatch" else None
        return f"{column}: expected {looks or expected(first)}"
