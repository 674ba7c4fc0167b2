"""What routes work with: reads that write nothing, units that commit whole, one effect a key."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import text

from shared.errors import ChangedSince, Exists, NotFound
from shared.events.samples import SAMPLES
from shared.web import units
from tests.units import units as made

pytestmark = pytest.mark.servers

Read = Annotated[units.Read, Depends(units.read)]
Change = Annotated[units.Change, Depends(units.change)]
ChangeOnce = Annotated[units.ChangeOnce, Depends(units.change_once)]
NEWS = next(event for event in SAMPLES if event.type_name() == "ticket_changed")
REFUSALS = {
    "absent": (NotFound("ticket", "t-1"), 404, "ticket_not_found", "no ticket t-1"),
    "there": (Exists("key", "k"), 409, "key_exists", "key k is there already; choose another id"),
    "stale": (
        ChangedSince("ticket", "t-1", 3), 412, "ticket_changed_since",
        "ticket t-1 is at version 3; read it again",
    ),
}  # fmt: skip


class Noted(BaseModel):
    by: str
    cause: str


async def note(unit, item: str) -> Noted:
    """A handler."""
    await unit.store.execute(text("INSERT INTO note VALUES (:item)"), {"item": item})
    unit.emit(NEWS, key="d:x", cause=unit.cause, kind="noted")
    unit.audit("note.add", "note", item)
    if item in REFUSALS:
        raise REFUSALS[item][0]
    return Noted(by=unit.who.subject, cause=unit.cause)


@pytest.fixture
async def http(engine, serve):
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE note (item text)"))
    router = APIRouter(prefix="/v1/notes")

    @router.get("")
    async def read(read: Read) -> int:
        async with read() as store:
            await store.execute(text("INSERT INTO note VALUES ('by a reader')"))
            return (await store.execute(text("SELECT count(*) FROM note"))).scalar_one()

    @router.get("/audited")
    async def read_audited(read: Read) -> None:
        async with read.audited() as unit:
            unit.audit("note.read", "note", "all")

    @router.put("/{item}")
    async def change(change: Change, item: str) -> Noted:
        async with change() as unit:
            return await note(unit, item)

    @router.post("/{item}", response_model=Noted)
    async def change_once(once: ChangeOnce, item: str):
        async def work(unit) -> Noted:
            return await note(unit, item)

        return await once(200, work)

    return serve("support", [router], units=made("support", lambda c: c, None, engine))


async def left(engine) -> tuple[int, int, int]:
    """Rows noted, events to publish, rows of the audit."""
    async with engine.connect() as connection:
        tables = ("note", "outbox", "audit")
        return tuple([
            (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()  # noqa: S608
            for table in tables
        ])  # fmt: skip


async def test_what_a_reader_writes_is_gone(http, engine):
    assert (await http.get("/v1/notes")).json() == 1
    assert await left(engine) == (0, 0, 0)


async def test_a_reading_is_audited(http, engine):
    assert (await http.get("/v1/notes/audited")).status_code == 200
    assert await left(engine) == (0, 0, 1)


async def test_rows_events_and_audit_of_a_unit_come_together(http, engine):
    answer = await http.put("/v1/notes/a")
    assert answer.json()["by"] == "account:test"
    assert await left(engine) == (1, 1, 1)


@pytest.mark.parametrize("item", REFUSALS)
async def test_a_refusal_takes_all_of_it_back_and_says_what_it_is(http, engine, item):
    _, status, kind, detail = REFUSALS[item]
    for answer in (await http.put(f"/v1/notes/{item}"), await http.post(f"/v1/notes/{item}")):
        said = answer.json()
        assert answer.status_code == said["status"] == status
        assert said["type"] == f"urn:playcaller:problem:{kind}"
        assert said["title"] == kind.replace("_", " ").capitalize()
        assert said["detail"] == detail
    assert await left(engine) == (0, 0, 0)


async def test_a_key_has_one_effect_and_one_answer(http, engine):
    key = {"Idempotency-Key": "k1"}
    first, again = [await http.post("/v1/notes/a", headers=key) for _ in range(2)]
    assert first.content == again.content
    assert first.json()["cause"].endswith("k1")
    assert await left(engine) == (1, 1, 1)
