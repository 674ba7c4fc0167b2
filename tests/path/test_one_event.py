"""One event from MQTT to what people read over HTTP, through all four services."""

import asyncio

import pytest
from system import System, ago, until

from tools import chains

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    made = System(tmp_path_factory.mktemp("path"))
    asyncio.run(made.start())
    yield made
    asyncio.run(made.stop())


async def test_a_set_up_a_use_and_a_fault_reach_everybody(system):
    await system.post(
        "journey",
        "/v1/customers",
        {
            "id": "ana", "kind": "household", "zone": "Europe/Berlin", "region": "eu",
            "profile": {"name": "Ana Gil", "email": "ana@example.org"},
            "purchases": [{"product": "cam-indoor", "at": ago(hours=3).isoformat(), "price": 99.0}],
        },
    )  # fmt: skip
    await system.post(
        "ingest", "/v1/devices", {"id": "cam-1", "model": "cam-indoor", "firmware": "2.2.4"}
    )
    await system.post("ingest", "/v1/devices/cam-1/claim", {"customer": "ana"})

    camera = await system.device("cam-1")
    camera.send(
        "lifecycle",
        camera.event("lifecycle", "setup_started", at=ago(minutes=30)),
        camera.event("lifecycle", "setup_completed", at=ago(minutes=25), took_s=300),
    )
    camera.send(
        "usage",
        camera.event("usage", "usage", at=ago(minutes=10), by="person", command="live_view"),
    )
    camera.send(
        "fault",
        camera.event("fault", "fault", at=ago(minutes=5), code="overheated", component="board"),
    )

    ticket = await until(lambda: first_ticket(system, device="cam-1"))
    assert (ticket["customer"], ticket["fault_code"], ticket["state"]) == (
        "ana",
        "overheated",
        "open",
    )

    customer = await until(lambda: customer_in(system, "ana", "first use"))
    assert [each["stage"] for each in customer["history"]] == [
        "purchased",
        "onboarding",
        "first use",
    ]
    assert customer["facts"]["setup_completed"] is True
    await until(lambda: fact(system, "ana", "in_support", True))

    days = await until(lambda: system.get("analytics", "/v1/customers/ana/days", last=3))
    assert sum(day["uses"] for day in days) == 1

    wanted = {
        "journey": {"device.usage": 1, "device.lifecycle": 2},
        "support": {"device.fault": 1, "device.lifecycle": 2},
        "analytics": {"device.usage": 1, "device.fault": 1, "device.lifecycle": 2},
    }
    for service, counts in wanted.items():
        assert await until(lambda s=service: system.get(s, "/v1/ledger")) == counts

    camera.send("usage", {"ask": 7})
    await until(lambda: {"echo": 7, "stream": "usage"} in camera.down)
    acks = [told["ack"] for told in camera.down if "ack" in told]
    assert {"stream": "usage", "boot": "9f1c2ab37d405e68", "seq": [[0, 0]]} in acks
    camera.close()


async def test_what_people_and_programs_did_is_in_the_audits(system):
    """After the story above; every service with the least rights in its own database."""
    operator = {"who": "operator:local"}
    made = await system.get("ingest", "/v1/audit", **operator)
    assert [(row["action"], row["id"]) for row in made["items"]] == [
        ("device.issue", "cam-1"),
        ("device.claim", "cam-1"),
        ("device.register", "cam-1"),
    ]
    assert {row["address"] for row in made["items"]} == {"127.0.0.1"}
    assert made["items"][1]["before"] == {"status": "registered", "customer": None}
    assert made["items"][1]["after"] == {"status": "claimed", "customer": "ana"}
    seen = (await system.get("journey", "/v1/audit", **operator))["items"]
    *reads, created = [row for row in seen if row["id"] == "ana"]
    assert created["action"] == "customer.create"
    assert reads  # the story looked at the customer again and again: that is noted too
    assert {row["action"] for row in reads} == {"customer.read"}
    assert "Gil" not in str(seen)
    keys = (await system.get("console", "/v1/audit", action="key.create"))["items"]
    assert keys
    assert {(row["who"], row["by"]) for row in keys} == {("service:console", "system")}


async def test_the_audits_are_whole_and_go_through_the_heads_that_were_kept(system, tmp_path):
    kept = tmp_path / "heads.json"
    assert chains.read(kept) == {}
    for _ in range(2):
        found = await chains.walk_installation(system.folder, system.urls, chains.read(kept))
        assert set(found) == set(system.urls)
        assert not [chain for chain in found.values() if chain.broken]
        chains.write(kept, found)
        await system.post("ingest", "/v1/devices", {"id": "cam-9", "model": "cam-indoor"})
    assert found["ingest"].noted.n < found["ingest"].head.n
    wrong = chains.read(kept) | {
        "journey": chains.Head(1, "0" * 64),
        "support": chains.Head(9, "0" * 64),
    }
    found = await chains.walk_installation(system.folder, system.urls, wrong)
    assert found["journey"].broken == (1, "not_as_noted")
    assert found["support"].broken == (1, "missing")
    assert "BROKEN at 1: not as noted" in chains.said("journey", found["journey"])


async def first_ticket(system, **filters):
    page = await system.get("support", "/v1/tickets", **filters)
    return page["items"][0] if page["items"] else None


async def customer_in(system, name, stage):
    found = await system.get("journey", f"/v1/customers/{name}")
    return found if found and found["stage"] == stage else None


async def fact(system, name, fact_name, value):
    found = await system.get("journey", f"/v1/customers/{name}")
    return found["facts"][fact_name] is value
