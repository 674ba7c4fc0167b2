"""Rejects are judged again when the registry changes."""

import asyncio
from datetime import UTC, datetime

import pytest

from services.ingest.domain.messages.addresses import bucket_of
from services.ingest.edges.rejects import rejudging as rejudging_module
from services.ingest.edges.rejects.rejudging import Rejudging
from services.ingest.errors import Away

T = datetime(2026, 3, 1, tzinfo=UTC)


class Curable:
    """Rejects in memory; `away` says how often the database cannot be reached first."""

    def __init__(self, rejects: dict[str, int], away: int = 0) -> None:
        self.rejects = rejects
        self.away = away
        self.poison = ""
        self.registered: list[str] = []

    async def of_sources(self, ids, limit, last):
        if self.away:
            self.away -= 1
            raise Away("switched off")
        if self.poison in ids:
            raise RuntimeError("for a reason nobody knows")
        every = [f"{id_}/{n}" for id_ in ids for n in range(self.rejects.get(id_, 0))]
        rest = every[every.index(last["id"]) + 1 :] if last else every
        return [
            {"id": each, "topic": "t", "payload": b"{}", "received_at": T, "stored_at": T}
            for each in rest[:limit]
        ]

    async def sources(self):
        if self.away:
            self.away -= 1
            raise Away("switched off")
        return self.registered


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(rejudging_module, "RETRY_S", 0.01)
    monkeypatch.setattr(rejudging_module, "PAUSE_S", 0.0)
    monkeypatch.setattr(rejudging_module, "PAGE", 2)


async def delivered(curable: Curable, *changed: str, owned: str = "0123456789abcdef") -> list[str]:
    found = []
    rejudging = Rejudging(curable, found.extend, owned)
    task = asyncio.create_task(rejudging.run())
    rejudging.changed(changed)
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert {message.received_at for message in found} <= {T}
    return [message.again for message in found]


async def test_all_pages_of_the_sources_that_changed():
    curable = Curable({"cam-1": 5, "cam-2": 9, "cam-3": 0})
    assert await delivered(curable, "cam-1", "cam-3") == [f"cam-1/{n}" for n in range(5)]


async def test_everybody_who_is_registered_is_asked_for_at_the_start():
    curable = Curable({"cam-2": 1})
    curable.registered = ["cam-2"]
    assert await delivered(curable) == ["cam-2/0"]


async def test_everybody_is_asked_for_again_when_notices_may_have_been_missed():
    curable, found = Curable({}), []
    rejudging = Rejudging(curable, found.extend)
    task = asyncio.create_task(rejudging.run())
    await asyncio.sleep(0.05)
    curable.rejects, curable.registered = {"cam-2": 1}, ["cam-2"]
    rejudging.missed()
    await asyncio.sleep(0.1)
    rejudging.stored({"cam-2"})  # judged before, stored after that look
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [message.again for message in found] == ["cam-2/0", "cam-2/0"]


async def test_a_source_whose_rejects_cannot_be_read_holds_back_nobody():
    curable = Curable({"cam-1": 1, "cam-2": 1, "cam-3": 1, "cam-4": 1})
    curable.poison = "cam-2"
    changed = ("cam-1", "cam-2", "cam-3", "cam-4")
    assert await delivered(curable, *changed) == ["cam-1/0", "cam-3/0", "cam-4/0"]


async def test_only_our_own_buckets():
    others = "".join(set("0123456789abcdef") - {bucket_of("cam-1")})
    assert await delivered(Curable({"cam-1": 1}), "cam-1", owned=others) == []


async def test_a_database_that_is_away_is_waited_for():
    assert await delivered(Curable({"cam-1": 1}, away=3), "cam-1") == ["cam-1/0"]


async def test_a_reject_stored_just_after_the_change_is_not_forgotten():
    curable, found = Curable({}), []
    rejudging = Rejudging(curable, found.extend)
    task = asyncio.create_task(rejudging.run())
    rejudging.changed(["cam-1"])
    await asyncio.sleep(0.1)
    curable.rejects = {"cam-1": 1, "cam-2": 1}
    rejudging._looked_at -= rejudging_module.RECENT_S  # the look at the start was long ago
    rejudging.stored({"cam-1", "cam-2"})
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [message.again for message in found] == ["cam-1/0"]
