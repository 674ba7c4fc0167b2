"""Which errors are waited out, and which are this record's: real ones, of a real PostgreSQL."""

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.db import trouble
from shared.db.engine import make_engine


@pytest.fixture
async def engine(postgres):
    made = make_engine(await postgres.database("trouble"), pool=1)
    yield made
    await made.dispose()


async def run(engine, sql, values, before):
    async with engine.begin() as connection:
        for statement in before or ():
            await connection.execute(text(statement))
        await connection.execute(text(sql), values or {})


# id, statement, values, before it, is it passing
ERRORS = [
    ("time-out", "SELECT pg_sleep(5)", None, ["SET LOCAL statement_timeout = 10"], True),
    ("a value of another type", "SELECT CAST(:a AS integer)", {"a": "connection is closed"}, None, False),
    ("a number too large", "SELECT CAST(:a AS integer)", {"a": 2**40}, None, False),
    ("a lone surrogate", "SELECT CAST(:a AS text)", {"a": "\ud800"}, None, False),
    ("NUL in a text", "SELECT CAST(:a AS text)", {"a": "a\0b"}, None, False),
    ("a reversed range", "SELECT int8range(5, 3)", None, None, False),
    ("division by zero", "SELECT 1 / 0", None, None, False),
    ("no such table", "SELECT 1 FROM nothing_here", None, None, False),
    ("our own connection ended", "SELECT pg_terminate_backend(pg_backend_pid())", None, None, True),
]  # fmt: skip


@pytest.mark.servers
@pytest.mark.parametrize(
    ("sql", "values", "before", "passing"), [pytest.param(*row[1:], id=row[0]) for row in ERRORS]
)
async def test_what_is_waited_out(engine, sql, values, before, passing):
    with pytest.raises((DBAPIError, ValueError)) as caught:
        await run(engine, sql, values, before)
    assert trouble.is_passing(caught.value) is passing


@pytest.mark.servers
async def test_a_statement_prepared_before_a_column_came_is_passing(engine):
    """And only once: prepared anew it goes through."""
    select = text("SELECT * FROM widened")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE widened (a int)"))
    async with engine.begin() as connection:
        await connection.execute(select)
    other = await asyncpg.connect(
        engine.url.render_as_string(hide_password=False).replace("+asyncpg", "")
    )
    await other.execute("ALTER TABLE widened ADD COLUMN b int")
    await other.close()
    with pytest.raises(DBAPIError) as caught:
        async with engine.begin() as connection:
            await connection.execute(select)
    assert trouble.sqlstate(caught.value) == "0A000"
    assert trouble.is_passing(caught.value)
    async with engine.begin() as connection:
        await connection.execute(select)


@pytest.mark.servers
async def test_a_closed_connection_is_passing(engine):
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        await raw.driver_connection.close()
        with pytest.raises(DBAPIError) as caught:
            await connection.execute(text("SELECT 1"))
        assert trouble.is_passing(caught.value)
