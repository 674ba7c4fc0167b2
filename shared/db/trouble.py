"""Which database errors mean "not now", and which mean "this record"."""

from asyncpg.exceptions import PostgresError
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# SQLSTATE classes: connection, rollback (deadlock, serialization), resources (disk, memory,
# connections), object in use (lock time-out), operator intervention (shutdown, cancel), system
PASSING = ("08", "40", "53", "55", "57", "58")
CONTENTION = ("40", "55")


def sqlstate(error: BaseException) -> str | None:
    """The five characters PostgreSQL gave the error, wherever a wrapper keeps them."""
    seen: BaseException | None = error
    while seen is not None:
        code = getattr(seen, "sqlstate", None)
        if isinstance(code, str):
            return code
        seen = getattr(seen, "orig", None) or seen.__cause__
    return None


def is_passing(error: BaseException) -> bool:
    """True when the same work can succeed later without anybody changing it."""
    if isinstance(error, (OSError, TimeoutError, PoolTimeout, InterfaceError)):
        return True
    code = sqlstate(error)
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (code is not None and code.startswith(PASSING))
    return isinstance(error, PostgresError) and code is not None and code.startswith(PASSING)


def is_contention(error: BaseException) -> bool:
    """A deadlock or a lock waited for too long: the server is there, try again soon."""
    code = sqlstate(error)
    return code is not None and code.startswith(CONTENTION)
