"""Data of the release before conversations: nothing of them is lost or told otherwise, and it may
go on running beside this one.

`before_conversations.json` holds what that release wrote into its tables, and what it answered.
"""

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from services.support.store.tables import metadata
from shared.db.engine import make_engine
from shared.db.migrate import upgrade
from tests.apis import wired
from tests.emptied import empty
from tests.signed import headers
from tests.support.conftest import MIGRATIONS

pytestmark = pytest.mark.servers

BEFORE = json.loads(Path(__file__).with_name("before_conversations.json").read_text("utf-8"))
NEW = {"origin": "fault", "subject": None, "channel": None}
OF_FAULT = ("fault_key", "device", "fault_code", "component", "model", "firmware", "severity",
            "first_seen", "last_seen", "faults", "flapping")  # fmt: skip
TEAMS = {"cameras": "cameras"}


def to_revision(connection, revision):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def filled(connection):
    for table, rows in BEFORE["tables"].items():
        fill = f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, :rows)"  # noqa: S608
        await connection.execute(text(fill), {"rows": json.dumps(rows)})


@pytest.fixture(scope="module")
def database(postgres) -> str:
    """A database as the release before left it, migrated."""

    async def make() -> str:
        url = await postgres.database("before_conversations")
        engine = make_engine(url, pool=1)
        async with engine.begin() as connection:
            await connection.run_sync(to_revision, BEFORE["revision"])
            await filled(connection)
        await engine.dispose()
        await upgrade(url, MIGRATIONS)
        return url

    return asyncio.run(make())


@pytest.fixture
async def client(database):
    app, engine = wired("support", database)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://s", headers=headers("admin")
    ) as made:
        yield made
    await engine.dispose()


def with_new_fields(answer):
    """An answer of before, as it is given now: no field is another, some are new."""
    match answer:
        case {"items": list() as items}:
            return {**answer, "items": [with_new_fields(item) for item in items]}
        case {"fault_code": _, "opened_at": _}:
            priority = {"info": "low", "warning": "normal", "error": "high", "critical": "urgent"}
            new = {**NEW, "priority": priority[answer["severity"]]}
            if "assignee" in answer:
                new["team"] = TEAMS.get(answer["assignee"])
            return {**answer, **new}
        case _:
            return answer


@pytest.mark.parametrize("asked", BEFORE["answers"])
async def test_every_answer_is_as_before(client, asked):
    who, _, path = asked.rpartition(" ")
    more = {"headers": headers("partner", org="helpers", subject="account:pat")} if who else {}
    answer = await client.get(path, **more)
    assert answer.json() == with_new_fields(BEFORE["answers"][asked])


def in_order(rows):
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


async def test_what_was_in_one_row_is_in_two(database):
    engine = make_engine(database, pool=1)
    async with engine.connect() as connection:
        for table, rows in BEFORE["tables"].items():
            query = text(f"SELECT to_json(r)::text FROM {table} r")  # noqa: S608
            found = [json.loads(row) for row in (await connection.execute(query)).scalars()]
            kept = [{name: row[name] for name in rows[0]} for row in found]
            assert in_order(kept) == in_order(rows), table
        query = text("SELECT to_json(f)::text, to_json(t)::text FROM ticket t "
                     "JOIN ticket_fault f ON f.ticket = t.id")  # fmt: skip
        pairs = (await connection.execute(query)).all()
    await engine.dispose()
    assert len(pairs) == len(BEFORE["tables"]["ticket"])
    for pair in pairs:
        fault, ticket = map(json.loads, pair)
        assert [fault[n.removeprefix("fault_")] for n in OF_FAULT] == [ticket[n] for n in OF_FAULT]
        assert fault["is_open"] is (ticket["state"] == "open")


# what the release before writes, and what this one has to find
OLD_TICKET = """INSERT INTO ticket (id, fault_key, device, fault_code, component, severity, state,
  opened_at, opened_by, first_seen, last_seen, reopen_count, faults, historical, flapping, version)
  VALUES ('t1', 'cam-1|lens|', 'cam-1', 'lens', '', 'critical', 'open', now(), 'device:cam-1',
  now(), now(), 0, 1, false, false, 1)"""


@pytest.fixture
async def both(engine):
    """Two releases on one database: this one's store, and statements of the one before."""
    await empty(engine, metadata)

    async def run(statement, **values):
        async with engine.begin() as connection:
            found = await connection.execute(text(statement), values)
            return [tuple(row) for row in found] if found.returns_rows else None

    return run


@pytest.fixture(scope="module")
def shared_database(postgres) -> str:
    return asyncio.run(postgres.migrated("support", "both_releases"))


@pytest.fixture
async def engine(shared_database):
    made = make_engine(shared_database)
    yield made
    await made.dispose()


FAULT = "SELECT key, code, severity, faults, is_open FROM ticket_fault"


async def test_this_release_sees_what_the_one_before_writes(both):
    await both(OLD_TICKET)
    assert await both(FAULT) == [("cam-1|lens|", "lens", "critical", 1, True)]
    assert await both("SELECT origin, priority FROM ticket") == [("fault", "urgent")]
    await both("UPDATE ticket SET faults = 7, severity = 'error', assignee = 'cameras'")
    assert await both(FAULT) == [("cam-1|lens|", "lens", "error", 7, True)]
    assert await both("SELECT priority, team FROM ticket") == [("high", "cameras")]
    await both("UPDATE ticket SET state = 'resolved', assignee = 'account:kim'")
    assert await both("SELECT is_open, team FROM ticket_fault, ticket") == [(False, "cameras")]


async def test_the_release_before_sees_what_this_one_writes(both):
    await both(OLD_TICKET)
    await both("UPDATE ticket_fault SET faults = 3, firmware = '2.0', flapping = true")
    assert await both("SELECT faults, firmware, flapping FROM ticket") == [(3, "2.0", True)]
    await both("UPDATE ticket SET version = 2")  # carries nothing back
    assert await both("SELECT faults FROM ticket_fault") == [(3,)]


async def test_to_the_release_before_a_conversation_is_a_ticket_of_no_fault(both):
    insert = """INSERT INTO ticket (id, origin, state, opened_at, opened_by, reopen_count,
      historical, version) VALUES (:id, 'person', 'open', now(), 'account:kim', 0, false, 1)"""
    await both(insert, id="t2")
    await both(insert, id="t3")
    rows = await both("SELECT device, fault_code, severity, faults, flapping FROM ticket")
    assert rows == [("", "", "info", 0, False)] * 2
    assert await both(FAULT) == []
    await both("UPDATE ticket SET assignee = 'account:kim'")
    assert await both(FAULT) == []
