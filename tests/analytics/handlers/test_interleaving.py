"""Whatever order the topics are read in, days, closings, risks and what was told come out equal.

Each topic keeps its own order; batches are cut anywhere; days close at any moment up to the
watermark; topics that do not gate the clock are read any distance ahead.
"""

import asyncio

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.analytics.store.days.days import Days
from shared.db.engine import make_engine
from tests.analytics.conftest import empty
from tests.analytics.player import Player
from tests.analytics.stories import PEOPLE, Story, Way, story

pytestmark = pytest.mark.servers

DERIVED = ("day_close", "state", "risk", "finding", "day_input", "customer")


async def everything(player: Player) -> dict[str, list]:
    """All that follows from the log, and the days as people see them."""
    found = {table: await player.rows(table) for table in DERIVED}
    async with player.engine.connect() as connection:
        told = await connection.execute(text("SELECT id, key, value FROM outbox ORDER BY position"))
        found["told"] = [tuple(row) for row in told]
        days = Days(connection)
        found["shown"] = [await days.last(customer, 400) for customer in PEOPLE]
    return found


async def played(database: str, log: Story, seed: int | None) -> dict[str, list]:
    engine = make_engine(database, pool=1)
    try:
        await empty(engine)
        player = Player(engine)
        await Way(seed).read(log, player)
        return await everything(player)
    finally:
        await engine.dispose()


@settings(
    max_examples=6,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.reuse, Phase.generate],  # a smaller seed is no smaller story
)
@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_any_interleaving_of_topics_gives_the_same(database, told, read):
    plain = asyncio.run(played(database, story(told), None))
    mixed = asyncio.run(played(database, story(told), read))
    for name, rows in plain.items():
        assert mixed[name] == rows, name
