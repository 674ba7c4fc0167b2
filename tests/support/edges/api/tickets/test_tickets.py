"""Tickets over HTTP, on a real database."""

import pytest
from sqlalchemy import text

from shared.db import audit_rows
from shared.db.audit_rows import Filter
from shared.events import AppError, CustomerChanged
from shared.events.codec import decode
from tests.signed import headers
from tests.support.build import BOOT, at, fault, recovered, registry

pytestmark = pytest.mark.servers


@pytest.fixture
async def ticket(client, handle):
    """The id of an open ticket."""
    await handle(fault(0, 1, model="m1", firmware="1.0"))
    return (await client.get("/v1/tickets")).json()["items"][0]["id"]


def kind(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def told(engine):
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT value FROM outbox ORDER BY position"))
        return [(event.change, event.version) for event in map(decode, found.scalars())]


async def test_a_ticket_with_its_history_and_what_is_known(client, handle, ticket):
    await handle(registry(1, "registered", -9, firmware="1.0"))
    await handle(CustomerChanged(at=at(0), customer="ana", version=1, plan="plus", stage="engaged"))
    await handle(AppError(at=at(1), source="app-1", customer="ana", code="e1"))
    await handle(fault(5, 2, severity="critical"))
    answer = await client.get(f"/v1/tickets/{ticket}")
    read = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert (read["state"], read["severity"], read["faults"]) == ("open", "critical", 2)
    assert (read["first_seen"], read["last_seen"]) == (
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:05:00Z",
    )
    assert (read["device_facts"]["model"], read["device_facts"]["firmware"]) == ("m1", "1.0")
    assert (read["customer_facts"]["plan"], read["customer_facts"]["app_errors"]) == ("plus", 1)
    assert read["history_count"] == 2
    newest, first = read["history"]
    assert (newest["at"], newest["who"], newest["what"]) == (
        "2026-03-01T12:05:00Z",
        "device:cam-1",
        "fault",
    )
    assert (first["detail"]["effect"], first["detail"]["why"]) == ("opened", "first_fault")


async def test_a_ticket_about_which_nothing_else_is_known(client, ticket):
    read = (await client.get(f"/v1/tickets/{ticket}")).json()
    assert read["customer_facts"] is None
    assert read["device_facts"]["model"] is None


async def test_the_life_of_a_ticket(client, engine, clock, handle, ticket):
    url = f"/v1/tickets/{ticket}"
    assigned = await client.post(
        f"{url}/assign", json={"assignee": "kim"}, headers=headers("lead", subject="account:lee")
    )
    assert (assigned.status_code, assigned.json()["assignee"]) == (200, "kim")
    await client.post(
        f"{url}/comment", json={"text": "called"}, headers=headers("agent", subject="account:kim")
    )
    clock.advance(at(1_100))
    resolved = (
        await client.post(f"{url}/resolve", json={"resolution": "fix", "note": "new card"})
    ).json()
    assert (resolved["state"], resolved["resolution"], resolved["resolved_at"]) == (
        "resolved",
        "fix",
        "2026-03-02T06:20:00Z",
    )
    assert (await client.post(f"{url}/comment", json={"text": "thanked"})).status_code == 200
    reopened = (await client.post(f"{url}/reopen", json={"note": "not gone"})).json()
    assert (reopened["state"], reopened["reopen_count"]) == ("open", 1)
    lines = (await client.get(f"{url}/history")).json()["items"]
    assert {(line["who"], line["what"]) for line in lines} == {
        ("device:cam-1", "fault"),
        ("account:lee", "assigned"),
        ("account:kim", "commented"),
        ("account:test", "resolved"),
        ("account:test", "commented"),
        ("account:test", "reopened"),
    }
    assert await told(engine) == [
        ("opened", 1),
        ("assigned", 2),
        ("commented", 3),
        ("resolved", 4),
        ("commented", 5),
        ("reopened", 6),
    ]


async def test_a_fault_after_the_resolution_reopens_the_ticket(client, clock, handle, ticket):
    await client.post(f"/v1/tickets/{ticket}/resolve", json={"resolution": "fix"})
    await handle(fault(1_001, 2))
    read = (await client.get(f"/v1/tickets/{ticket}")).json()
    assert (read["state"], read["reopen_count"], read["resolution"]) == ("open", 1, None)


@pytest.mark.parametrize(
    "counter", [{"boot": BOOT}, {"boot": None, "seq": None}], ids=["counted", "uncounted"]
)
@pytest.mark.parametrize(
    "behind", [0, 180, 1_200], ids=["right", "3 h behind", "20 h ahead before"]
)
async def test_a_resolved_ticket_wakes_whatever_the_clock_says(
    client, clock, handle, behind, counter
):
    """Three faults received after a person's word; the first was dated as the clock was."""
    ahead = 1_200 if behind == 1_200 else -behind
    await handle(fault(990 + ahead, received_at=at(990), **counter))
    (made,) = (await client.get("/v1/tickets")).json()["items"]
    assert made["opened_at"] <= "2026-03-02T04:30:00Z", "not after its receipt"
    url = f"/v1/tickets/{made['id']}"
    assert (await client.post(f"{url}/resolve", json={"resolution": "fix"})).status_code == 200
    off = 0 if ahead > 0 else -behind
    for n in (1, 2, 3):
        seq = None if counter["boot"] is None else n + 1
        more = {**counter, "seq": seq, "severity": "critical"}
        await handle(fault(1_000 + n + off, received_at=at(1_000 + n), **more))
    read = (await client.get(url)).json()
    assert (read["state"], read["reopen_count"], read["faults"]) == ("open", 1, 4)
    assert read["reopened_at"] >= "2026-03-02T04:40:00Z"


async def test_a_recovery_that_had_held_comes_before_the_person(client, handle, ticket):
    await handle(recovered(10, 2))  # due at minute 40, the clock says 1,000
    answer = await client.post(f"/v1/tickets/{ticket}/assign", json={"assignee": "kim"})
    assert kind(answer) == (409, "ticket_resolved")


async def test_refusals(client, handle, ticket):
    url = f"/v1/tickets/{ticket}"
    nowhere = "/v1/tickets/00000000-0000-0000-0000-000000000000"
    assert kind(await client.get(nowhere)) == (404, "ticket_not_found")
    assert kind(await client.get(f"{nowhere}/history")) == (404, "ticket_not_found")
    comment = {"text": "x"}
    assert kind(await client.post(f"{nowhere}/comment", json=comment)) == (404, "ticket_not_found")
    assert kind(await client.post(f"{url}/reopen", json={})) == (409, "ticket_open")
    await client.post(f"{url}/resolve", json={"resolution": "wont_fix"})
    again = {"resolution": "fix"}
    assert kind(await client.post(f"{url}/resolve", json=again)) == (409, "ticket_resolved")
    await handle(fault(2_000, 2))
    refused = await client.post(f"{url}/reopen", json={})
    assert kind(refused) == (409, "newer_ticket_open")
    newer = (await client.get("/v1/tickets?state=open")).json()["items"][0]["id"]
    assert newer in refused.json()["detail"]


@pytest.mark.parametrize(
    ("action", "body"),
    [
        pytest.param("resolve", {"resolution": "recovered"}, id="a timer's resolution"),
        pytest.param("resolve", {"resolution": "magic"}, id="no resolution of ours"),
        pytest.param("comment", {"text": ""}, id="no text"),
        pytest.param("comment", {"text": "a\x00b"}, id="a text that cannot be stored"),
        pytest.param("comment", {"text": "a", "who": "eve"}, id="who it is says the token"),
        pytest.param("assign", {"assignee": "playcaller"}, id="assignee is a timer"),
        pytest.param("assign", {"assignee": "device:cam-1"}, id="assignee is a device"),
        *(
            pytest.param("assign", {"assignee": words}, id=f"assignee is {words!r}")
            for words in (
                "   ",
                "",
                "Carla Assigned",
                "Carla",
                "carla assigned +49 170 5550142",
                "ann@example.org",
                "+491705550142",
                "491705550142",
                "account:491705550142",
                "account:",
                "account:Ann Quick",
                "kim\n",
                "key:1b2c",
                "a" * 65,
            )
        ),
        pytest.param("assign", {"assignee": "kim", "priority": 1}, id="an unknown field"),
    ],
)
async def test_bad_wishes(client, ticket, action, body):
    answer = await client.post(f"/v1/tickets/{ticket}/{action}", json=body)
    assert kind(answer) == (422, "invalid_request")


async def test_a_wish_sent_twice_is_done_once(client, engine, ticket):
    for _ in range(2):
        answer = await client.post(
            f"/v1/tickets/{ticket}/resolve",
            json={"resolution": "fix"},
            headers={"Idempotency-Key": "wish-1"},
        )
        assert answer.status_code == 200
    assert await told(engine) == [("opened", 1), ("resolved", 2)]


async def test_only_the_ticket_that_was_read_is_changed(client, ticket):
    url = f"/v1/tickets/{ticket}"
    tag = (await client.get(url)).headers["etag"]
    first = await client.post(f"{url}/assign", json={"assignee": "a"}, headers={"If-Match": tag})
    assert first.status_code == 200
    second = await client.post(f"{url}/assign", json={"assignee": "b"}, headers={"If-Match": tag})
    assert kind(second) == (412, "ticket_changed_since")
    assert (await client.get(url)).json()["assignee"] == "a"


@pytest.mark.parametrize("assignee", ["account:7f3a", "cameras", "team-cameras", "a"])
async def test_the_audit_says_only_that_the_assignee_changed(client, engine, ticket, assignee):
    url = f"/v1/tickets/{ticket}"
    done = await client.post(f"{url}/assign", json={"assignee": assignee})
    assert done.json()["assignee"] == assignee
    await client.post(f"{url}/comment", json={"text": "rang Ann"})
    async with engine.connect() as connection:
        rows = await audit_rows.newest(connection, Filter(id=ticket), None, 2)
    assert [(row["action"], row["before"], row["after"]) for row in rows] == [
        ("ticket.comment", {}, {"audience": "internal", "characters": 8}),
        ("ticket.assign", {}, {"changed": ["assignee"]}),
    ]


async def test_words_that_stand_as_an_assignee_from_before_are_shown_masked(client, engine, ticket):
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE ticket SET assignee = 'Carla Assigned +49 170 5550142'")
        )
    url = f"/v1/tickets/{ticket}"
    assert (await client.get(url)).json()["assignee"] == "Carla Assigned [phone]"
    await client.post(f"{url}/assign", json={"assignee": "cameras"})
    lines = await client.get(f"{url}/history")
    assert "Carla Assigned [phone]" in lines.text
    assert "5550142" not in lines.text


async def test_a_flood_is_one_ticket_that_says_what_it_took(client, handle):
    await handle(*(fault(n, n, component=f"cpu {n} C") for n in range(30)))
    found = (await client.get("/v1/tickets?fault_code=device_floods&state=open")).json()["items"]
    assert [(one["device"], one["faults"]) for one in found] == [("cam-1", 20)]
    newest = (await client.get(f"/v1/tickets/{found[0]['id']}")).json()["history"][0]["detail"]
    assert (newest["why"], newest["code"], newest["component"]) == ("flood", "sd_card", "cpu 29 C")
    assert len((await client.get("/v1/tickets?state=open&device=cam-1")).json()["items"]) == 11


async def test_lists_filter_and_turn_pages(client, handle):
    await handle(*(fault(n, n, source=f"cam-{n % 7}", code=f"c{n % 2}") for n in range(28)))
    whole = (await client.get("/v1/tickets?limit=200")).json()
    assert whole["next"] is None
    assert [one["opened_at"] for one in whole["items"]] == sorted(
        (one["opened_at"] for one in whole["items"]), reverse=True
    )
    paged, after = [], ""
    while after is not None:
        page = (await client.get(f"/v1/tickets?limit=3{after}")).json()
        paged += page["items"]
        after = None if page["next"] is None else f"&after={page['next']}"
    assert paged == whole["items"]
    assert len(paged) == 14
    for query, count in [
        ("device=cam-3", 2),
        ("fault_code=c1", 7),
        ("device=cam-3&fault_code=c1", 1),
        ("customer=ana&state=open", 14),
        ("customer=bo", 0),
        ("state=resolved", 0),
        ("assignee=kim", 0),
    ]:
        assert len((await client.get(f"/v1/tickets?{query}")).json()["items"]) == count, query


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "state=closed", "customer=%00", "limit=x"]
)
async def test_bad_queries(client, query):
    assert kind(await client.get(f"/v1/tickets?{query}")) == (422, "invalid_request")


@pytest.mark.parametrize("after", ["%21", "W10", "WzEsMl0", "WyIyMDI2LTAzLTAxVDEyOjAwOjAwWiIsMV0"])
async def test_bad_cursors(client, after):
    assert kind(await client.get(f"/v1/tickets?after={after}")) == (400, "bad_cursor")


async def test_history_turns_pages_and_the_ticket_shows_the_newest_200(client, handle, ticket):
    await handle(*(fault(n, n + 1) for n in range(1, 250)))
    read = (await client.get(f"/v1/tickets/{ticket}")).json()
    assert (len(read["history"]), read["history_count"]) == (200, 250)
    lines, after = [], ""
    while after is not None:
        page = (await client.get(f"/v1/tickets/{ticket}/history?limit=100{after}")).json()
        lines += page["items"]
        after = None if page["next"] is None else f"&after={page['next']}"
    assert len({line["id"] for line in lines}) == len(lines) == 250
    assert lines[:200] == read["history"]


async def test_the_summary_by_fault(client, handle, ticket):
    await handle(*(fault(n, n, source="cam-2", code="lens") for n in range(5)))
    await handle(*(fault(n, n, source="cam-3", code="lens") for n in range(5)))
    await client.post(f"/v1/tickets/{ticket}/resolve", json={"resolution": "none"})
    assert (await client.get("/v1/tickets/summary")).json() == [
        {"fault_code": "lens", "tickets": 2, "open": 2, "faults": 10},
        {"fault_code": "sd_card", "tickets": 1, "open": 0, "faults": 1},
    ]
