"""A customer asks for something, and one of us opens a ticket: no device, no fault needed."""

import pytest
from sqlalchemy import text

from shared.events import CustomerChanged
from shared.events.codec import decode
from tests.signed import headers
from tests.support.build import at, fault, registry

pytestmark = pytest.mark.servers

ASKED = {
    "customer": "ana",
    "subject": "No picture at night",
    "text": "It is black since Sunday. Call +49 170 5550199.",
    "channel": "phone",
}
OF_FAULT = (
    "fault_code", "component", "severity", "model", "firmware", "faults", "first_seen",
    "last_seen", "flapping",
)  # fmt: skip


@pytest.fixture
async def ana(handle):
    await handle(CustomerChanged(at=at(0), customer="ana", version=1, plan="plus"))
    await handle(registry(1, "registered", -9, firmware="1.0"))
    await handle(registry(2, "claimed", -8, customer="ana"))


@pytest.fixture
async def opened(client, ana):
    answer = await client.post("/v1/tickets", json=ASKED)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_ticket_without_device_or_fault(client, engine, opened):
    assert (opened["origin"], opened["state"], opened["customer"]) == ("person", "open", "ana")
    assert (opened["subject"], opened["channel"], opened["priority"]) == (
        "No picture at night",
        "phone",
        "normal",
    )
    assert [opened[name] for name in ("device", *OF_FAULT)] == [None] * 10
    read = (await client.get(f"/v1/tickets/{opened['id']}")).json()
    (line,) = read["history"]
    assert (line["who"], line["what"]) == ("account:test", "opened")
    assert line["detail"] == {"channel": "phone", "text": ASKED["text"]}
    assert (read["customer_facts"]["plan"], read["device_facts"]) == ("plus", None)
    async with engine.connect() as connection:
        (row,) = (await connection.execute(text("SELECT key, value FROM outbox"))).all()
    told = decode(row.value)
    assert (row.key, told.change, told.customer, told.device) == ("c:ana", "opened", "ana", None)


async def test_a_play_asks_for_one(client, ana):
    journey = headers("service", subject="service:journey", kind="service")
    asked = {**ASKED, "channel": None, "play": "set-up help"}
    answer = await client.post("/v1/tickets", json=asked, headers=journey)
    assert (answer.status_code, answer.json()["origin"]) == (201, "play")
    (line,) = (await client.get(f"/v1/tickets/{answer.json()['id']}")).json()["history"]
    assert line["detail"]["play"] == "set-up help"


async def test_it_may_be_about_a_device_of_the_customer(client, ana):
    made = await client.post("/v1/tickets", json={**ASKED, "device": "cam-1", "priority": "high"})
    assert (made.json()["device"], made.json()["priority"]) == ("cam-1", "high")
    read = (await client.get(f"/v1/tickets/{made.json()['id']}")).json()
    assert read["device_facts"]["firmware"] == "1.0"
    listed = (await client.get("/v1/tickets", params={"device": "cam-1"})).json()["items"]
    assert [ticket["id"] for ticket in listed] == [made.json()["id"]]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        pytest.param({"customer": "nobody"}, "body.customer", id="a customer we do not know"),
        pytest.param({"customer": "a/b"}, "body.customer", id="no id of a customer"),
        pytest.param({"device": "cam-9"}, "body.device", id="a device nobody knows"),
        pytest.param({"device": "cam-2"}, "body.device", id="somebody else's device"),
        pytest.param({"subject": " "}, "body.subject", id="no subject"),
        pytest.param({"subject": "a\nb"}, "body.subject", id="a subject of two lines"),
        pytest.param({"channel": "telepathy"}, "body.channel", id="no channel of ours"),
        pytest.param({"text": ""}, "body.text", id="no words"),
        pytest.param({"play": "set-up help"}, "body.play", id="plays ask themselves"),
        pytest.param({"origin": "fault"}, "body.origin", id="an origin is not for the asking"),
    ],
)
async def test_what_is_refused_is_named(client, engine, handle, ana, more, named):
    await handle(registry(1, "registered", -9, source="cam-2", customer="bo"))
    answer = await client.post("/v1/tickets", json={**ASKED, **more})
    assert answer.status_code == 422
    assert named in answer.text
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM ticket"))).scalar_one() == 0


async def test_sent_twice_it_is_one_ticket_and_the_answer_is_not_stored(client, engine, ana):
    sent = {"json": ASKED, "headers": {"Idempotency-Key": "call-1"}}
    first = await client.post("/v1/tickets", **sent)
    again = await client.post("/v1/tickets", **sent)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    async with engine.connect() as connection:
        kept = (await connection.execute(text("SELECT body FROM idempotency"))).scalars().all()
        assert (await connection.execute(text("SELECT count(*) FROM ticket"))).scalar_one() == 1
    assert "picture" not in str(list(map(bytes, kept)))


async def test_its_life_is_that_of_any_ticket(client, opened):
    url = f"/v1/tickets/{opened['id']}"
    for verb, body, shown in (
        ("assign", {"assignee": "cameras"}, {"assignee": "cameras", "team": "cameras"}),
        ("assign", {"assignee": "account:kim"}, {"assignee": "account:kim", "team": "cameras"}),
        ("comment", {"text": "called back"}, {"version": 4}),
        ("resolve", {"resolution": "education"}, {"state": "resolved"}),
        ("reopen", {"note": "again"}, {"state": "open", "reopen_count": 1, "version": 6}),
    ):
        answer = await client.post(f"{url}/{verb}", json=body)
        assert answer.status_code == 200, answer.text
        assert {name: answer.json()[name] for name in shown} == shown
    refused = await client.post(f"{url}/comment", json={"text": "x"}, headers={"If-Match": '"1"'})
    assert refused.status_code == 412


async def test_faults_of_the_same_device_have_tickets_of_their_own(client, handle, ana):
    await client.post("/v1/tickets", json={**ASKED, "device": "cam-1"})
    await handle(fault(1, 1))
    listed = (await client.get("/v1/tickets", params={"customer": "ana"})).json()["items"]
    assert sorted(ticket["origin"] for ticket in listed) == ["fault", "person"]
    summary = (await client.get("/v1/tickets/summary")).json()
    assert summary == [{"fault_code": "sd_card", "tickets": 1, "open": 1, "faults": 1}]


async def test_a_partner_reads_what_was_marked_for_it(client, ana):
    await client.post("/v1/organisations", json={"id": "helpers", "name": "Helpers"})
    who = headers("partner", org="helpers", subject="account:pat")
    for audience, said in (
        ("internal", None),
        ("shared", "It is black since Sunday. Call [phone]."),
    ):
        subject = "Mail ann@example.org"
        body = {**ASKED, "subject": subject, "device": "cam-1", "audience": audience}
        id_ = (await client.post("/v1/tickets", json=body)).json()["id"]
        hidden = await client.get(f"/v1/tickets/{id_}", headers=who)
        assert hidden.status_code == 404
        await client.post(f"/v1/tickets/{id_}/share", json={"organisation": "helpers"})
        read = (await client.get(f"/v1/tickets/{id_}", headers=who)).json()
        assert (read["subject"], read["device_ends"], read["fault_code"]) == (
            "Mail [mail]",
            "…1",
            None,
        )
        (line,) = read["history"]
        assert (line["who"], line["what"], line["text"]) == ("us", "opened", said)
        assert line["facts"] == {}
    refused = await client.post("/v1/tickets", json=ASKED, headers=who)
    assert refused.status_code == 403
    ended = await client.post(f"/v1/tickets/{id_}/resolve", json={"resolution": "fix"}, headers=who)
    assert ended.status_code == 200, "a partner works on it as on any other"


async def test_an_export_has_its_words_and_its_fault(client, handle, opened):
    await handle(fault(1, 1))
    service = headers("service", subject="service:journey")
    part = (await client.get("/v1/personal/ana", headers=service)).json()["holds"]
    person, of_fault = sorted(part["tickets"], key=lambda ticket: ticket["origin"], reverse=True)
    assert (person["subject"], person["fault"]) == ("No picture at night", None)
    assert person["history"][0]["detail"]["text"] == ASKED["text"]
    assert (of_fault["fault"]["code"], of_fault["subject"]) == ("sd_card", None)
