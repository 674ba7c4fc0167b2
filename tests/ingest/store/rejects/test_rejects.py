"""How much is kept of one source's refused bytes, on a real PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.domain.rejects.reasons import COUNTED_BYTES, MOST_BYTES
from services.ingest.domain.rejects.rejects import MAX_BYTES, Reject
from services.ingest.edges.api.rejects import _sentence
from services.ingest.store.rejects.rejects import Rejects

pytestmark = pytest.mark.servers
T = datetime(2026, 3, 1, 12, tzinfo=UTC)
LARGEST = MOST_BYTES // MAX_BYTES


def made(number, reason="out_of_range", source="cam-1", size=MAX_BYTES):
    return Reject(
        id=f"{source}-{reason}-{number:05}", topic="t", source=source, stream="usage",
        reason=reason, detail="", payload=bytes([65 + number % 26]) * size, size=size, sha256="",
        boot=None, seqs=[], elements=1, received_at=T + timedelta(seconds=number),
    )  # fmt: skip


async def add(engine, *rejects):
    async with engine.begin() as connection:
        await Rejects(connection).add(rejects)


async def rows(engine):
    async with engine.begin() as connection:
        found = await Rejects(connection).page(source=None, reason=None, limit=9_999, before=None)
        return {row["id"]: await Rejects(connection).read(row["id"]) for row in found[:300]}


async def curable(engine, source="cam-1"):
    async with engine.begin() as connection:
        return [row["id"] for row in await Rejects(connection).curable([source], 9_999)]


async def test_the_oldest_bytes_of_a_source_that_has_too_many_go_and_their_rows_say_so(engine):
    await add(engine, made(0, source="cam-2"))
    for first in range(0, LARGEST + 3, 20):
        await add(engine, *(made(n) for n in range(first, min(first + 20, LARGEST + 3))))
    found = await rows(engine)
    assert len(found) == LARGEST + 4
    emptied = {id_ for id_, row in found.items() if row["emptied_at"] is not None}
    assert emptied == {made(n).id for n in range(3)}
    assert all((row["payload"] == b"") == (id_ in emptied) for id_, row in found.items())
    assert found[made(0).id]["size"] == MAX_BYTES, "what came is still said"
    assert "cannot be judged again" in _sentence(found[made(0).id])
    assert "cannot be judged again" not in _sentence(found[made(9).id])


async def test_what_may_be_judged_again_goes_last_and_is_not_judged_without_its_bytes(engine):
    late = [made(n, "unknown_device") for n in range(LARGEST)]
    await add(engine, *late)
    await add(engine, *(made(n) for n in range(LARGEST, LARGEST + 5)))
    assert await curable(engine) == [each.id for each in late], "a flood of others empties none"
    await add(engine, made(LARGEST, "unknown_device"))
    assert await curable(engine) == [
        *(each.id for each in late[1:]),
        made(LARGEST, "unknown_device").id,
    ]


async def test_what_comes_again_after_its_bytes_went_has_them_again(engine):
    await add(engine, *(made(n, "unknown_device") for n in range(LARGEST + 1)))
    assert made(0, "unknown_device").id not in await curable(engine)
    again = made(0, "unknown_device")
    object.__setattr__(again, "received_at", T + timedelta(days=1))
    await add(engine, again)
    found = (await rows(engine))[again.id]
    assert (found["payload"], found["times"], found["emptied_at"]) == (again.payload, 2, None)
    assert again.id in await curable(engine)
    assert made(1, "unknown_device").id not in await curable(engine)


async def test_small_ones_count_too(engine):
    few = MOST_BYTES // COUNTED_BYTES
    await add(engine, *(made(n, "unknown_device", size=10) for n in range(few + 10)))
    assert len(await curable(engine)) == few


async def test_whose_events_were_refused_the_most_first(engine):
    await add(engine, made(1), made(2, "empty"), made(3, source="cam-2"))
    async with engine.begin() as connection:
        await Rejects(connection).cured([made(3, source="cam-2").id])
        found = await Rejects(connection).by_source(10)
    assert [(r["source"], r["refused"], sorted(r["reasons"])) for r in found] == [
        ("cam-1", 2, ["empty", "out_of_range"])
    ]
