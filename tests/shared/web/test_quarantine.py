"""The quarantine as an operator meets it: grouped, hidden until revealed, replayed, discarded."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from shared.db import erased
from shared.events import Fault, codec
from shared.stream import quarantine
from shared.stream.quarantine import CONFLICT, Quarantined

pytestmark = pytest.mark.servers

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOOT = "9f1c2ab37d405e68"


def fault(seq: int, reason: str) -> Quarantined:
    event = Fault(at=AT, code=f"s3cret_{seq}", source="cam-1", boot=BOOT, seq=seq)
    source, id_ = codec.telemetry_source(event), f"{BOOT}:{seq}"
    headers = codec.headers(event, source=source, id_=id_, subject=None)
    identity = codec.identity(source, id_)
    value = codec.encode(event)
    return Quarantined(
        identity, "device.fault", 0, seq, b"d:cam-1", value, headers, reason, "s3cret", AT, AT
    )


@pytest.fixture
async def effects():
    """Identities the handler has applied."""
    return []


@pytest.fixture
async def http(engine, serve, effects):
    async with engine.begin() as connection:
        rows = [fault(1, "KeyError"), fault(2, "KeyError"), fault(3, CONFLICT)]
        await quarantine.add(connection, rows)

    async def handle(tx, received):
        for one in received:
            if one.event.seq == 2:
                raise ZeroDivisionError("still broken")
            effects.append(one.id)

    return serve("support", handlers={"device.fault": handle})


async def audited(http) -> list[tuple]:
    rows = (await http.get("/v1/audit")).json()["items"]
    assert all((row["who"], row["kind"]) == ("account:test", "record") for row in rows)
    return sorted((row["action"], row["id"], row["after"]) for row in rows)


def route(seq: int, verb: str) -> str:
    return f"/v1/quarantine/{quote(f'/cam-1/fault#{BOOT}:{seq}', safe='')}/{verb}"


async def test_groups_and_rows_are_shown_without_contents(http):
    answer = await http.get("/v1/quarantine")

    body = answer.json()
    ages = [(group.pop("oldest_at"), group.pop("last_hour")) for group in body["groups"]]
    assert [last_hour for _, last_hour in ages] == [2, 1]
    assert all(oldest.endswith("Z") for oldest, _ in ages)
    assert body["groups"] == [
        {"topic": "device.fault", "reason": "KeyError", "count": 2},
        {"topic": "device.fault", "reason": CONFLICT, "count": 1},
    ]
    assert {row["id"] for row in body["newest"]} == {f"/cam-1/fault#{BOOT}:{n}" for n in (1, 2, 3)}
    assert body["newest"][0]["appended_at"] == "2026-03-01T12:00:00Z"
    assert "s3cret" not in answer.text


async def test_contents_are_shown_on_demand(http):
    (row,) = (await http.get("/v1/quarantine?reveal=true&limit=1")).json()["newest"]

    assert row["detail"] == "s3cret"
    assert row["content"]["key"] == "d:cam-1"
    assert '"code":"s3cret_' in row["content"]["value"]
    assert ["ce_source", "/cam-1/fault"] in row["content"]["headers"]
    assert await audited(http) == [("quarantine.read", row["id"], None)]


@pytest.mark.parametrize(
    ("query", "matching"),
    [
        pytest.param("", 3, id="all"),
        pytest.param("?reason=KeyError", 2, id="a reason"),
        pytest.param("?topic=device.fault&reason=seq_conflict", 1, id="both"),
        pytest.param("?topic=app.usage", 0, id="another topic"),
    ],
)
async def test_a_replay_of_many_only_counts_unless_it_is_meant(http, effects, query, matching):
    answer = await http.post(f"/v1/quarantine/replay{query}")

    assert answer.json() == {"dry_run": True, "matching": matching, "outcomes": {}}
    assert effects == []
    assert await audited(http) == []


async def test_a_replay_has_its_effect_once_and_says_what_failed(http, effects):
    answer = await http.post("/v1/quarantine/replay?dry_run=false")
    ledger = await http.get("/v1/ledger")
    left = (await http.get("/v1/quarantine")).json()

    assert answer.json()["outcomes"] == {
        "replayed": 1,
        "failed again: ZeroDivisionError": 1,
        "refused: another event of this identity was applied; discard it instead": 1,
    }
    assert effects == [f"/cam-1/fault#{BOOT}:1"]
    assert await audited(http) == [
        ("quarantine.replay", f"/cam-1/fault#{BOOT}:1", {"outcome": "replayed"}),
        (
            "quarantine.replay",
            f"/cam-1/fault#{BOOT}:2",
            {"outcome": "failed again: ZeroDivisionError"},
        ),
    ]
    assert ledger.json() == {"device.fault": 1}
    assert [(g["reason"], g["count"]) for g in left["groups"]] == [
        ("ZeroDivisionError", 1),
        (CONFLICT, 1),
    ]


async def test_one_record_is_replayed_by_its_id(http, effects):
    first = await http.post(route(1, "replay"))
    again = await http.post(route(1, "replay"))

    assert (first.json()["outcomes"], first.status_code) == ({"replayed": 1}, 200)
    assert (again.status_code, again.json()["title"]) == (
        404,
        "No such record is set aside here",
    )
    assert effects == [f"/cam-1/fault#{BOOT}:1"]


async def test_a_replay_holds_up_no_writer_and_waits_for_none(http, engine, effects):
    async with engine.begin() as writer:
        await erased.hold(writer)
        answer = await http.post(route(1, "replay"))

    assert (answer.status_code, effects) == (200, [f"/cam-1/fault#{BOOT}:1"]), answer.text


async def test_a_discarded_record_is_gone_without_effect(http, effects):
    first = await http.post(route(3, "discard"))
    again = await http.post(route(3, "discard"))

    assert (first.status_code, again.status_code) == (200, 404)
    assert len((await http.get("/v1/quarantine")).json()["newest"]) == 2
    assert effects == []
    assert await audited(http) == [("quarantine.discard", f"/cam-1/fault#{BOOT}:3", None)]


@pytest.mark.parametrize(
    ("query", "counts"),
    [
        pytest.param("reason=KeyError", (2, 0, 3), id="only counts"),
        pytest.param("reason=KeyError&dry_run=false", (2, 2, 1), id="a reason"),
        pytest.param("topic=app.usage&dry_run=false", (0, 0, 3), id="another topic"),
    ],
)
async def test_a_cause_is_discarded_only_when_it_is_meant(http, effects, query, counts):
    answer = (await http.post(f"/v1/quarantine/discard?{query}")).json()
    left = (await http.get("/v1/quarantine")).json()["newest"]

    assert (answer["matching"], answer["discarded"], len(left)) == counts
    assert len(await audited(http)) == counts[1]
    assert effects == []


async def test_records_of_one_cause_are_listed(http):
    found = (await http.get("/v1/quarantine?reason=KeyError&topic=device.fault")).json()
    assert [row["reason"] for row in found["newest"]] == ["KeyError", "KeyError"]
    assert len(found["groups"]) == 2
