"""Personal data stay in the tables that are declared for them, are given out whole, and go for good."""

import asyncio
from datetime import UTC, datetime

import pytest

from tests.everything import found_in
from tests.system import Device, System, until
from tools.fleet.fleet import Endpoints, Fleet
from tools.local.auth import Operator
from tools.reference.personal import of

pytestmark = pytest.mark.servers

FIRST, LAST, DOMAIN, DIGITS, STREET = (
    "Zyxabel",
    "Quorndike",
    "plant.example",
    "5559731",
    "Wolkengasse",
)
"""What is looked for: nothing else in the system may be called so."""
PARTS = (FIRST, LAST, DOMAIN, DIGITS, STREET)
NAME, MAIL, PHONE = f"{FIRST} {LAST}", f"{FIRST}.{LAST}@{DOMAIN}".lower(), f"+49 171 {DIGITS}"
ADDRESS = f"{STREET} 17, 20095 Hamburg"
PROFILE = {"name": NAME, "email": MAIL, "phone": PHONE, "address": ADDRESS}
SAID = f"{NAME}, {MAIL}, {PHONE}, {ADDRESS}"
PERSON, CAMERA = "c-planted", "cam-planted-1"


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    made = System(tmp_path_factory.mktemp("personal"), clock="stream")
    asyncio.run(lived(made))
    yield made
    asyncio.run(made.stop())


async def lived(system):
    """A small fleet lives through a week; then personal data come in wherever they can."""
    await system.start()
    system.fleet = fleet = Fleet()
    fleet.plan(customers=15, days=7, seed=11, end=datetime.now(UTC))
    await fleet.run(
        Endpoints(
            system.endpoints.mqtt_url,
            system.urls["ingest"],
            system.urls["journey"],
            Operator(system.folder, "vendor"),
        )
    )
    await fleet.stop()
    await plant(system)


async def plant(system):
    """Profile, file, telemetry, a refused message, comments, reasons, an answer kept for repeats."""
    key = {"Idempotency-Key": "planted-1"}
    new = {"id": PERSON, "profile": PROFILE}
    first = await system.post("journey", "/v1/customers", new, headers=key)
    again = await system.post("journey", "/v1/customers", new, headers=key)
    assert first["profile"] == again["profile"] == {**PROFILE, "locale": None}
    await import_customers(system)
    await system.post("ingest", "/v1/devices", {"id": CAMERA, "model": "doorcam-2"})
    await system.post("ingest", f"/v1/devices/{CAMERA}/claim", {"customer": PERSON})
    await telemetry(system)
    await desk(system)
    system.answers = await bad_requests(system)


async def import_customers(system):
    lines = f'id,name,email,phone,address\nc-in-a-file,{NAME},{MAIL},{PHONE},"{ADDRESS}"\n'
    lines += f"{NAME},{NAME},{MAIL},{PHONE},{STREET}\n"  # the id is none: told without its value
    async with system.client() as http:
        url = system.urls["journey"]
        told = await http.post(f"{url}/v1/customers/import", content=lines)
        job = f"{url}/v1/jobs/{told.json()['job']}"

        async def done():
            found = (await http.get(job)).json()
            return found if found["state"] == "done" else None

        found = await until(done)
    assert (found["done"], found["failed"]) == (2, 1), found
    assert "id: text of" in found["errors"][0]["error"]


async def telemetry(system):
    """A device that tells too much: in fields we know, in fields we do not, in what is refused."""
    device = Device(system.endpoints.mqtt_url, CAMERA)
    told = {"note": SAID, "owner_name": FIRST, "ssid": f"{LAST}s", FIRST: 1, "who": LAST}
    device.send(
        "usage",
        device.event("usage", "usage", by="person", count=1, command=f"call {PHONE} {MAIL}"),
        device.event("usage", "usage", by="person", count=1, **told),
        device.event("usage", "no_such_type", text=SAID),
        SAID.encode(),
        device.event("usage", "usage", by=NAME),
    )
    device.send("fault", device.event("fault", "fault", code="lens_dirty", **told))
    device.send(LAST, {"text": SAID})
    device.send(f"usage/{FIRST}", {"text": SAID})

    async def refused():
        found = (await system.get("ingest", "/v1/rejects", source=CAMERA))["items"]
        return {each["reason"] for each in found} >= {"unknown_type", "out_of_range"}

    await until(refused)
    device.close()


async def desk(system):
    """People write what they know into a ticket."""

    async def opened():
        return (await system.get("support", "/v1/tickets", customer=PERSON))["items"]

    system.ticket = (await until(opened))[0]["id"]
    url = f"/v1/tickets/{system.ticket}"
    key = {"Idempotency-Key": "planted-2"}
    for _ in range(2):
        await system.post("support", f"{url}/comment", {"text": SAID}, headers=key)
    await system.post("support", f"{url}/reveal", {"reason": f"{NAME} asked for it"})
    await system.post("support", f"{url}/resolve", {"resolution": "fix", "note": SAID})
    await system.post("support", f"{url}/reopen", {"note": SAID})


BAD = (
    ("post", "/v1/customers", {"id": PERSON, "profile": PROFILE}),  # known already
    ("post", "/v1/customers", {"id": NAME, "profile": PROFILE}),
    ("post", "/v1/customers", {"profile": {**PROFILE, "name": f"{NAME}\x00"}}),
    ("post", "/v1/customers", {"profile": {**PROFILE, "email": SAID}}),
    ("post", "/v1/customers", {"profile": {**PROFILE, "phone": {"home": PHONE}}}),
    ("post", "/v1/customers", {"profile": PROFILE, "zone": NAME}),
    ("post", "/v1/customers", {"profile": PROFILE, "kind": NAME}),
    ("post", "/v1/customers", {"profile": PROFILE, "purchases": [{"product": SAID, "at": SAID}]}),
    ("post", "/v1/customers", SAID),
    ("put", f"/v1/customers/{PERSON}/subscription", {"plan": "x", "status": NAME}),
    ("get", f"/v1/customers?after={LAST}", None),
    ("get", f"/v1/customers?stage={LAST}&limit={FIRST}", None),
)


async def bad_requests(system):
    """Requests that fail, each for another reason; returns what they were told."""
    answers = []
    async with system.client() as http:
        for verb, path, body in BAD:
            url = system.urls["journey"] + path
            got = await http.request(verb, url, json=body)
            assert 400 <= got.status_code < 500, got.text
            answers.append(got.text + repr(dict(got.headers)))
        url = system.urls["journey"] + "/v1/customers"
        broken = f'{{"profile": {{"name": "{NAME}", '.encode()
        for content, kind in ((broken, "application/json"), (SAID.encode(), "text/csv")):
            got = await http.post(url, content=content, headers={"content-type": kind})
            assert got.status_code == 422, got.text
            answers.append(got.text + repr(dict(got.headers)))
        got = await http.post(f"{url}/import", content=SAID.encode())
        assert got.status_code == 422, got.text
        answers.append(got.text)
    return answers


def declared():
    """Where personal data of customers may be."""
    return {
        f"database {service}.{each.table}"
        for service in ("ingest", "journey", "support", "analytics", "console")
        for each in of(service)
        if each.whose == "customers"
    }


async def test_personal_data_are_in_the_declared_tables_and_nowhere_else(system):
    seen = await found_in(system, *PARTS)
    assert {place: texts for place, texts in seen.items() if place not in declared()} == {}
    assert seen["database journey.customer_profile"] == set(PARTS)
    assert seen["database support.ticket_history"] == set(PARTS)
    assert seen["database ingest.reject"] == set(PARTS)
    told = "\n".join(system.answers).lower()
    assert [part for part in PARTS if part.lower() in told] == []


async def test_the_names_of_a_whole_fleet_are_in_one_table(system):
    names = {home.name for home in system.fleet.homes} | {"@example.com"}
    seen = await found_in(system, *names)
    assert seen == {"database journey.customer_profile": names}
