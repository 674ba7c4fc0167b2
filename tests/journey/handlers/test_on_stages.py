"""Who entered which stage is returned, not told from inside: whatever decides on it can look first."""

import pytest
from sqlalchemy import text

from services.journey.handlers.stages.advance import advance
from services.journey.handlers.stages.on_stages import on_stages
from shared.events import Usage
from shared.stream.transaction import transaction
from tests.journey.conftest import START, UNITS

pytestmark = pytest.mark.servers
TOLD = text("SELECT type FROM outbox WHERE topic = 'journey.activity'")


async def test_advance_returns_entries_and_tells_nothing_of_them(engine):
    use = Usage(at=START, customer="ann", source="cam", boot="b", seq=1, by="person")
    async with transaction(engine, "journey", START) as tx:
        unit = UNITS.within(tx)
        held = await unit.store.customers.hold(["ann"], START)
        advanced = await advance(unit, held, {"ann": [(use, "use-1")]})
        (entered,) = advanced.entered
        assert (entered.customer, entered.revised, entered.cause) == ("ann", False, "use-1")
        assert [(entry.stage, entry.previous) for entry in entered.entries] == [
            (held["ann"].stage, None)
        ]
        await tx.flush()
        assert (await tx.connection.execute(TOLD)).all() == []
        await on_stages(unit, advanced)
        await tx.flush()
        assert (await tx.connection.execute(TOLD)).all() == [("stage_changed",)]
