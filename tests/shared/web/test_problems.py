"""What a real PostgreSQL throws at a route, and what the client is told."""

import pytest
from fastapi import APIRouter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.db.engine import make_engine

pytestmark = pytest.mark.servers


@pytest.fixture
async def http(engine, serve):
    router = APIRouter()

    @router.get("/v1/echo")
    async def echo(q: str, sql: str = "SELECT CAST(:q AS text)"):
        async with engine.connect() as connection:
            return str((await connection.execute(text(sql), {"q": q})).scalar_one())

    return serve("support", [router])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param({"q": "ann"}, 200, id="good"),
        pytest.param({"q": "a\x00b"}, 422, id="NUL"),
        pytest.param({"q": "99999999999", "sql": "SELECT CAST(CAST(:q AS text) AS int)"}, 422, id="out of range"),
        pytest.param({"q": "a", "sql": "SELECT :q FROM no_such_table"}, 500, id="our mistake"),
    ],
)  # fmt: skip
async def test_values_that_cannot_be_stored_are_the_clients(http, query, status):
    answer = await http.get("/v1/echo", params=query)

    assert answer.status_code == status
    assert "no_such_table" not in answer.text


async def test_values_do_not_reach_the_log(http, caplog):
    await http.get("/v1/echo", params={"q": "s3cret", "sql": "SELECT :q FROM no_such_table"})

    assert "no_such_table" in caplog.text
    assert "s3cret" not in caplog.text


async def test_a_pool_that_is_empty_is_a_reason_to_ask_again(postgres, serve):
    """As many requests as connections are held, and one more: it is told to come later."""
    engine = create_async_engine(
        await postgres.runtime("web"), pool_size=1, max_overflow=0, pool_timeout=0.2
    )
    http = serve("support", engine=engine)
    async with engine.connect() as held:
        await held.execute(text("SELECT 1"))
        answer = await http.get("/v1/ledger")
    assert answer.status_code == 503, answer.text
    assert answer.json()["type"].endswith(":try_later")
    assert answer.headers["retry-after"] == "5"
    await engine.dispose()


async def test_a_database_that_is_away_is_said_so(serve):
    nobody = make_engine("postgresql+asyncpg://pc:s3cret@127.0.0.1:1/x")
    http = serve("support", engine=nobody)

    answer = await http.get("/v1/ledger")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "s3cret" not in answer.text
    await nobody.dispose()
