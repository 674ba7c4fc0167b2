"""Ids without a sequence are taken once, and forgotten when nothing can repeat them."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.db import inbox
from shared.db.engine import make_engine

pytestmark = pytest.mark.servers

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_an_id_is_new_once_until_it_is_pruned(postgres, monkeypatch):
    monkeypatch.setattr(inbox, "PRUNED_AT_ONCE", 2)
    engine = make_engine(await postgres.runtime("inbox"))
    seen = [(f"id-{n}", NOON + timedelta(days=n)) for n in range(5)]
    async with engine.begin() as connection:
        assert await inbox.add(connection, "registry.changed", seen) == {id_ for id_, _ in seen}
        assert await inbox.add(connection, "registry.changed", seen) == set()
        before = NOON + timedelta(days=3)
        assert [await inbox.prune(connection, before) for _ in range(3)] == [2, 1, 0]
        again = await inbox.add(connection, "registry.changed", seen)
        assert again == {"id-0", "id-1", "id-2"}, "what was seen at the limit or later is kept"
    await engine.dispose()
