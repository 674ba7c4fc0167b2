"""The audit as an admin meets it: found, taken away as a file, verified."""

import csv
import io
import json

import pytest
from sqlalchemy import text

from shared.db import audit
from shared.db.audit import Author, Entry
from tests.signed import headers

pytestmark = pytest.mark.servers

ANN = Author("account:ann", "person", ("lead",), None, "192.0.2.7", "r-1")
CRM = Author("key:1b2c3d4e", "program", ("vendor",), None, "192.0.2.8", "r-2")


@pytest.fixture
async def http(engine, serve):
    await add(
        engine,
        Entry(ANN, "ticket.assign", "ticket", "t-1", {"assignee": None}, {"assignee": "ben"}),
        Entry(CRM, "device.claim", "device", "cam-1", after={"customer": "c-1"}),
        Entry(ANN, "ticket.resolve", "ticket", "t-1", why="=HYPERLINK(1)"),
        Entry(CRM, "device.claim", "device", "=cam-2", after={"customer": "c-2"}),
    )
    return serve("support")


async def add(engine, *entries: Entry) -> None:
    async with engine.begin() as connection:
        await audit.record(connection, entries)


async def found(http, **query) -> list[int]:
    answer = await http.get("/v1/audit", params=query)
    assert answer.status_code == 200, answer.text
    return [row["n"] for row in answer.json()["items"]]


async def test_a_change_is_shown_with_all_its_answers(http):
    (row,) = (await http.get("/v1/audit", params={"action": "ticket.assign"})).json()["items"]
    assert len(row.pop("hash")) == 64
    assert row.pop("at").endswith("Z")
    assert row == {
        "n": 1, "who": "account:ann", "by": "person", "roles": ["lead"], "organisation": None,
        "address": "192.0.2.7", "request": "r-1", "action": "ticket.assign", "kind": "ticket",
        "id": "t-1", "before": {"assignee": None}, "after": {"assignee": "ben"}, "why": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        pytest.param({}, [4, 3, 2, 1], id="the newest first"),
        pytest.param({"who": "account:ann"}, [3, 1], id="who"),
        pytest.param({"action": "device.claim"}, [4, 2], id="action"),
        pytest.param({"kind": "ticket", "id": "t-1"}, [3, 1], id="one thing"),
        pytest.param({"kind": "ticket", "who": "key:1b2c3d4e"}, [], id="nothing fits"),
        pytest.param({"from": "2026-01-01T00:00:00Z"}, [4, 3, 2, 1], id="from"),
        pytest.param({"to": "2026-01-01T00:00:00Z"}, [], id="to"),
        pytest.param({"who": "' OR 1=1 --"}, [], id="a value is a value"),
    ],
)
async def test_filters(http, query, numbers):
    assert await found(http, **query) == numbers


async def test_from_and_to_are_a_half_open_span(http):
    times = {row["n"]: row["at"] for row in (await http.get("/v1/audit")).json()["items"]}
    assert await found(http, **{"from": times[2], "to": times[4]}) == [3, 2]


async def test_pages_stay_in_place_while_rows_are_added(engine, http):
    first = (await http.get("/v1/audit?limit=2")).json()
    await add(engine, Entry(ANN, "ticket.reopen", "ticket", "t-1"))
    second = (await http.get("/v1/audit", params={"limit": 2, "after": first["next"]})).json()
    assert [row["n"] for row in first["items"] + second["items"]] == [4, 3, 2, 1]
    assert second["next"] is None


async def test_the_csv_holds_all_rows_and_no_formula(http):
    answer = await http.get("/v1/audit/export")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "audit-support.csv" in answer.headers["content-disposition"]
    head, *lines = list(csv.reader(io.StringIO(answer.text)))
    assert [line[0] for line in lines] == ["1", "2", "3", "4"]
    cells = [dict(zip(head, line, strict=True)) for line in lines]
    assert cells[0]["after"] == '{"assignee":"ben"}'
    assert cells[2]["why"] == "'=HYPERLINK(1)"
    assert cells[3]["id"] == "'=cam-2"
    assert not [cell for line in lines for cell in line if cell[:1] in set("=+-@\t\r")]


async def test_json_lines_hold_the_same(http):
    answer = await http.get("/v1/audit/export", params={"format": "jsonl", "kind": "device"})
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [(row["n"], row["after"]) for row in rows] == [
        (2, {"customer": "c-1"}),
        (4, {"customer": "c-2"}),
    ]
    assert rows[1]["id"] == "=cam-2"


async def test_more_rows_than_are_read_at_once_are_exported(engine, http):
    await add(engine, *(Entry(CRM, "device.claim", "device", f"d-{n}") for n in range(2_500)))
    answer = await http.get("/v1/audit/export", params={"action": "device.claim"})
    lines = answer.text.splitlines()
    assert len(lines) == 1 + 2 + 2_500
    assert lines[-1].startswith("2504,")


async def test_who_takes_it_away_is_audited(http):
    await http.get("/v1/audit/export", params={"who": "account:ann"})
    (row,) = (await http.get("/v1/audit", params={"action": "audit.export"})).json()["items"]
    assert (row["who"], row["id"]) == ("account:test", "support")
    assert row["after"] == {"filter": {"who": "account:ann"}}


async def test_a_chain_that_holds(http):
    body = (await http.get("/v1/audit/verify")).json()
    assert (body["rows"], body["n"], body["broken"], body["next"]) == (4, 4, None, None)
    noted = {"noted_n": 4, "noted_hash": body["hash"]}
    assert (await http.get("/v1/audit/verify", params=noted)).json()["broken"] is None


async def test_a_chain_that_does_not(engine, http):
    noted = (await http.get("/v1/audit/verify")).json()
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        await connection.execute(text("DELETE FROM audit WHERE n = 4"))
    assert (await http.get("/v1/audit/verify")).json()["broken"] is None  # it cannot know
    query = {"noted_n": noted["n"], "noted_hash": noted["hash"]}
    body = (await http.get("/v1/audit/verify", params=query)).json()
    assert body["broken"] == {"n": 4, "why": "missing"}
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE audit SET who = 'x' WHERE n = 2"))
    body = (await http.get("/v1/audit/verify")).json()
    assert (body["broken"], body["n"]) == ({"n": 2, "why": "changed"}, 1)


async def test_a_long_walk_goes_on_by_its_cursor(http, monkeypatch):
    monkeypatch.setattr("shared.web.routes.audit.VERIFIED", 3)
    first = (await http.get("/v1/audit/verify")).json()
    assert (first["rows"], first["n"]) == (3, 3)
    second = (await http.get("/v1/audit/verify", params={"after": first["next"]})).json()
    assert (second["rows"], second["n"], second["next"]) == (1, 4, None)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/audit?after=x", 400),
        ("/v1/audit?after=WyJhIl0", 400),  # ["a"]
        ("/v1/audit?limit=0", 422),
        ("/v1/audit?who=%00", 422),
        ("/v1/audit?from=yesterday", 422),
        ("/v1/audit/export?format=xml", 422),
        ("/v1/audit/verify?after=WzFd", 400),  # [1]
        ("/v1/audit/verify?after=WzEsIngiXQ", 400),  # [1,"x"]
        ("/v1/audit/verify?noted_n=3", 422),
        ("/v1/audit/verify?noted_n=3&noted_hash=abc", 422),
    ],
)
async def test_what_makes_no_sense_is_refused(http, path, status):
    assert (await http.get(path)).status_code == status


@pytest.mark.parametrize("role", ["csm", "agent", "product", "marketing", "vendor", "service"])
@pytest.mark.parametrize("path", ["/v1/audit", "/v1/audit/export", "/v1/audit/verify"])
async def test_it_is_not_for_everybody(http, role, path):
    assert (await http.get(path, headers=headers(role))).status_code == 403


async def test_every_answer_names_its_request(http):
    one, other = await http.get("/v1/audit"), await http.get("/v1/nowhere")
    names = {one.headers["x-request-id"], other.headers["x-request-id"]}
    assert len(names) == 2
    claimed = await http.get("/v1/audit", headers={"X-Request-Id": "mine"})
    assert claimed.headers["x-request-id"] != "mine"
