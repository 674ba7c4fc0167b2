"""Which database errors mean "not now", and which mean "this record"."""

from collections.abc import Iterator

import asyncpg
from asyncpg.exceptions import PostgresError
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# SQLSTATE classes: connection, rollback (deadlock, serialization), resources (disk, memory,
# connections), object in use (lock time-out), operator intervention (shutdown, cancel), system
PASSING = ("08", "40", "53", "55", "57", "58")
CONTENTION = ("40", "55")
# a prepared statement whose table has got a column meanwhile: prepared anew, it goes through
STALE = "0A000"
TIMED_OUT = "57014"
# what asyncpg says of a connection that is gone or not usable; its other refusals are of the data
GONE = (
    "connection is closed",
    "connection was closed",
    "connection has been released",
    "another operation",
    "closed in the middle",
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what its wrappers keep, outermost first."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = getattr(seen, "orig", None) or seen.__cause__


def sqlstate(error: BaseException) -> str | None:
    """The five characters PostgreSQL gave the error, wherever a wrapper keeps them."""
    for seen in _causes(error):
        code = getattr(seen, "sqlstate", None)
        if isinstance(code, str):
            return code
    return None


def is_passing(error: BaseException) -> bool:
    """True when the same work can succeed later without anybody changing it."""
    if isinstance(error, InterfaceError | asyncpg.InterfaceError):
        return _is_gone(error)
    if isinstance(error, (OSError, TimeoutError, PoolTimeout)):
        return True
    code = sqlstate(error)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if not isinstance(error, DBAPIError | PostgresError) or code is None:
        return False
    return code == STALE or code.startswith(PASSING)


def _is_gone(error: BaseException) -> bool:
    """Whether the driver refused because of the connection, and not of what it was given."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    causes = list(_causes(error))
    if any(isinstance(seen, ValueError) for seen in causes):
        return False  # it refuses a value, and says so with the value: no words to look for
    return any(isinstance(seen, OSError) or _says_gone(str(seen)) for seen in causes)


def _says_gone(words: str) -> bool:
    return any(sign in words for sign in GONE)


def is_contention(error: BaseException) -> bool:
    """A deadlock or a lock waited for too long: the server is there, try again soon."""
    code = sqlstate(error)
    return code is not None and code.startswith(CONTENTION)


def is_timed_out(error: BaseException) -> bool:
    """A statement took longer than it may: the server is busy, or this is too much at once."""
    return sqlstate(error) == TIMED_OUT
