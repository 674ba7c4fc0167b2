"""The audit: who changed what, when, from where and why. Rows are added and never changed.

Written in the transaction of the change, as its last statement: there is no change without its row,
and rows wait for each other only while a transaction commits.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import masking, metrics
from shared.db import chain

By = Literal["person", "program", "system"]

MOST_TEXT = 256  # characters of a text that are kept
MOST_ID = 600  # of an id: a quarantined record's is the longest
MOST_ITEMS = 200  # of a list
VERIFIED_AT_ONCE = 2_000  # rows


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts.

    Attributes:
        subject: as the token says, e.g. `account:7f3a`, `key:1b2c3d4e`; `stranger` before a sign-in.
        by: a person, a program with a key, or the system itself (a command on its own machine).
        address: where the request came from.
        request: its id, as answered in `X-Request-Id`.
    """

    subject: str
    by: By
    roles: Sequence[str] = ()
    organisation: str | None = None
    address: str | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one thing.

    Attributes:
        action: one word per route, `<kind>.<verb>`.
        kind, id: the thing.
        before, after: what was and is of it; of fields with personal data only the names.
        why: the reason that was given, if one was.
    """

    author: Author
    action: str
    kind: str
    id: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    why: str | None = None


_ADD = text(
    """INSERT INTO audit (who, by, roles, organisation, address, request, action, kind, id,
      before, after, why)
    SELECT v.who, v.by, v.roles, v.organisation, v.address, v.request, v.action, v.kind, v.id,
      v.before, v.after, v.why
    FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) AS (who text, by text, roles text[],
      organisation text, address text, request text, action text, kind text, id text,
      before jsonb, after jsonb, why text)) WITH ORDINALITY AS v(who, by, roles, organisation,
      address, request, action, kind, id, before, after, why, place)
    ORDER BY v.place"""
)
_COVERED = ", ".join(f"{field.format('a')} AS c{n}" for n, field in enumerate(chain.COVERED))
_PAGE = text(
    f"""SELECT a.n, a.previous_hash, a.hash, {_COVERED} FROM audit a
    WHERE a.n > :after ORDER BY a.n LIMIT :limit"""  # noqa: S608 - columns of ours
)
_HEAD = text("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1")


async def record(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Add rows in this order; the last statement of the transaction that changes the things."""
    if not entries:
        return
    rows = [_row(entry) for entry in entries]
    await connection.execute(_ADD, {"rows": msgspec.json.encode(rows).decode()})
    metrics.AUDITED.inc(len(rows))


def _row(entry: Entry) -> dict[str, Any]:
    author = entry.author
    return {
        "who": _storable(author.subject),
        "by": author.by,
        "roles": sorted(_storable(role) for role in author.roles),
        "organisation": _storable(author.organisation or "") or None,
        "address": _storable(author.address or "") or None,
        "request": _storable(author.request or "") or None,
        "action": _storable(entry.action),
        "kind": _storable(entry.kind),
        "id": _storable(entry.id),  # opaque: it may look like a number, and stays
        "before": None if entry.before is None else _kept(entry.before),
        "after": None if entry.after is None else _kept(entry.after),
        "why": None if not entry.why else _plain(entry.why),
    }


def _storable(text: str) -> str:
    """PostgreSQL knows no NUL."""
    return text.replace("\x00", "")[:MOST_ID]


def _plain(text: str) -> str:
    """A text as it may stand here: mail addresses and phone numbers hidden, nothing too long."""
    return masking.mask(_storable(text))[:MOST_TEXT]


def _kept(value: Any) -> Any:
    """The same value with its texts made plain."""
    match value:
        case str():
            return _plain(value)
        case Mapping():
            return {_plain(str(name)): _kept(item) for name, item in value.items()}
        case list() | tuple():
            return [_kept(item) for item in value[:MOST_ITEMS]]
        case set() | frozenset():
            return sorted(_kept(item) for item in value)[:MOST_ITEMS]
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Head:
    """The last row: whoever has written it down elsewhere can show later that nothing is missing."""

    n: int
    hash: bytes


START = Head(0, chain.ORIGIN)


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the chain does not hold.

    Attributes:
        n: the first number at which it does not.
    """

    n: int
    why: Literal["missing", "changed", "not_linked", "not_as_noted"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the chain found.

    Attributes:
        head: the last row that is right.
        rows: how many were walked.
        complete: the walk reached the end, or the first row that is not right.
    """

    head: Head
    rows: int
    broken: Broken | None
    complete: bool


async def head(connection: AsyncConnection) -> Head:
    """The last row; n = 0 where there is none."""
    last_row = (await connection.execute(_HEAD)).one_or_none()
    return START if last_row is None else Head(last_row.n, bytes(last_row.hash))


async def verify(
    connection: AsyncConnection,
    *,
    noted: Head | None = None,
    begin: Head = START,
    most: int | None = None,
) -> Verdict:
    """Walk the chain and compute every hash again.

    Args:
        noted: a head that was written down before: the chain must go through it.
        begin: walk from behind this one.
        most: rows to walk; the walk goes on from the verdict's head.
    """
    at, walked = begin, 0
    async for page in _pages(connection, begin.n, most):
        for row in page:
            broken = _fault(row, at, noted)
            if broken is not None:
                return Verdict(at, walked, broken, complete=True)
            at = Head(row.n, bytes(row.hash))
            walked += 1
    if most is not None and walked >= most and at.n < (await head(connection)).n:
        return Verdict(at, walked, None, complete=False)
    if noted is not None and at.n < noted.n:
        return Verdict(at, walked, Broken(at.n + 1, "missing"), complete=True)
    return Verdict(at, walked, None, complete=True)


async def _pages(
    connection: AsyncConnection, after: int, most: int | None
) -> AsyncIterator[Sequence[Any]]:
    left = most
    while left is None or left > 0:
        limit = VERIFIED_AT_ONCE if left is None else min(left, VERIFIED_AT_ONCE)
        page = (await connection.execute(_PAGE, {"after": after, "limit": limit})).all()
        if not page:
            return
        yield page
        after = page[-1].n
        left = None if left is None else left - len(page)


def _fault(row: Any, before: Head, noted: Head | None) -> Broken | None:
    """What is wrong with a row that should follow `before`; None: nothing."""
    if row.n != before.n + 1:
        return Broken(before.n + 1, "missing")
    if bytes(row.previous_hash) != before.hash:
        return Broken(row.n, "not_linked")
    if chain.link(before.hash, row[3:]) != bytes(row.hash):
        return Broken(row.n, "changed")
    if noted is not None and noted.n == row.n and noted.hash != bytes(row.hash):
        return Broken(row.n, "not_as_noted")
    return None
