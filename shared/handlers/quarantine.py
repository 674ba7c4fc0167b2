"""Records set aside, in the hands of people: read, put back, removed for good; all of it audited."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.audited import entry
from shared.db.audit import Entry
from shared.stream import quarantine
from shared.stream.apply import Handle
from shared.stream.quarantine import Content
from shared.stream.replay import replay
from shared.stream.transaction import Transaction
from shared.web.who import Who


class Shown(NamedTuple):
    """What somebody sees: groups, the newest rows, and by row what it carried."""

    groups: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    contents: Mapping[str, Content]


async def read(  # the arguments are what can be asked for
    tx: Transaction, who: Who, limit: int, topic: str | None, reason: str | None, *, reveal: bool
) -> Shown:
    """Groups and the newest rows, of a topic and a reason if asked; of those that are revealed it is audited who saw them."""
    rows = await quarantine.rows(tx.connection, limit, topic, reason)
    contents = {}
    if reveal:
        contents = await quarantine.contents(tx.connection, [row["id"] for row in rows])
    tx.audit(*(entry(who, "quarantine.read", "record", id_) for id_ in contents))
    return Shown(await quarantine.groups(tx.connection), rows, contents)


async def discard(tx: Transaction, who: Who, id_: str) -> bool:
    """Remove one record for good; False when it is not there."""
    if not await quarantine.discard(tx.connection, id_):
        return False
    tx.audit(entry(who, "quarantine.discard", "record", id_))
    return True


async def put_back(
    engine: AsyncEngine,
    service: str,
    handlers: Mapping[str, Handle],
    ids: Sequence[str],
    now: datetime,
    who: Who,
) -> Counter[str]:
    """Put records back, each in a transaction of its own; how many of them became what."""

    def audited(id_: str, outcome: str) -> Entry:
        return entry(who, "quarantine.replay", "record", id_, after={"outcome": outcome})

    outcomes = await replay(engine, service, handlers, ids, now, audited)
    return Counter(outcomes.values())
