"""Erasing a customer over HTTP: forgotten here at once, told until every service has answered."""

from datetime import UTC, datetime, timedelta

import pytest

from services.journey.handlers.erasures.erasures import RESTORED, erase_customers, on_done
from shared.events import CustomerChanged, Erased, ErasureDone, Usage
from shared.stream import erasure
from shared.stream.transaction import transaction
from tests.journey.conftest import UNITS, record
from tests.signed import headers
from tests.system import until

pytestmark = pytest.mark.servers

NEW = {
    "id": "c-1",
    "profile": {"name": "Ana Lind", "email": "ana@example.org", "phone": "+49 170 5550199"},
    "subscription": {"plan": "plus", "started_at": "2026-01-01T00:00:00Z"},
    "purchases": [{"product": "cam", "at": "2026-01-01T09:00:00Z"}],
}
WHY = {"reason": "request 2026-117"}
TABLES = (
    "customer",
    "customer_profile",
    "customer_state",
    "subscription",
    "purchase",
    "stage_history",
)
OTHERS = ("analytics", "ingest", "support")


@pytest.fixture
async def ana(client):
    """A customer with everything."""
    assert (await client.post("/v1/customers", json=NEW)).status_code == 201
    return client


async def answer(engine, *services, at):
    """Services have answered."""
    async with transaction(engine, "journey", at) as tx:
        made = [ErasureDone(at=at, customer="c-1", service=name) for name in services]
        await UNITS.each(on_done)(tx, [record(one, one.service) for one in made])


async def test_all_of_a_customer_is_forgotten_and_the_others_are_told(ana, rows, told, clock):
    asked = await ana.post("/v1/customers/c-1/erasure", json=WHY)
    assert asked.status_code == 202, asked.text
    body = asked.json()
    assert (body["state"], body["done"], body["total"]) == ("running", 1, 4)
    assert (body["reason"], body["asked_by"]) == ("request 2026-117", "account:test")
    waiting = {one["service"]: one["waiting_since"] for one in body["services"]}
    since = "2026-06-01T00:00:00Z"
    assert waiting == {"analytics": since, "ingest": since, "journey": None, "support": since}
    for table in TABLES:
        assert await rows(f"TABLE {table}") == [], table
    assert await told(Erased) == [Erased(at=clock.moment, customer="c-1")]
    assert (await ana.get("/v1/customers/c-1")).status_code == 404


async def test_asked_twice_it_is_the_same_erasure(ana, told):
    key = {"Idempotency-Key": "e-1"}
    for more in (key, key, {}):
        asked = await ana.post("/v1/customers/c-1/erasure", json=WHY, headers=more)
        assert asked.status_code == 202
    assert len(await told(Erased)) == 1


async def test_it_is_done_when_the_last_service_has_answered(ana, engine, clock):
    await ana.post("/v1/customers/c-1/erasure", json=WHY)
    later = clock.moment + timedelta(minutes=1)
    await answer(engine, "support", "ingest", at=later)
    body = (await ana.get("/v1/customers/c-1/erasure")).json()
    assert (body["state"], body["done"], body["completed_at"]) == ("running", 3, None)
    assert [
        one["customer"] for one in (await ana.get("/v1/erasures?open=true")).json()["items"]
    ] == ["c-1"]
    await answer(engine, "analytics", "support", at=later + timedelta(minutes=1))
    body = (await ana.get("/v1/customers/c-1/erasure")).json()
    assert (body["state"], body["completed_at"]) == ("done", "2026-06-01T00:02:00Z")
    done = {one["service"]: one["done_at"] for one in body["services"]}
    assert done["support"] == "2026-06-01T00:01:00Z", "the first answer holds"
    assert (await ana.get("/v1/erasures?open=true")).json()["items"] == []
    assert len((await ana.get("/v1/erasures")).json()["items"]) == 1


async def test_it_is_told_every_ten_minutes_until_done_and_daily_afterwards(
    ana, engine, fire, told, clock
):
    await ana.post("/v1/customers/c-1/erasure", json=WHY)

    async def times(**later):
        clock.moment += timedelta(**later)
        await fire(clock.moment)
        return len(await told(Erased))

    assert [await times(minutes=9), await times(minutes=1), await times(minutes=10)] == [1, 2, 3]
    await answer(engine, *OTHERS, at=clock.moment)
    assert [await times(hours=23), await times(hours=1), await times(hours=24)] == [3, 4, 5]
    assert all(one.customer == "c-1" for one in await told(Erased))


async def test_the_id_of_somebody_erased_is_nobodys_for_good(ana, told, rows):
    await ana.post("/v1/customers/c-1/erasure", json=WHY)
    again = await ana.post("/v1/customers", json=NEW)
    assert (again.status_code, again.json()["type"]) == (
        409, "urn:playcaller:problem:customer_erased",
    )  # fmt: skip
    text = "id,name\nc-1,Ana Lind\nc-2,Bo\n"
    job = (await ana.post("/v1/customers/import", content=text)).json()["job"]

    async def ended():
        told = (await ana.get(f"/v1/jobs/{job}")).json()
        return told if told["state"] != "running" else None

    found = await until(ended)
    assert (found["done"], found["failed"]) == (2, 1)
    assert found["errors"][0]["error"] == "id: a customer that is erased, expected a new one"
    for path, body in (
        ("/v1/customers/c-1/purchases", {"product": "cam", "at": "2026-01-01T09:00:00Z"}),
        ("/v1/customers/c-1/erasure", None),
    ):
        got = await (ana.post(path, json=body) if body else ana.get(path))
        assert got.status_code == (404 if body else 200)
    assert [row["id"] for row in await rows("SELECT id FROM customer")] == ["c-2"]


async def test_who_was_only_heard_of_can_be_erased_and_nobody_else(client, handle, rows):
    use = Usage(at=datetime(2026, 1, 2, tzinfo=UTC), by="person", source="cam-1", customer="c-9")
    await handle((use, "/cam-1/usage#a:1"))
    assert (await client.post("/v1/customers/c-9/erasure", json=WHY)).status_code == 202
    assert await rows("SELECT * FROM customer") == []
    got = await client.post("/v1/customers/c-8/erasure", json=WHY)
    assert got.json()["type"] == "urn:playcaller:problem:customer_not_found"
    got = await client.get("/v1/customers/c-8/erasure")
    assert got.json()["type"] == "urn:playcaller:problem:no_erasure"


@pytest.mark.parametrize(
    "reason", ["Lind wrote", "ANA", "ana@example.org", "call 0170-5550199", "x", "", None]
)
async def test_a_reason_is_wanted_that_does_not_say_who(ana, rows, reason):
    got = await ana.post("/v1/customers/c-1/erasure", json={"reason": reason})
    assert got.status_code == 422
    assert len(await rows("SELECT * FROM customer_profile")) == 1
    assert await rows("SELECT * FROM erasure") == []


@pytest.mark.parametrize(
    ("role", "status"),
    [("lead", 202), ("csm", 403), ("agent", 403), ("oncall", 403), ("vendor", 403)],
)
async def test_who_may(ana, role, status):
    got = await ana.post("/v1/customers/c-1/erasure", json=WHY, headers=headers(role))
    assert got.status_code == status


async def test_all_are_told_again_for_a_service_that_was_restored(ana, engine, told, clock):
    await ana.post("/v1/customers/c-1/erasure", json=WHY)
    await answer(engine, *OTHERS, at=clock.moment)
    got = await ana.post("/v1/erasures/tell", json={"service": "support"})
    assert got.json() == {"told": 1}
    assert len(await told(Erased)) == 2
    body = (await ana.get("/v1/customers/c-1/erasure")).json()
    missing = [one["service"] for one in body["services"] if one["done_at"] is None]
    assert (body["state"], missing) == ("running", ["support"])


async def test_a_restored_journey_forgets_again_and_tells_everybody(ana, engine, fire, told, clock):
    """Its own list is as old as the backup; the others' lists say who is erased."""
    await erasure.again(
        engine, "journey", UNITS.each(erase_customers), {"c-1": clock.moment}, clock.moment
    )
    assert (await ana.get("/v1/customers/c-1")).status_code == 404
    body = (await ana.get("/v1/customers/c-1/erasure")).json()
    assert (body["asked_by"], body["done"], body["state"]) == (RESTORED, 1, "running")
    await fire(clock.moment)
    assert [one.customer for one in await told(Erased)] == ["c-1"]


async def test_the_erased_are_not_republished(ana, fire, told, clock):
    before = len(await told(CustomerChanged))
    await ana.post("/v1/customers/c-1/erasure", json=WHY)
    await fire(clock.moment + timedelta(days=3))
    assert len(await told(CustomerChanged)) == before
