"""Compare every service's database with Kafka; with `apply`, publish again what Kafka has lost.

No offset is ever moved here: that a log is another one than was read is for a person to judge.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db import audit, offsets, outbox
from shared.db.audit import Author, Entry
from shared.db.engine import make_engine
from shared.db.outbox import Published
from shared.events import Rejected
from shared.events.topics import TOPICS, produced_by
from shared.stream import log_check
from shared.stream.relay import KEEP_DAYS
from tools.reconcile.kafka import Log
from tools.reconcile.verdicts import Line, lost, read_lines, unknown_lines, written_lines

MARGIN = timedelta(days=1)  # what is published is in Kafka a moment earlier, and pruned a day later
# telemetry and refusals are in no outbox: ingest holds their sources' messages until Kafka has them
STRAIGHT = {topic.name for topic in TOPICS if topic.sequenced} | {Rejected.TOPIC}
OPERATOR = Author("operator:local", "system")


async def reconcile(
    bootstrap: str, databases: Mapping[str, str], now: datetime, *, apply: bool
) -> list[Line]:
    """All lines, service by service; what is published again is audited in its service.

    Args:
        databases: URLs (`postgresql+asyncpg://`) by service.
    """
    lines: list[Line] = []
    async with Log(bootstrap) as log:
        for service, url in databases.items():
            engine = make_engine(url, pool=1, application="playcaller-reconcile")
            try:
                lines += await _read(service, engine, log, bootstrap)
                lines += await _written(service, engine, log, now, apply=apply)
            finally:
                await engine.dispose()
    return lines


async def _read(service: str, engine: AsyncEngine, log: Log, bootstrap: str) -> list[Line]:
    async with engine.connect() as connection:
        positions = list((await offsets.read(connection)).values())
    spans = await log.spans({position.topic for position in positions})
    there = [position for position in positions if position.key in spans]
    wrong = await log_check.check(bootstrap, there)
    return read_lines(service, positions, spans, wrong)


async def _written(
    service: str, engine: AsyncEngine, log: Log, now: datetime, *, apply: bool
) -> list[Line]:
    """Published rows are read before Kafka, known ids after it: whatever moves meanwhile is right."""
    topics = [topic.name for topic in produced_by(service) if topic.name not in STRAIGHT]
    async with engine.connect() as connection:
        rows = [row for row in await outbox.published(connection) if row.topic in topics]
    told = await log.records(topics, now - timedelta(days=KEEP_DAYS) - MARGIN) if topics else []
    there: dict[str, set[str]] = {}
    for record in told:
        there.setdefault(record.topic, set()).add(record.id)
    missing = lost(rows, there)
    exists = {topic for topic, _ in await log.spans(topics)}
    curable = [row for row in missing if row.topic in exists]
    if apply and curable:
        await _again(engine, curable)
    async with engine.connect() as connection:
        known = await outbox.ids(connection)
    recent = [
        record for record in told if record.appended_at > now - timedelta(days=KEEP_DAYS) + MARGIN
    ]
    return [
        *written_lines(service, rows, missing, applied=apply and curable == missing),
        *unknown_lines(service, [record for record in recent if record.id], known),
    ]


async def _again(engine: AsyncEngine, rows: Sequence[Published]) -> None:
    """Mark as not published; the relay sends them, and whoever has applied them leaves them out."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.topic] = counts.get(row.topic, 0) + 1
    async with engine.begin() as connection:
        await outbox.republish(connection, [row.id for row in rows])
        await audit.record(
            connection,
            [
                Entry(OPERATOR, "outbox.republish", "topic", topic, after={"events": count})
                for topic, count in counts.items()
            ],
        )
