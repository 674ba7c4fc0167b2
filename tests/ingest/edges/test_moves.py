"""Whose is an event that comes while its source is being given to somebody else?"""

import asyncio

import pytest
from sqlalchemy import text

from services.ingest.domain.sources.ownership import Ownership
from services.ingest.domain.sources.source import Source
from shared.clock import wall_now
from shared.db.engine import make_engine
from shared.events import codec
from tests.ingest.device import of_source, until, usage
from tests.ingest.edges.test_sender import there  # noqa: F401 - a fixture

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def owned(customer: str) -> Source:
    owners = (Ownership(customer, wall_now()),)
    return Source("cam-1", "device", version=1, owners=owners)


def owners(there) -> list[str]:  # noqa: F811
    return [codec.decode(record.value).customer for record in there.servers.sent]


async def test_while_a_source_is_changed_its_messages_wait_in_order_and_others_go_on(there):  # noqa: F811
    there.servers.cached["cam-1"] = owned("ann")
    there.servers.cached["cam-2"] = Source("cam-2", "device", version=1)
    there.servers.changing = {"cam-1"}
    there.arrive(("cam-2", usage(1)), ("cam-1", usage(2)), ("cam-1", usage(3)))
    await there.until(lambda: there.servers.seqs() == [1])
    there.servers.cached["cam-1"] = owned("bob")
    there.arrive(("cam-1", usage(4)))
    there.servers.changing = set()
    there.bridge.wake()
    await there.until(lambda: there.servers.seqs() == [1, 2, 3, 4])
    assert there.connection.acked == [1, 2, 3, 4]


async def test_what_changes_while_others_are_looked_up_is_looked_up_again(there):  # noqa: F811
    servers = there.servers
    servers.cached["cam-1"] = owned("ann")
    servers.sources["cam-2"] = Source("cam-2", "device", version=1)
    looks = []
    fetch = servers.fetch

    async def meanwhile(ids):
        looks.append(ids)
        if len(looks) == 1:
            servers.cached["cam-1"] = owned("bob")
            servers.forgotten += 1
        return await fetch(ids)

    servers.fetch = meanwhile
    there.arrive(("cam-1", usage(1)), ("cam-2", usage(2)))
    await there.until(lambda: there.servers.seqs() == [1, 2])
    assert owners(there) == ["bob", None]


async def test_a_source_that_is_just_registered_is_no_stranger(there):  # noqa: F811
    servers = there.servers
    servers.changing = {"cam-1"}
    servers.sources["cam-2"] = Source("cam-2", "device", version=1)
    fetch = servers.fetch

    async def meanwhile(ids):
        servers.sources["cam-1"] = owned("ann")
        servers.changing = set()
        servers.forgotten += 1
        return await fetch(ids)

    servers.fetch = meanwhile
    there.arrive(("cam-1", usage(1)), ("cam-2", usage(2)))
    await there.until(lambda: there.servers.seqs() == [1, 2])
    assert servers.rejects == []


@pytest.mark.servers
@pytest.mark.parametrize("verb", ["move", "claim"])
async def test_what_happens_while_a_change_is_made_is_the_new_owners(ingest, verb):
    former = "ann" if verb == "move" else None
    source = await ingest.registered("cam", customer=former)
    device = ingest.device(source)
    device.publish("usage", usage(1))
    await device.heard("ack")
    engine = make_engine(ingest.database)
    async with engine.begin() as connection:
        lock = text("SELECT 1 FROM source WHERE id = :id FOR UPDATE")
        await connection.execute(lock, {"id": source})
        change = asyncio.create_task(
            ingest.post(f"/v1/devices/{source}/{verb}", json={"customer": "bob"})
        )

        async def waits() -> bool:
            return bool((await connection.execute(text(WAITS))).scalar_one())

        await until(waits)
        device.publish("usage", usage(2))
        other = ingest.device(await ingest.registered("other"))
        other.publish("usage", usage(1))
        await other.heard("ack")
    await engine.dispose()
    answer = await change
    device.publish("usage", usage(3))

    async def three() -> list[dict]:
        found = await of_source(ingest.kafka, "device.usage", source)
        return found if len(found) == 3 else []

    found = {r["seq"]: r for r in await until(three)}
    assert found[2]["at"] >= answer["owners"][-1]["from"]
    assert [found[n].get("customer") for n in (2, 3)] == ["bob", "bob"]
    if verb == "move":
        assert found[1]["customer"] == former
