"""A customer is erased: devices are nobody's from then on, and what was refused of them is gone."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from services.ingest.domain.sources.ownership import owner_at
from services.ingest.domain.sources.source import Source
from services.ingest.errors import CustomerErased
from services.ingest.handlers.customers.erase_customers import erase_customers
from services.ingest.handlers.sources import change_registry
from services.ingest.store.rejects.rejects import Rejects
from services.ingest.store.sources import notices
from services.ingest.store.sources.registry import Registry
from shared.db import erased as list_of
from shared.stream.transaction import transaction
from tests.ingest.conftest import UNITS
from tests.ingest.store.messages.test_plans import planned, plans
from tests.system import until

pytestmark = pytest.mark.servers

T = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


async def change(engine, do, now):
    async with transaction(engine, "ingest", now) as tx:
        await do(UNITS.within(tx))


async def owned(engine, id_, customer, now=T, *, moved=False):
    async def do(unit):
        if moved:
            await change_registry.move(unit, id_, customer, "device")
        else:
            await change_registry.register(unit, [Source(id_, "device", model="m")])
            await change_registry.claim(unit, [(id_, customer)])

    await change(engine, do, now)


async def forget(engine, *subjects, now=T + DAY):
    async with transaction(engine, "ingest", now, erasing=True) as tx:
        await list_of.add(tx.connection, dict.fromkeys(subjects, now))
        return await erase_customers(UNITS.within(tx), sorted(subjects))


async def refused(engine, payload, at, source="cam-1"):
    plan = planned(("usage", payload))
    async with engine.begin() as connection:
        await Rejects(connection).add([reject for _, reject in plan.rejects])
        await connection.execute(
            text("UPDATE reject SET received_at = :at, source = :source WHERE payload = :payload"),
            {"at": at, "payload": payload, "source": source},
        )


async def kept(engine):
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT payload FROM reject ORDER BY payload"))
        return [bytes(one) for one in found.scalars()]


async def test_the_interval_is_cut_and_the_past_stays_where_it_was(engine):
    await owned(engine, "cam-1", "ann")
    await owned(engine, "cam-2", "bob")
    assert await forget(engine, "ann") == ["cam-1"]
    found = await Registry(engine, 9).fetch({"cam-1", "cam-2"})
    camera = found["cam-1"]
    assert (camera.owner, camera.status, camera.version) == (None, "registered", 3)
    assert owner_at(camera.owners, T + DAY / 2) == "ann", "told late, it is nobody else's"
    assert owner_at(camera.owners, T + DAY) is None
    assert found["cam-2"].owner == "bob"
    await owned(engine, "cam-1", "cy", T + 2 * DAY)
    camera = (await Registry(engine, 9).fetch({"cam-1"}))["cam-1"]
    assert (camera.owner, owner_at(camera.owners, T + DAY)) == ("cy", None)


async def test_what_was_refused_goes_from_the_owner_before_to_the_one_after(engine):
    await owned(engine, "cam-1", "zoe", T - 9 * DAY)
    await owned(engine, "cam-1", "ann", T, moved=True)
    await owned(engine, "cam-1", "bob", T + 5 * DAY, moved=True)
    await refused(engine, b"zoe's", T - DAY)
    await refused(engine, b"hers", T + DAY)
    await refused(engine, b"hers, at the end", T + 5 * DAY - timedelta(seconds=1))
    await refused(engine, b"bob's", T + 5 * DAY)
    await refused(engine, b"another device's", T + DAY, "cam-7")
    await forget(engine, "ann", now=T + 6 * DAY)
    assert await kept(engine) == [b"another device's", b"bob's", b"zoe's"]


async def test_what_is_refused_later_of_her_device_is_kept_without_its_words(engine):
    await owned(engine, "cam-1", "ann")
    await forget(engine, "ann")
    await plans(engine).save(planned(("usage", b"Ann Lind is not at home")))
    assert await kept(engine) == [b""]
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM reject"))
    await owned(engine, "cam-1", "bob", T + 2 * DAY)
    await plans(engine).save(planned(("usage", b"Bob is")))
    assert await kept(engine) == [b"Bob is"]


async def test_nothing_can_become_theirs_any_more(engine):
    await owned(engine, "cam-1", "ann")
    await forget(engine, "ann")
    with pytest.raises(CustomerErased, match="ann"):
        await owned(engine, "cam-1", "ann", T + 2 * DAY)


async def test_every_process_hears_that_the_device_changed(engine, store_database):
    await owned(engine, "cam-1", "ann")
    heard, began = [], asyncio.Event()
    listening = asyncio.create_task(notices.listen(store_database, heard.extend, began.set))
    await asyncio.wait_for(began.wait(), 5)
    await forget(engine, "ann")
    await until(lambda: "cam-1" in heard, seconds=90)
    listening.cancel()


async def test_erasing_again_or_somebody_unknown_changes_nothing(engine):
    await owned(engine, "cam-1", "ann")
    await forget(engine, "ann")
    await forget(engine, "ann", "nobody", now=T + 3 * DAY)
    camera = (await Registry(engine, 9).fetch({"cam-1"}))["cam-1"]
    assert (camera.version, camera.owners[-1].until) == (3, T + DAY)


def test_no_word_of_a_strange_topic_is_told():
    (reject,) = [reject for _, reject in planned(("Anns", b"{}")).rejects]
    assert (reject.stream, reject.news.stream) == ("Anns", "unknown")
