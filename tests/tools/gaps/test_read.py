"""Real ledgers that differ, a refusal and a quarantine: each gap with what explains it."""

import json
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from shared.db import ledger
from shared.db.dropped import explain
from shared.db.engine import make_engine
from shared.db.ledger import Sighting
from tools.gaps.find import NOBODY
from tools.gaps.read import read

pytestmark = pytest.mark.servers
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
BOOT = "9f1c2ab37d405e68"


async def count(url, *seqs, dropped=()):
    engine = make_engine(url)
    seen = [Sighting("cam-1", "usage", BOOT, n, NOON + timedelta(minutes=n)) for n in seqs]
    async with engine.begin() as connection:
        await ledger.count(connection, seen)
        if dropped:
            await explain(connection, "cam-1", "usage", BOOT, dropped)
    await engine.dispose()


async def test_each_gap_is_told_with_where_and_why(postgres):
    urls = {name: await postgres.migrated(name) for name in ("ingest", "journey", "analytics")}
    await count(urls["journey"], 0, 1, 4, 5, 5_000, dropped=[(2, 2)])
    await count(urls["analytics"], 0, 1, 4, 5_000, dropped=[(2, 2)])
    plain = {name: url.replace("+asyncpg", "") for name, url in urls.items()}
    ingest = await asyncpg.connect(plain["ingest"])
    await ingest.execute(
        "INSERT INTO reject (id, topic, source, stream, reason, payload, size, sha256, boot, seqs,"
        " elements, times, received_at, expires_at) VALUES ('r', 't', 'cam-1', 'usage', 'bad_at', '',"
        " 1, '', $1, $2, 1, 1, now(), now())", BOOT, json.dumps([[3, 3]]),
    )  # fmt: skip
    await ingest.close()
    analytics = await asyncpg.connect(plain["analytics"])
    await analytics.execute(
        "INSERT INTO quarantine (id, topic, partition, \"offset\", headers, reason, appended_at,"
        " arrival, source) VALUES ($1, 'device.usage', 0, 1, '[]', 'KeyError', now(), now(), 'cam-1')",
        f"/cam-1/usage#{BOOT}:5",
    )  # fmt: skip
    await analytics.close()

    found = await read(plain, None)
    assert [(g.first, g.last, g.where, g.why) for g in found] == [
        (2, 2, NOBODY, "the device dropped them"),
        (3, 3, NOBODY, "refused: bad_at"),
        (6, 4_999, NOBODY, ""),
        (5, 5, "analytics", "in quarantine: KeyError"),
    ]
    assert {g.since for g in found} == {NOON}
    assert await read(plain, "cam-2") == []
