"""A desk's queue: filters, the longest waiting first, and how many there are of which kind."""

import pytest
from sqlalchemy import text

from shared.db import few as searches
from tests.signed import headers
from tests.support.build import at

pytestmark = pytest.mark.servers

# id, opened, reopened, state, priority, assignee, team, subject, fault code
DESK = [
    ("a", 0, None, "open", "normal", None, None, "No picture at night", None),
    ("b", 1, 50, "open", "urgent", "cameras", "cameras", "Picture frozen", None),
    ("c", 2, None, "open", "high", "account:kim", "cameras", None, "lens"),
    ("d", 3, None, "resolved", "low", "account:kim", None, "Grün flackert", None),
    ("e", 4, None, "open", "high", "account:test", None, None, "motor"),
]


@pytest.fixture
async def desk(engine):
    ticket = text(
        """INSERT INTO ticket (id, origin, customer, state, opened_at, opened_by, reopened_at,
          reopen_count, priority, assignee, team, subject, historical, version, device)
        VALUES (:id, :origin, 'ana', :state, :at, 'x', :reopened, 0, :priority, :assignee, :team,
          :subject, false, 1, :device)"""
    )
    fault = text(
        """INSERT INTO ticket_fault (ticket, key, device, code, component, severity, first_seen,
          last_seen, faults, flapping, is_open)
        VALUES (:id, :id, 'cam-1', :code, '', 'error', now(), now(), 1, false, true)"""
    )
    async with engine.begin() as connection:
        for id_, minute, again, state, priority, assignee, team, subject, code in DESK:
            values = {
                "id": id_, "origin": "person" if code is None else "fault", "at": at(minute),
                "reopened": None if again is None else at(again), "state": state,
                "priority": priority, "assignee": assignee, "team": team, "subject": subject,
                "device": "cam-1" if code else "",
            }  # fmt: skip
            await connection.execute(ticket, values)
            if code is not None:
                await connection.execute(fault, {"id": id_, "code": code})


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        pytest.param("", "edcba", id="all"),
        pytest.param("state=open", "ecba", id="open"),
        pytest.param("origin=person", "dba", id="by origin"),
        pytest.param("priority=high", "ec", id="by priority"),
        pytest.param("team=cameras", "cb", id="of a team, whoever has them"),
        pytest.param("assignee=cameras", "b", id="of the team itself"),
        pytest.param("assigned=false", "a", id="nobody's"),
        pytest.param("assigned=true&state=open", "ecb", id="somebody's"),
        pytest.param("fault_code=lens", "c", id="by code"),
        pytest.param("device=cam-1", "ec", id="by device"),
        pytest.param("from=2026-03-01T12:01:00Z&to=2026-03-01T12:03:00Z", "cb", id="by age"),
        pytest.param("text=pict", "ba", id="the beginning of a word"),
        pytest.param("text=night%20PICT", "a", id="two beginnings"),
        pytest.param("text=gr%C3%BCn", "d", id="letters of any language"),
        pytest.param("text=%27%20%7C%20!%26%3A*", "", id="signs only"),
        pytest.param(
            "text=pict&state=open&sort=waiting", "ab", id="words, the longest waiting first"
        ),
        pytest.param("sort=waiting", "aceb", id="the longest waiting first"),
        pytest.param("sort=waiting&team=cameras", "cb", id="of a team, the longest waiting first"),
    ],
)
@pytest.mark.parametrize("few", [5_000, 0], ids=["few have the words", "many have them"])
async def test_the_list(client, desk, monkeypatch, asked, ids, few):
    monkeypatch.setattr(searches, "FEW", few)
    found, after = [], ""
    while True:
        page = (await client.get(f"/v1/tickets?limit=2&{asked}{after}")).json()
        found += [ticket["id"] for ticket in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert "".join(found) == ids


@pytest.mark.parametrize(
    ("asked", "before", "after"),
    [
        pytest.param("", "d", "b", id="the newest first"),
        pytest.param("state=open", "e", "b", id="of open ones"),
        pytest.param("sort=waiting", "a", "e", id="the longest waiting first"),
        pytest.param("sort=waiting&team=cameras", None, "b", id="the first of a team"),
        pytest.param("fault_code=motor", "e", None, id="of a list in which it is not"),
    ],
)
async def test_what_stands_beside_a_ticket_in_a_list(client, desk, asked, before, after):
    found = await client.get(f"/v1/tickets/c/neighbours?{asked}")
    assert found.json() == {"before": before, "after": after}
    assert (await client.get("/v1/tickets/z/neighbours")).status_code == 404


async def test_a_ticket_is_given_back_and_stays_its_teams(client, desk):
    done = await client.post(
        "/v1/tickets/b/assign", json={"assignee": None}, headers={"Idempotency-Key": "back"}
    )
    assert (done.json()["assignee"], done.json()["team"]) == (None, "cameras")
    missing = await client.post(
        "/v1/tickets/b/assign", json={}, headers={"Idempotency-Key": "missing"}
    )
    assert missing.status_code == 422


async def test_the_counts(client, desk):
    counts = (await client.get("/v1/tickets/counts?state=open")).json()
    assert counts == {
        "tickets": 4,
        "mine": 1,
        "unassigned": 1,
        "origins": {"person": 2, "fault": 2},
        "priorities": {"normal": 1, "urgent": 1, "high": 2},
        "teams": {"cameras": 2},
        "assignees": {"cameras": 1, "account:kim": 1, "account:test": 1},
    }
    assert (await client.get("/v1/tickets/counts")).json() == counts
    done = (await client.get("/v1/tickets/counts?state=resolved")).json()
    assert (done["tickets"], done["priorities"]) == (1, {"low": 1})
    some = (await client.get("/v1/tickets/counts?fault_code=lens")).json()
    assert (some["tickets"], some["teams"]) == (1, {"cameras": 1})


@pytest.mark.parametrize("asked", ["team=x", "text=x", "from=2026-03-01T00:00:00Z", "origin=fault"])
async def test_a_partner_asks_by_what_it_is_shown_only(client, desk, asked):
    who = headers("partner", org="helpers", subject="account:pat")
    assert (await client.get(f"/v1/tickets?{asked}", headers=who)).status_code == 422
    assert (await client.get(f"/v1/tickets/counts?{asked}", headers=who)).status_code == 403


async def test_how_many_were_opened_and_resolved_on_each_day(client, desk, engine):
    async with engine.begin() as connection:
        done = "UPDATE ticket SET resolved_at = :at WHERE id = 'd'"
        await connection.execute(text(done), {"at": at(24 * 60 + 30)})
    found = (await client.get("/v1/tickets/days?last=90")).json()
    opened = dict(zip(found["days"], found["opened"], strict=True))
    resolved = dict(zip(found["days"], found["resolved"], strict=True))
    assert (opened["2026-03-01"], resolved["2026-03-01"]) == (5, 0)
    assert (sum(opened.values()), resolved["2026-03-02"]) == (5, 1)
    numbers = await client.get("/v1/tickets/days", headers=headers("product"))
    assert len(numbers.json()["days"]) == 14
