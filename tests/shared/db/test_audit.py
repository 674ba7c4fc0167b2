"""The audit on a real PostgreSQL: only ever added to, in one chain, and every cut is seen."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.clock import wall_now
from shared.db import audit, heads
from shared.db.audit import Author, Broken, Entry, Head
from shared.db.engine import make_engine
from shared.db.migrate import upgrade
from shared.db.revision import RUNTIME
from tests.system import until

pytestmark = pytest.mark.servers

ANN = Author("account:ann", "person", ("lead", "agent"), "o-1", "192.0.2.7", "r-1")
ROWS = text("SELECT * FROM audit ORDER BY n")


@pytest.fixture(scope="module")
def database(postgres) -> str:
    return asyncio.run(postgres.runtime("audit"))


@pytest.fixture
async def engine(database):
    """An empty audit: dropped, and made again as in a database that is older than it."""
    made = make_engine(database)
    async with made.begin() as connection:
        await connection.execute(text("DROP TABLE audit, runtime_version"))
    await upgrade(database, RUNTIME)
    yield made
    await made.dispose()


def entry(n: int = 1, **more) -> Entry:
    return Entry(ANN, "ticket.assign", "ticket", f"t-{n}", **more)


async def record(engine, *entries: Entry) -> None:
    async with engine.begin() as connection:
        await audit.record(connection, entries)


async def rows(engine):
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(ROWS)).mappings()]


async def verify(engine, **more) -> audit.Verdict:
    async with engine.connect() as connection:
        return await audit.verify(connection, **more)


async def as_somebody_who_may_do_all(engine, *statements: str) -> None:
    """What the owner of the table can do, who can switch triggers off."""
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        for statement in statements:
            await connection.execute(text(statement))
        await connection.execute(text("ALTER TABLE audit ENABLE TRIGGER USER"))


async def test_a_row_says_who_when_from_where_before_after_and_why(engine):
    began = wall_now()
    await record(engine, entry(before={"assignee": None}, after={"assignee": "ben"}, why="holiday"))
    (row,) = await rows(engine)
    assert began - timedelta(seconds=1) < row.pop("at") < wall_now() + timedelta(seconds=1)
    assert row.pop("previous_hash") == bytes(32)
    assert len(row.pop("hash")) == 32
    assert row == {
        "n": 1, "who": "account:ann", "by": "person", "roles": ["agent", "lead"],
        "organisation": "o-1", "address": "192.0.2.7", "request": "r-1",
        "action": "ticket.assign", "kind": "ticket", "id": "t-1",
        "before": {"assignee": None}, "after": {"assignee": "ben"}, "why": "holiday",
    }  # fmt: skip


async def test_mail_addresses_and_phone_numbers_do_not_get_in(engine):
    said = "ask ann@example.org, +49 170 1234567"
    await record(engine, entry(why=said, before={"a": [said]}, after={"b": {"c": said}}))
    (row,) = await rows(engine)
    hidden = "ask [mail], [phone]"
    assert (row["why"], row["before"], row["after"]) == (
        hidden,
        {"a": [hidden]},
        {"b": {"c": hidden}},
    )


@pytest.mark.parametrize(
    "value", ["a\x00b", "ü€😀 \\ \" ' \n", {"n": 1.5, "big": 2**53, "none": None}, [True, []], ""]
)
async def test_whatever_stands_in_a_row_its_hash_is_computed_alike(engine, value):
    await record(engine, entry(before={"x": value}), entry(why=str(value)), entry(after={}))
    verdict = await verify(engine)
    assert (verdict.rows, verdict.broken, verdict.complete) == (3, None, True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET why = 'other'",
        "UPDATE audit SET why = 'other' WHERE false",
        "DELETE FROM audit",
        "TRUNCATE audit",
        """INSERT INTO audit (n, who, by, roles, action, kind, id)
        VALUES (1, 'x', 'person', '{}', 'a', 'b', 'c') ON CONFLICT (n) DO UPDATE SET why = ''""",
        "MERGE INTO audit USING (SELECT 1 AS n) s ON audit.n = s.n WHEN MATCHED THEN DELETE",
    ],
)  # fmt: skip
async def test_nothing_changes_what_was_written(engine, statement):
    await record(engine, entry())
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with engine.begin() as connection:
            await connection.execute(text(statement))
    assert len(await rows(engine)) == 1


async def test_number_time_and_hashes_are_not_the_writers_to_choose(engine):
    await record(engine, entry(1))
    lie = text(
        """INSERT INTO audit (n, at, who, by, roles, action, kind, id, previous_hash, hash)
        VALUES (77, '2000-01-01', 'x', 'person', '{}', 'a', 'b', 'c', '', 'mine')"""
    )
    async with engine.begin() as connection:
        await connection.execute(lie)
    _, row = await rows(engine)
    assert row["n"] == 2
    assert row["at"].year > 2000
    assert (await verify(engine)).broken is None


async def test_a_table_of_the_callers_own_is_not_taken_for_ours(engine):
    await record(engine, entry(1))
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TEMP TABLE audit (LIKE public.audit)"))
        await connection.execute(
            text(
                """INSERT INTO public.audit (who, by, roles, action, kind, id)
                VALUES ('x', 'person', '{}', 'a', 'b', 'c')"""
            )
        )
        await connection.execute(text("DROP TABLE pg_temp.audit"))
    assert [row["n"] for row in await rows(engine)] == [1, 2]
    assert (await verify(engine)).broken is None


async def test_many_at_once_make_one_chain_without_gaps(engine):
    async def writer(who: int) -> None:
        for n in range(5):
            await record(engine, entry(who * 100 + n), entry(who * 100 + n))

    async def failing() -> None:
        async with engine.begin() as connection:
            await audit.record(connection, [entry(9_999)])
            await connection.rollback()

    await asyncio.gather(*(writer(n) for n in range(10)), *(failing() for _ in range(5)))
    found = await rows(engine)
    assert [row["n"] for row in found] == list(range(1, 101))
    assert [row["at"] for row in found] == sorted(row["at"] for row in found)
    assert "t-9999" not in {row["id"] for row in found}
    verdict = await verify(engine)
    assert (verdict.rows, verdict.broken) == (100, None)


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (["UPDATE audit SET after = '{\"x\": 2}' WHERE n = 4"], Broken(4, "changed")),
        (["UPDATE audit SET at = at - interval '1 us' WHERE n = 4"], Broken(4, "changed")),
        (["UPDATE audit SET who = 'nobody' WHERE n = 1"], Broken(1, "changed")),
        (["UPDATE audit SET address = NULL WHERE n = 7"], Broken(7, "changed")),
        (["DELETE FROM audit WHERE n = 4"], Broken(4, "missing")),
        (["DELETE FROM audit WHERE n <= 3"], Broken(1, "missing")),
        (
            ["DELETE FROM audit WHERE n = 4", "UPDATE audit SET n = n - 1 WHERE n > 4"],
            Broken(4, "not_linked"),
        ),
    ],
)
async def test_a_cut_or_a_change_is_named(engine, statements, broken):
    await record(engine, *(entry(n, after={"x": 1}) for n in range(1, 11)))
    await as_somebody_who_may_do_all(engine, *statements)
    verdict = await verify(engine)
    assert (verdict.broken, verdict.head.n) == (broken, broken.n - 1)


async def test_a_missing_end_is_seen_by_a_head_that_was_noted(engine):
    await record(engine, *(entry(n) for n in range(1, 11)))
    async with engine.connect() as connection:
        noted = await audit.head(connection)
    await record(engine, entry(11))
    assert (await verify(engine, noted=noted)).broken is None
    await as_somebody_who_may_do_all(engine, "DELETE FROM audit WHERE n > 8")
    assert (await verify(engine)).broken is None
    assert (await verify(engine, noted=noted)).broken == Broken(9, "missing")
    await record(engine, entry(9), entry(10))  # another end, put in its place
    assert (await verify(engine, noted=noted)).broken == Broken(10, "not_as_noted")
    assert (await verify(engine, noted=Head(0, bytes(32)))).broken is None


async def test_the_walk_goes_on_where_it_stopped(engine):
    await record(engine, *(entry(n) for n in range(1, 11)))
    first = await verify(engine, most=4)
    assert (first.head.n, first.complete) == (4, False)
    second = await verify(engine, begin=first.head, most=6)
    assert (second.head.n, second.rows, second.complete) == (10, 6, True)
    forged = await verify(engine, begin=Head(4, b"x" * 32))
    assert forged.broken == Broken(5, "not_linked")


async def test_an_empty_audit_is_right(engine):
    assert await verify(engine) == audit.Verdict(audit.START, 0, None, complete=True)
    assert (await verify(engine, noted=Head(1, b"x"))).broken == Broken(1, "missing")


async def test_its_head_goes_into_the_log(engine, caplog):
    await record(engine, entry(1))
    with caplog.at_level("INFO", logger="playcaller"):
        telling = asyncio.create_task(heads.tell(engine))
        await until(lambda: caplog.records, 10)
        telling.cancel()
    async with engine.connect() as connection:
        head = await audit.head(connection)
    said = caplog.records[0]
    assert (said.message, said.n, said.hash) == ("audit head", 1, head.hash.hex())


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
TEXT = st.text(max_size=400)
OBJECT = st.none() | st.dictionaries(st.text(), JSON, max_size=3)
ENTRIES = st.builds(
    Entry,
    st.builds(
        Author,
        TEXT,
        st.sampled_from(["person", "program", "system"]),
        st.lists(TEXT, max_size=3),
        st.none() | TEXT,
        st.none() | TEXT,
    ),
    *(TEXT, TEXT, TEXT),
    OBJECT,
    OBJECT,
    st.none() | TEXT,
)


@pytest.fixture(scope="module")
def another(postgres) -> str:
    return asyncio.run(postgres.runtime("any"))


@settings(max_examples=60)
@given(st.lists(ENTRIES, min_size=1, max_size=5))
def test_whatever_is_written_python_and_postgresql_compute_the_same_hash(another, entries):
    async def run() -> audit.Verdict:
        made = make_engine(another)
        try:
            await record(made, *entries)
            return await verify(made)
        finally:
            await made.dispose()

    verdict = asyncio.run(run())
    assert (verdict.broken, verdict.complete) == (None, True)
