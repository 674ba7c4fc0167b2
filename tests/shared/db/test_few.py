"""Of a search for words it is known whether they are few, and then which; of a table about how long it is."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, select, text

from shared.db.engine import make_engine
from shared.db.few import about, few

pytestmark = pytest.mark.servers
words = Table("words", MetaData(), Column("id", Text), Column("length", Integer))


@pytest.fixture
async def connection(postgres):
    engine = make_engine(await postgres.runtime("few"))
    async with engine.begin() as opened:
        await opened.execute(text("CREATE TABLE words (id text PRIMARY KEY, length int)"))
        made = "INSERT INTO words SELECT 'w-' || n, n FROM generate_series(1, 9) n"
        await opened.execute(text(made))
        yield opened
        await opened.rollback()
    await engine.dispose()


@pytest.mark.parametrize(
    ("longer", "found"),
    [
        pytest.param(9, set(), id="none"),
        pytest.param(6, {"w-7", "w-8", "w-9"}, id="as many as are few"),
        pytest.param(5, None, id="one more"),
    ],
)
async def test_the_few_that_there_are_or_that_there_are_many(connection, longer, found):
    ids = await few(connection, select(words.c.id).where(words.c.length > longer), 3)
    assert (None if ids is None else set(ids)) == found


async def test_a_table_is_as_long_as_it_was_when_the_server_looked(connection):
    assert await about(connection, words) == 0
    await connection.execute(text("ANALYZE words"))
    assert await about(connection, words) == 9
