"""What a declaration erases and gives out: on a real table, with rows of somebody else beside it."""

import pytest
from sqlalchemy import text

from shared.db import held
from shared.db.engine import make_engine
from shared.personal import CASCADES, STAYS, Held

pytestmark = pytest.mark.servers

NOTES = "note"


@pytest.fixture
async def connection(postgres):
    engine = make_engine(await postgres.runtime("held"))
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TABLE note (id int, customer text, words text)"))
        await connection.execute(
            text("INSERT INTO note VALUES (1, 'ann', 'a'), (2, 'bob', 'b'), (3, 'ann', 'c')")
        )
        yield connection
    await engine.dispose()


async def left(connection):
    found = await connection.execute(text("SELECT id, customer, words FROM note ORDER BY id"))
    return [tuple(row) for row in found]


BOB = (2, "bob", "b")


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        pytest.param(Held(NOTES), [BOB], id="rows"),
        pytest.param(Held(NOTES, erases=STAYS), [(1, "ann", "a"), BOB, (3, "ann", "c")], id="stays"),
        pytest.param(Held(NOTES, erases=CASCADES), [(1, "ann", "a"), BOB, (3, "ann", "c")], id="cascades"),
        pytest.param(
            Held(NOTES, erases="customer = NULL, words = NULL"), [(1, None, None), BOB, (3, None, None)],
            id="set",
        ),
        pytest.param(
            Held(NOTES, find="words = ANY(CAST(:tickets AS text[]))"), [(1, "ann", "a"), BOB],
            id="another binding",
        ),
    ],
)  # fmt: skip
async def test_what_an_erasure_leaves(connection, line, rows):
    await held.erase(connection, [line], {"customers": ["ann"], "tickets": ["c"]})
    assert await left(connection) == rows


@pytest.mark.parametrize(
    ("line", "given"),
    [
        pytest.param(Held(NOTES), {}, id="without a name"),
        pytest.param(
            Held(NOTES, name="notes", gives="words", order="id DESC"),
            {"notes": [{"words": "c"}, {"words": "a"}]},
            id="in its order",
        ),
        pytest.param(
            Held(
                NOTES, name="n", query="SELECT count(*) AS n FROM note WHERE customer = :customer"
            ),
            {"n": [{"n": 2}]},
            id="a query",
        ),
    ],
)
async def test_what_an_export_gives(connection, line, given):
    found = await held.collect(connection, [line], "ann")
    assert found == {**given, "quarantine": []}
