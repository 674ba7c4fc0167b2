"""A fresh database with the table of effects, and kinds whose acts the tests decide."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import MetaData, text

from shared.clock import wall_now
from shared.db.engine import make_engine
from shared.db.tables import NAMING, audit_table
from shared.effects import rows
from shared.effects.effect import Planned
from shared.effects.tables import effect_table

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def url(postgres) -> str:
    return asyncio.run(_made(postgres))


async def _made(postgres) -> str:
    url = await postgres.database("effects")
    metadata = MetaData(naming_convention=NAMING)
    effect_table(metadata)
    audit_table(metadata)
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    return url


@pytest.fixture
async def engine(url):
    made = make_engine(url)
    async with made.begin() as connection:
        await connection.execute(text("TRUNCATE effect"))
    yield made
    await made.dispose()


@pytest.fixture
def plan(engine):
    """`await plan("mail", 3)`: so many of a kind, due now; returns their ids."""

    async def planned(kind: str, count: int = 1, **more) -> list[str]:
        now = wall_now()
        made = [
            Planned(f"{kind}-{n}", kind, f"about-{n}", now, now + HOUR, **more)
            for n in range(count)
        ]
        async with engine.begin() as connection:
            await rows.plan(connection, made, now)
        return [one.id for one in made]

    return planned


@pytest.fixture
def states(engine):
    """`await states()`: state, repeats and why of every effect, by id."""

    async def found() -> dict[str, tuple]:
        async with engine.connect() as connection:
            query = text("SELECT id, state, repeats, why FROM effect ORDER BY id")
            return {row[0]: tuple(row[1:]) for row in await connection.execute(query)}

    return found
