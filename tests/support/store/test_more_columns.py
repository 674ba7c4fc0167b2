"""A newer release has added columns: the one that runs reads and writes the rows as before."""

import pytest
from sqlalchemy import select, text

from services.support.store.store import Store
from services.support.store.tables import metadata, ticket
from shared.db.engine import make_engine
from shared.events import AppError, CustomerChanged, FirmwareUpdated
from tests.support.build import BOOT, at, fault, recovered, registry

pytestmark = pytest.mark.servers
TABLES = (
    "device",
    "customer",
    "fault_key",
    "ticket",
    "ticket_fault",
    "ticket_history",
    "organisation",
    "shared_with",
)


@pytest.fixture
async def grown(engine, postgres, database):
    """Each table has a column more, added after this release's statements were prepared."""
    async with engine.connect() as connection:
        for name in TABLES:
            await connection.execute(select(metadata.tables[name]))
    owner = make_engine(postgres.owner_of(database))
    async with owner.begin() as connection:
        for name in TABLES:
            await connection.execute(text(f"ALTER TABLE {name} ADD COLUMN newer text DEFAULT 'x'"))
    yield
    async with owner.begin() as connection:
        for name in TABLES:
            await connection.execute(text(f"ALTER TABLE {name} DROP COLUMN newer"))
    await owner.dispose()


async def test_every_handler_and_timer_goes_on(engine, handle, fire_until, grown):
    more = {"customer": "ana", "boot": BOOT, "seq": 1}
    await handle(registry(1, "registered", -9, firmware="1.0"))
    await handle(CustomerChanged(at=at(0), customer="ana", version=1, plan="plus"))
    await handle(FirmwareUpdated(at=at(0), source="cam-1", to_firmware="1.1", **more))
    await handle(AppError(at=at(1), source="app-1", code="e1", **more))
    await handle(fault(0, 1), recovered(1, 2))
    await handle(fault(5, 1, source="cam-2"))
    await handle(registry(2, "retired", 60, source="cam-2"))
    assert await fire_until(at(90)) == 2
    async with engine.connect() as connection:
        states = (await connection.execute(select(ticket.c.state))).scalars().all()
        store = Store(connection)
        assert (await store.devices.read("cam-1")).firmware == "1.1"
        assert (await store.customers.read("ana")).app_errors == 1
    assert states == ["resolved", "resolved"]
