"""Personal data stay in the tables that are declared for them, are given out whole, and go for good."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from tests.everything import dump, found_in, pg, rows
from tests.system import System, until
from tools.fleet.fleet import Fleet
from tools.local.erasures import reapply
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
    made = System(tmp_path_factory.mktemp("personal"), clock="stream", extra={"LOG_LEVEL": "DEBUG"})
    asyncio.run(lived(made))
    yield made
    asyncio.run(made.stop())


async def lived(system):
    """A small fleet lives through a week; then personal data come in wherever they can."""
    await system.start()
    system.fleet = fleet = Fleet()
    fleet.plan(customers=15, days=7, seed=11, end=datetime.now(UTC))
    await fleet.run(system.for_fleet())
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
    device = await system.device(CAMERA)
    told = {"note": SAID, "owner_name": FIRST, "ssid": f"{LAST}s", NAME: 1, "who": LAST}
    device.send(
        "usage",
        device.event("usage", "usage", by="person", count=1, command=f"call {PHONE} {MAIL}"),
        device.event("usage", "usage", by="person", count=1, **told),
        device.event("usage", "no_such_type", text=SAID),
        SAID.encode(),
        device.event("usage", "usage", by=NAME),
    )
    part = {"component": f"{NAME}, {PHONE}", "firmware": SAID}
    device.send("fault", device.event("fault", "fault", code="lens_dirty", **part, **told))
    device.send(
        "fault", device.event("fault", "fault", code="lens_dirty", component=SAID)
    )  # refused
    build = {"to_firmware": f"{NAME} {PHONE}", "from_firmware": NAME}
    device.send("lifecycle", device.event("lifecycle", "firmware_updated", **build))
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
    async with system.client() as http:
        wish = {"assignee": SAID}
        got = await http.post(f"{system.urls['support']}{url}/assign", json=wish)
        assert got.status_code == 422, got.text
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


async def erase(system, *customers):
    """Ask for it and wait until every service has answered."""
    for customer in customers:
        wish = {"reason": "request 2026-117"}
        asked = await system.post("journey", f"/v1/customers/{customer}/erasure", wish)
        assert asked["total"] == 4

    async def done():
        found = [await system.get("journey", f"/v1/customers/{c}/erasure") for c in customers]
        return all(one["state"] == "done" for one in found)

    await until(done, seconds=180)


async def counted(system, service, query):
    """What psql says to a query of one number."""
    said = await pg(system, "psql", "-At", "-c", query, service)
    return int(said)


async def known_of(system, customer):
    """Rows of the services that name a customer, apart from the lists of the erased."""
    found = {}
    for service in ERASING:
        for place, row in rows(service, await dump(system, service)):
            table = place.rpartition(".")[2]
            if f"'{customer}'".encode() in row and table not in KEEPS:
                found[place] = found.get(place, 0) + 1
    return found


ERASING = ("ingest", "journey", "support", "analytics")
KEEPS = {"erased", "erasure", "erasure_done", "ownership", "audit"}
"""Where the opaque id stays: that nobody comes back, and that nobody else gets what is told late."""


def victim(system):
    """A customer of the fleet with a device."""
    return next(home for home in system.fleet.homes if home.devices)


async def test_a_reason_must_not_say_who_is_meant(system):
    async with system.client() as http:
        url = f"{system.urls['journey']}/v1/customers/{PERSON}/erasure"
        for reason in (f"{LAST} wrote to us", f"call {PHONE}", MAIL):
            got = await http.post(url, json={"reason": reason})
            assert (got.status_code, got.json()["type"]) == (
                422, "urn:playcaller:problem:reason_names_person",
            )  # fmt: skip


async def test_an_export_is_one_file_with_all_there_is(system):
    async with system.client("lead") as http:
        got = await http.get(f"{system.urls['journey']}/v1/customers/{PERSON}/export")
        assert got.status_code == 200, got.text
        journey, support, ingest = (
            got.json()["services"][name]["holds"] for name in ("journey", "support", "ingest")
        )
        for holds in (journey, support, ingest):
            told = json.dumps(holds, ensure_ascii=False)
            assert [part for part in PARTS if part.lower() not in told.lower()] == []
        assert {one["id"] for one in ingest["devices_and_apps"]} == {CAMERA}
        assert {"unknown_type", "malformed_json"} <= {one["reason"] for one in ingest["refused"]}
        (ticket,) = support["tickets"]
        assert {"commented", "revealed", "resolved"} <= {one["what"] for one in ticket["history"]}

        home = victim(system)
        got = await http.get(f"{system.urls['journey']}/v1/customers/{home.customer}/export")
        holds = {name: one["holds"] for name, one in got.json()["services"].items()}
        assert holds["journey"]["profile"][0]["name"] == home.name
        assert {one["id"] for one in holds["ingest"]["devices_and_apps"]} >= {
            device.id for device in home.devices
        }
        assert len(holds["analytics"]["days"]) >= 4
        assert holds["analytics"]["risk"]
        assert PERSON not in got.text
        assert CAMERA not in got.text


async def test_without_one_service_there_is_no_export(system):
    await system.kill("support")
    try:
        async with system.client("lead") as http:
            got = await http.get(f"{system.urls['journey']}/v1/customers/{PERSON}/export")
        assert (got.status_code, got.json()["type"]) == (
            503, "urn:playcaller:problem:part_missing",
        )  # fmt: skip
        assert FIRST not in got.text
    finally:
        await system.start_again("support")


async def test_who_is_erased_is_found_nowhere(system):
    home = victim(system)
    assert len(await known_of(system, home.customer)) >= 6
    for service in ERASING:
        await save(system, service)
    await erase(system, PERSON, "c-in-a-file", home.customer)
    assert await found_in(system, *PARTS, home.name) == {}
    assert await known_of(system, PERSON) == {}
    assert await known_of(system, home.customer) == {}
    ticket = await system.get("support", f"/v1/tickets/{system.ticket}")
    assert (ticket["customer"], ticket["state"], ticket["resolution"]) == (
        None,
        "resolved",
        "moved",
    )
    assert {"commented", "revealed", "reopened"} <= {one["what"] for one in ticket["history"]}
    camera = await system.get("ingest", f"/v1/devices/{CAMERA}")
    assert camera["status"] == "registered"


async def test_a_device_that_goes_on_brings_nobody_back(system):
    """It sends again what it sent before, and the vendor hands the customer in once more."""
    before = await counted(system, "support", "SELECT count(*) FROM ticket")
    await telemetry_again(system)
    async with system.client() as http:
        url = system.urls["journey"]
        new = {"id": PERSON, "profile": PROFILE}
        got = await http.post(f"{url}/v1/customers", json=new)
        assert (got.status_code, got.json()["type"]) == (
            409, "urn:playcaller:problem:customer_erased",
        )  # fmt: skip
        key = {"Idempotency-Key": "planted-1"}
        assert (await http.post(f"{url}/v1/customers", json=new, headers=key)).status_code == 404
        claim = {"customer": PERSON}
        got = await http.post(f"{system.urls['ingest']}/v1/devices/{CAMERA}/claim", json=claim)
        assert (got.status_code, got.json()["type"]) == (
            409, "urn:playcaller:problem:customer_erased",
        )  # fmt: skip
    assert await found_in(system, *PARTS) == {}
    assert await known_of(system, PERSON) == {}
    assert await counted(system, "support", "SELECT count(*) FROM ticket") == before


async def telemetry_again(system):
    device = await system.device(CAMERA)
    device.send("usage", device.event("usage", "no_such_type", text=SAID), SAID.encode())
    device.send(
        "fault", device.event("fault", "fault", code="lens_dirty", seq=70, boot="0" * 16, note=SAID)
    )

    async def refused():
        found = (await system.get("ingest", "/v1/rejects", source=CAMERA))["items"]
        return {each["reason"] for each in found} >= {"unknown_type", "malformed_json"}

    async def counted_faults():
        query = "SELECT count(*) FROM ledger WHERE stream = 'fault' AND seqs @> 70::bigint AND boot = '0000000000000000'"
        return await counted(system, "support", query)

    await until(refused)
    await until(counted_faults)
    device.close()


async def save(system, service):
    """A backup, as an operator makes one."""
    words = ("--format=custom", "--no-owner", service)
    (system.folder / f"{service}.backup").write_bytes(await pg(system, "pg_dump", *words))


async def restore(system, service):
    """Put the backup in the database's place, with the service stopped."""
    await system.services[service].stop()
    await pg(system, "psql", "-c", f'DROP DATABASE "{service}" WITH (FORCE)', "postgres")
    owner = f'CREATE DATABASE "{service}" OWNER "{service}_owner"'
    await pg(system, "psql", "-c", owner, "postgres")
    words = ("--no-owner", f"--role={service}_owner", "--exit-on-error", "-d", service)
    await pg(system, "pg_restore", *words, given=(system.folder / f"{service}.backup").read_bytes())
    await system.servers.endpoints()  # what a backup does not keep: rights on the database itself


async def test_after_a_restore_nobody_is_back_before_anything_runs(system):
    """Of all databases at once, older than the erasure: the list stands in Kafka alone."""
    home = victim(system)
    for service in ERASING:
        await restore(system, service)
    restored = await known_of(system, home.customer)
    assert {place.partition(".")[0] for place in restored} == {f"database {s}" for s in ERASING}
    found = await reapply(system.services, system.endpoints.kafka_bootstrap_servers)
    assert set(found) == {PERSON, "c-in-a-file", home.customer}
    assert await known_of(system, home.customer) == {}
    await system.start_again(*ERASING)
    assert await found_in(system, *PARTS, home.name) == {}


async def test_a_restored_database_hears_of_it_by_itself(system):
    """Nobody thought of erasures: the topic tells them again, and `tell` asks for the answers."""
    home = victim(system)
    await restore(system, "support")
    await system.start_again("support")
    told = await system.post("journey", "/v1/erasures/tell", {"service": "support"})
    assert told == {"told": 3}

    async def done():
        found = await system.get("journey", f"/v1/customers/{home.customer}/erasure")
        return found["state"] == "done"

    await until(done, seconds=180)
    assert await found_in(system, *PARTS, home.name) == {}
    assert await known_of(system, home.customer) == {}


async def test_reading_every_topic_again_brings_nobody_back(system):
    home = victim(system)
    await asyncio.gather(*(system.services[name].stop() for name in ERASING))
    for name in ERASING:
        forget = "TRUNCATE consumer_offset, ledger, inbox"
        await pg(system, "psql", "-c", forget, name)
    await system.start_again(*ERASING)

    async def drained():
        shown = await system.get("journey", "/v1/topics")
        lags = [each["lag_messages"] for each in shown["topics"] if each["group"] is not None]
        return lags and all(lag == 0 for lag in lags)

    await until(drained, seconds=120, every=1.0)
    other = next(one for one in system.fleet.homes if one.devices and one is not home)
    assert await known_of(system, other.customer), "everybody else is there"
    assert await found_in(system, *PARTS, home.name) == {}
    assert await known_of(system, home.customer) == {}
    assert await known_of(system, PERSON) == {}
