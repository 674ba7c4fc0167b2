"""A timer that fails is put off by itself; the others act, and the work is that of what is due."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select, text

from services.support.domain.faults import timers
from services.support.store.tables import fault_key, ticket
from shared.db.engine import make_engine
from shared.events.codec import decode
from tests.support.build import HOUR, at, fault, recovered

pytestmark = pytest.mark.servers
DEVICES = [f"cam-{n}" for n in range(6)]


@pytest.fixture
async def waiting(handle):
    """Six tickets whose recoveries hold at minute 31."""
    await handle(*(fault(0, 1, source=id_) for id_ in DEVICES))
    await handle(*(recovered(1, 2, source=id_) for id_ in DEVICES))


async def states(engine):
    async with engine.connect() as connection:
        found = await connection.execute(select(ticket.c.device, ticket.c.state))
        return {row[0]: row[1] for row in found}


async def due(engine):
    async with engine.connect() as connection:
        found = await connection.execute(select(fault_key.c.device, fault_key.c.due_at))
        return {row[0]: row[1] for row in found}


async def write(engine, statement):
    async with engine.begin() as connection:
        await connection.execute(text(statement))


RESOLVED = dict.fromkeys(DEVICES, "resolved")


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(
            """UPDATE fault_key SET flapping = '{"recoveries": 5}' WHERE device = 'cam-3'""",
            id="a row nobody can read",
        ),
        pytest.param(
            """ALTER TABLE ticket ADD CONSTRAINT harm
            CHECK (device <> 'cam-3' OR state = 'open') NOT VALID""",
            id="a row the database refuses",
        ),
    ],
)
async def test_one_row_that_fails_is_put_off_and_the_others_act(
    engine, postgres, database, fire_until, waiting, harm
):
    owner = postgres.owner_of(database)
    await as_owner(owner, harm)
    try:
        assert await fire_until(at(40)) == 5
        assert await states(engine) == {**RESOLVED, "cam-3": "open"}
        assert (await due(engine))["cam-3"] == at(40) + HOUR
        assert await fire_until(at(41)) == 0, "it does not spin"
        await tell(engine, resolved=5)
    finally:
        await as_owner(owner, "ALTER TABLE ticket DROP CONSTRAINT IF EXISTS harm")
    await write(engine, "UPDATE fault_key SET flapping = '{}' WHERE device = 'cam-3'")
    assert await fire_until(at(40) + HOUR + timedelta(minutes=1)) == 1
    assert await states(engine) == RESOLVED
    await tell(engine, resolved=6)


async def as_owner(url, statement):
    made = make_engine(url)
    await write(made, statement)
    await made.dispose()


async def tell(engine, *, resolved):
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT value FROM outbox"))
        changes = [decode(value).change for value in found.scalars()]
    assert changes.count("resolved") == resolved


async def test_one_timer_that_raises_is_put_off(engine, fire_until, waiting, monkeypatch):
    real = timers.fire_due

    def fire(work, until, rules):
        if work.state.device == "cam-2":
            raise ZeroDivisionError
        return real(work, until, rules)

    monkeypatch.setattr(timers, "fire_due", fire)
    assert await fire_until(at(40)) == 5
    assert await states(engine) == {**RESOLVED, "cam-2": "open"}


async def test_nothing_due_is_one_statement_and_many_rows_cost_no_more_statements(
    engine, fire_until, waiting
):
    sent = []
    event.listen(
        engine.sync_engine, "before_cursor_execute",
        lambda _c, _cursor, statement, *_: sent.append(statement),
    )  # fmt: skip
    assert await fire_until(at(20)) == 0
    assert len(sent) <= 2, sent
    sent.clear()
    assert await fire_until(at(40)) == 6
    assert len(sent) <= 18, sent  # two rounds: the second finds nothing
