"""Databases of a release before, lived in and kept (keep.py), become today's and go on counting.

`2026-11-28/` is the state before tickets became conversations and the runtime's tables got a tree.
"""

import asyncio
import json
import lzma
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from shared.clock import StreamClock
from shared.db import ledger_rows
from shared.db.engine import make_engine
from shared.db.migrate import upgrade
from shared.events import Fault, Usage
from shared.settings import SERVICES
from shared.stream import apply
from shared.stream.batch import Batch
from shared.stream.record import Received
from tests.apis import ROOT, built, wired
from tests.everything import pg
from tests.kept.asked import ask

pytestmark = pytest.mark.servers

KEPT = Path(__file__).with_name("2026-11-28")
CAMERA = "cam-kept-1"
RUNTIME = ("consumer_offset", "ledger", "inbox", "outbox", "quarantine", "audit", "erased")
SAYS_MORE = {
    "More than 64 unknown fields, or 8,000 arrays and objects within one event.": "More than 64 unknown fields."
}
MOVED = {
    "component",
    "faults",
    "firmware",
    "first_seen",
    "flapping",
    "last_seen",
    "model",
    "severity",
}
ROWS = "SELECT coalesce(json_agg(to_jsonb(t) ORDER BY to_jsonb(t)), '[]') FROM {} AS t"


def unpacked(name: str) -> bytes:
    return lzma.decompress((KEPT / name).read_bytes())


SEEN = json.loads(unpacked("seen.json.xz"))
NOW = datetime.fromisoformat(SEEN["now"])


@dataclass
class Carried:
    """A service's database: where it is, and what the runtime's tables held before."""

    url: str
    before: dict[str, Any]


async def held(url: str) -> dict[str, Any]:
    """Every row of the runtime's tables."""
    engine = make_engine(url, pool=1)
    try:
        async with engine.connect() as connection:
            return {
                table: (await connection.execute(text(ROWS.format(table)))).scalar_one()
                for table in RUNTIME
            }
    finally:
        await engine.dispose()


async def restored(postgres, service: str) -> str:
    """The kept dump in a new database, as its owner restores it; not migrated."""
    url: str = await postgres.server.make_database(f"kept_{service}")
    name = url.rpartition("/")[2]
    dumped = unpacked(f"{service}.sql.xz").replace(b"CREATE SCHEMA public;", b"")
    as_owner = f'SET ROLE "{name}_owner";\n'.encode()
    system = SimpleNamespace(servers=SimpleNamespace(postgres=postgres.server))
    await pg(system, "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", name, given=as_owner + dumped)
    return url


@pytest.fixture(scope="module")
def carried(postgres) -> dict[str, Carried]:
    async def carry(service: str) -> Carried:
        url = await restored(postgres, service)
        owner = postgres.owner_of(url)
        before = await held(owner)
        await upgrade(owner, ROOT / "services" / service / "migrations")
        return Carried(url, before)

    async def all_of_them() -> dict[str, Carried]:
        return {service: await carry(service) for service in SERVICES}

    return asyncio.run(all_of_them())


def missing(before: Any, after: Any, at: str = "") -> list[str]:
    """Where something that was told is told otherwise now; what is told besides is no matter."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            found
            for name in before
            for found in missing(before[name], after.get(name, "nothing"), f"{at}/{name}")
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            found
            for n, (old, new) in enumerate(zip(before, after, strict=True))
            for found in missing(old, new, f"{at}/{n}")
        ]
    return [] if before == after else [f"{at}: {before!r} is now {after!r}"]


def as_before(told: dict[str, Any]) -> dict[str, Any]:
    """Answers of today as they were: a ticket's fault facts where they stood, sentences that say more now."""
    for path, (_, answer) in told.items():
        if path.startswith("/v1/rejects/") and "sentence" in answer:
            answer["sentence"] = SAYS_MORE.get(answer["sentence"], answer["sentence"])
        if path.startswith("/v1/personal/"):
            for ticket in answer["holds"].get("tickets", ()):
                fault = ticket["fault"] or {}
                ticket |= {name: fault[name] for name in MOVED & fault.keys()}
                ticket |= {"fault_key": fault["key"], "fault_code": fault["code"]}
    return told


def test_a_difference_is_seen_and_more_is_none() -> None:
    assert missing({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2, "c": 3}], "d": 4}) == []
    assert missing({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}) == ["/a/1/b: 2 is now 3"]
    assert missing({"a": [1]}, {"a": [1, 2]}) == ["/a: [1] is now [1, 2]"]
    assert missing({"a": 1}, {}) == ["/a: 1 is now 'nothing'"]


@pytest.mark.parametrize("service", SERVICES)
async def test_the_runtimes_rows_are_the_same(carried, postgres, service):
    after = await held(postgres.owner_of(carried[service].url))
    assert missing(carried[service].before, after) == []


@pytest.mark.parametrize("service", SERVICES)
async def test_every_answer_is_the_same(carried, service):
    told = SEEN["services"][service]
    assert len(told) >= 8
    app, engine = wired(service, carried[service].url, clock=StreamClock(NOW))
    try:
        first = sorted(told, key=lambda path: "/audit" not in path)  # reading is audited itself
        differences = missing(told, as_before(await ask(app, first)))
        assert differences == [], "\n".join(differences)
    finally:
        await engine.dispose()


def received(event: Any) -> tuple[Received[Any], None]:
    id_ = f"/{event.source}/{event.STREAM}#{event.boot}:{event.seq}"
    return Received(event, id_, event.TOPIC, 0, 0, NOW, NOW), None


@pytest.mark.parametrize(
    ("service", "kind", "fields"),
    [
        ("journey", Usage, {"by": "person", "count": 3}),
        ("analytics", Usage, {"by": "person", "count": 3}),
        ("support", Fault, {"code": "lens_dirty"}),
        ("analytics", Fault, {"code": "lens_dirty"}),
    ],
    ids=["journey-usage", "analytics-usage", "support-fault", "analytics-fault"],
)
async def test_it_goes_on_counting_and_knows_what_it_counted(carried, service, kind, fields):
    """The device's own first event comes again, and a new one: one of the two counts."""
    engine = make_engine(carried[service].url)
    later = NOW + timedelta(hours=1)
    try:
        async with engine.connect() as connection:
            known = await connection.execute(
                text("SELECT boot, max_at FROM ledger WHERE source = :source AND stream = :stream"),
                {"source": CAMERA, "stream": kind.STREAM},
            )
            boot, sent_at = known.one()
            before = await ledger_rows.cardinality(connection)
        given = {"source": CAMERA, "customer": "c-ute", "boot": boot, **fields}
        events = [kind(at=sent_at, seq=0, **given), kind(at=later, seq=7, **given)]
        batch = Batch(kind.TOPIC, events=[received(event) for event in events])
        handle = built(service, engine, clock=StreamClock(NOW)).handlers[kind.TOPIC]
        for _ in range(2):
            assert await apply.apply(engine, service, batch, handle, later) == []
        async with engine.connect() as connection:
            after = await ledger_rows.cardinality(connection)
        assert after == {**before, kind.TOPIC: before[kind.TOPIC] + 1}
    finally:
        await engine.dispose()


async def test_the_new_fault_joined_the_ticket_of_the_old_one(carried):
    told = SEEN["services"]["support"]["/v1/tickets?limit=100"][1]["items"]
    (before,) = (ticket for ticket in told if ticket["device"] == CAMERA)
    app, engine = wired("support", carried["support"].url, clock=StreamClock(NOW))
    try:
        path = f"/v1/tickets/{before['id']}"
        status, after = (await ask(app, [path]))[path]
    finally:
        await engine.dispose()
    assert (status, after["faults"]) == (200, before["faults"] + 1)
