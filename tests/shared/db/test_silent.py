"""A client that falls silent between the halves of a statement holds nobody up for ever."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import text

from shared.db import silent
from shared.db.engine import SERVER, make_engine
from tests.proxy import Proxy
from tests.system import until

pytestmark = pytest.mark.servers

WANTED = "SELECT 1 FROM counted WHERE id = 1 FOR UPDATE SKIP LOCKED"
SILENT_S = 0.2


@pytest.fixture
async def url(postgres):
    url = await postgres.runtime("silent")
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE IF NOT EXISTS counted (id int PRIMARY KEY)"))
        await connection.execute(text("INSERT INTO counted VALUES (1) ON CONFLICT DO NOTHING"))
    await engine.dispose()
    return url


@pytest.fixture
async def engine(url):
    engine = make_engine(url)
    yield engine
    await engine.dispose()


async def connected(url, **more):
    plain = url.replace("+asyncpg", "")
    return await asyncpg.connect(plain, server_settings=SERVER, **more)


async def ended(engine, silent_s=SILENT_S):
    async with engine.connect() as connection:
        return await silent.end(connection, silent_s)


async def is_free(engine):
    async with engine.connect() as connection:
        return (await connection.execute(text(WANTED))).first() is not None


async def test_who_is_killed_between_the_halves_of_a_statement_lets_go(url, engine):
    host, port = engine.url.host, engine.url.port
    async with Proxy(host, port) as proxy:
        client = await connected(url, host="127.0.0.1", port=proxy.port, ssl=False)
        await client.execute("BEGIN")
        await client.execute("SELECT 1 FROM counted WHERE id = 1 FOR UPDATE")
        await client.prepare("SELECT 2")  # parsed; what follows never comes
        proxy.hold()
        client.terminate()
        assert not await is_free(engine)
        await until(lambda: ended(engine))
        await until(lambda: is_free(engine))


async def test_who_works_waits_or_rests_is_left_alone(url, engine):
    working, resting, listening, between = [await connected(url) for _ in range(4)]
    await between.execute("BEGIN")  # PostgreSQL's own time-out is for this one
    await between.execute("SELECT 1")
    await resting.execute("SELECT 1")
    await listening.execute("LISTEN news")
    long = asyncio.create_task(working.execute("SELECT pg_sleep(2)"))
    async with asyncio.timeout(60):
        while not long.done():
            assert await ended(engine) == 0
            await asyncio.sleep(0.1)
    await long
    for client in (working, resting, listening, between):
        assert await client.fetchval("SELECT 3") == 3
        await client.close()


async def test_whoever_is_silent_for_less_is_left_alone(url, engine):
    client = await connected(url)
    await client.execute("BEGIN")
    await client.prepare("SELECT 2")
    assert await ended(engine, silent_s=3600.0) == 0
    assert await client.fetchval("SELECT 3") == 3
    await client.close()
