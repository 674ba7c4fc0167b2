"""A bench of its own for each test of the run loop."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from shared.db.engine import make_engine

sys.path.insert(0, str(Path(__file__).parent))
from bench import Bench


@pytest.fixture
async def stream_engine(postgres):
    """A database with what the runtime keeps, and a table that counts effects."""
    engine = make_engine(await postgres.runtime("stream"))
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE effect (id text PRIMARY KEY, n int)"))
    yield engine
    await engine.dispose()


@pytest.fixture
async def bench(kafka, stream_engine):
    made = Bench(kafka, stream_engine)
    await made.make_topic()
    return made
