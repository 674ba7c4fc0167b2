"""Every answer that shows a person leaves a row: whatever is planted, wherever it comes out.

Each service as wired, on a real database; every GET of its document is asked.
"""

import re

import pytest

from services.support.edges.consumer import HANDLERS
from services.support.store.store import Store
from shared.clock import wall_now
from shared.stream.transaction import transaction
from tests.apis import wired
from tests.shared.web.test_bad_requests import NoTopics
from tests.signed import headers
from tests.support.build import RULES, fault, records
from tests.units import units
from tests.witness import Witness

pytestmark = pytest.mark.servers

SUPPORT = units("support", Store, RULES).handlers(HANDLERS)

PLANTED = ("Planted Quick", "planted@example.org", "491705550142", "Planted Street")
PROFILE = {
    "name": "Planted Quick",
    "email": "planted@example.org",
    "phone": "+491705550142",
    "address": "Planted Street 7, 20095 Hamburg",
}


async def journey(watched: Witness) -> dict[str, str]:
    body = {"id": "planted", "kind": "business", "profile": PROFILE}
    assert (await watched.http.post("/v1/customers", json=body)).status_code == 201
    path, person = "/v1/customers/planted/contacts", {**PROFILE, "role": "user"}
    del person["address"]
    made = await watched.http.post(path, json=person)
    assert made.status_code == 201, made.text
    return {"id": "planted", "customer": "planted", "contact": made.json()["id"]}


async def support(watched: Witness) -> dict[str, str]:
    async with transaction(watched.engine, "support", wall_now()) as tx:
        await SUPPORT["device.fault"](tx, records(fault()))
    (ticket,) = (await watched.http.get("/v1/tickets")).json()["items"]
    said = {"text": "Planted Quick called from +491705550142"}
    path = f"/v1/tickets/{ticket['id']}/comment"
    assert (await watched.http.post(path, json=said)).status_code == 200
    customer = ticket["customer"] or "planted"
    return {"ticket_id": ticket["id"], "id": "none", "customer": customer}


async def nothing(watched: Witness) -> dict[str, str]:
    del watched
    return {"id": "planted", "customer": "planted", "credential": "x"}


STORIES = {"journey": journey, "support": support, "ingest": nothing, "analytics": nothing}
SHOWING = {  # so that the test cannot pass by seeing nothing
    "journey": {
        *("/v1/customers/{id}", "/v1/customers/{id}/contact", "/v1/personal/{customer}"),
        *("/v1/customers/{id}/contacts", "/v1/customers/{id}/contacts/{contact}"),
    },
    "support": {"/v1/tickets/{ticket_id}", "/v1/tickets/{ticket_id}/history"},
    "ingest": set(),
    "analytics": set(),
}


def shows(text: str) -> bool:
    return any(word in text for word in PLANTED)


@pytest.mark.parametrize("name", STORIES)
async def test_every_answer_that_shows_a_person_leaves_a_row(postgres, name):
    app, engine = wired(name, await postgres.migrated(name, f"shown_{name}"))
    app.state.topic_watch = NoTopics()
    watched = Witness(app, engine, **headers("admin", "service"))
    try:
        given = await STORIES[name](watched)
        showed = set()
        for path, verbs in app.openapi()["paths"].items():
            if "get" not in verbs:
                continue
            before = await watched.head()
            answer = await watched.http.get(
                re.sub(r"{(\w+)}", lambda m: given.get(m[1], "x"), path)
            )
            rows = await watched.since(before)
            if shows(answer.text):
                showed.add(path)
                assert [row["who"] for row in rows] == ["account:test"], path
                assert rows[0]["request"] == answer.headers["x-request-id"], path
            assert not shows(str(rows)), path
        assert showed >= SHOWING[name]
    finally:
        await watched.http.aclose()
        await engine.dispose()


async def test_a_profile_in_the_answer_of_a_change_is_no_exception(postgres):
    """A request sent again, and a change to what is so already, show the profile too."""
    app, engine = wired("journey", await postgres.migrated("journey", "shown_again"))
    watched = Witness(app, engine, **headers("admin"))
    try:
        key = {"Idempotency-Key": "k"}
        body = {"id": "planted", "profile": PROFILE}
        made = {"json": body, "headers": key}
        await watched.did("POST /v1/customers", "customer.create", "customer", **made)
        await watched.did("POST /v1/customers", "customer.read", "customer", **made)
        plan = {"plan": "pro", "started_at": "2026-01-01T00:00:00Z", "renews_at": "2027-01-01T00:00:00Z"}  # fmt: skip
        put = "PUT /v1/customers/{id}/subscription"
        sent = {"path": {"id": "planted"}, "json": plan}
        await watched.did(put, "customer.subscription", "customer", **sent)
        await watched.did(put, "customer.read", "customer", **sent)
    finally:
        await watched.http.aclose()
        await engine.dispose()
