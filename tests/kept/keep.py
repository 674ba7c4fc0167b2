"""Keeps the databases of a small lived-in system as a dump, for test_kept_state.py.

    PYTHONPATH=.:tests .venv/bin/python tests/kept/keep.py FOLDER

Run it in a checkout of the release whose state is to be kept. A fleet of 16 households lives through
40 days on real servers; people sign in, write, share, look after tickets, and somebody is erased.
FOLDER gets one `<service>.sql.xz` for each database and `seen.json.xz`: the simulated time, and what
every GET route says of the databases.
"""

import asyncio
import json
import lzma
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pyotp
from aiokafka import AIOKafkaProducer

from shared.clock import StreamClock
from shared.settings import SERVICES
from tests import apis
from tests.everything import pg
from tests.kept.asked import ask_all
from tests.system import System, until
from tools.fleet.fleet import Fleet
from tools.local import certificates
from tools.local.keys import first_keys

PASSWORD = "correct horse battery"
PROFILE = {"name": "Ute Beispiel", "email": "ute@example.org", "phone": "+49 170 5550142"}
PERSON, GONE, CAMERA = "c-ute", "c-gone", "cam-kept-1"


async def lived(system: System) -> None:
    """Forty days of a fleet, then a day at the desk."""
    await system.start()
    system.fleet = fleet = Fleet()
    fleet.plan(customers=16, days=40, seed=42, end=datetime.now(UTC))
    await fleet.run(system.for_fleet())
    await fleet.stop()
    for who in (PERSON, GONE):
        await system.post("journey", "/v1/customers", {"id": who, "profile": PROFILE})
    await system.post("ingest", "/v1/devices", {"id": CAMERA, "model": "doorcam-2"})
    await system.post("ingest", f"/v1/devices/{CAMERA}/claim", {"customer": PERSON})
    await telemetry(system)
    await poison(system)
    await desk(system)
    await console(system)
    await system.post("journey", f"/v1/customers/{GONE}/erasure", {"reason": "request 2026-118"})

    async def forgotten():
        found = await system.get("journey", f"/v1/customers/{GONE}/erasure")
        return found["state"] == "done"

    await until(forgotten, seconds=120)
    await until(lambda: drained(system), seconds=120, every=1.0)


async def telemetry(system: System) -> None:
    """A device with a fault, and with messages that are refused."""
    device = await system.device(CAMERA)
    device.send("usage", device.event("usage", "usage", by="person", count=3))
    device.send("usage", device.event("usage", "no_such_type", text="later"), b"no JSON")
    device.send("fault", device.event("fault", "fault", code="lens_dirty"))

    async def both():
        refused = (await system.get("ingest", "/v1/rejects", source=CAMERA))["items"]
        tickets = (await system.get("support", "/v1/tickets", customer=PERSON))["items"]
        return len(refused) == 2 and tickets

    await until(both, seconds=60)
    device.close()


async def poison(system: System) -> None:
    """A record that no service can read."""
    producer = AIOKafkaProducer(bootstrap_servers=system.endpoints.kafka_bootstrap_servers)
    await producer.start()
    await producer.send_and_wait("device.fault", b"no JSON", key=b"d:cam-kept-1")
    await producer.stop()

    async def set_aside():
        return (await system.get("support", "/v1/quarantine"))["newest"]

    await until(set_aside, seconds=60)


async def desk(system: System) -> None:
    """People work on tickets, with partners."""
    await system.post("support", "/v1/organisations", {"id": "o-lens", "name": "Lens & Sons"})
    mine = (await system.get("support", "/v1/tickets", customer=PERSON))["items"][0]["id"]
    others = (await system.get("support", "/v1/tickets", limit=100))["items"]
    other = next((one["id"] for one in others if one["id"] != mine), mine)
    for verb, wish in (
        ("assign", {"assignee": "team-cameras"}),
        ("comment", {"text": "asked for a picture"}),
        ("share", {"organisation": "o-lens"}),
        ("reveal", {"reason": "call back about the order"}),
        ("resolve", {"resolution": "fix", "note": "cleaned"}),
        ("reopen", {"note": "dirty again"}),
    ):
        await system.post("support", f"/v1/tickets/{mine}/{verb}", wish)
    assert others, "a fleet without a ticket"
    await system.post("support", f"/v1/tickets/{other}/comment", {"text": "looked at"})


async def console(system: System) -> None:
    """The first admin signs in, and makes a key and an account."""
    link = await first_keys(system.services["console"], admin_link=True)
    trusted = certificates.of(system.folder).context()
    url = system.urls["console"]
    async with httpx.AsyncClient(verify=trusted, trust_env=False, base_url=url, timeout=30) as http:
        who = {"email": "eve@example.org", "name": "Eve", "password": PASSWORD}
        await http.post("/v1/links/accept", json={"secret": link.partition("#")[2], **who})
        said = await http.post("/v1/login", json={"email": who["email"], "password": PASSWORD})
        page = {"X-CSRF-Token": said.json()["csrf_token"], "Origin": url}
        wish = {"password": PASSWORD}
        factor = (await http.post("/v1/me/second-factor", json=wish, headers=page)).json()
        code = {"code": pyotp.TOTP(factor["secret"]).now()}
        said = await http.post("/v1/me/second-factor/confirm", json=code, headers=page)
        page["X-CSRF-Token"] = said.json()["csrf_token"]
        for path, wish in (
            ("/v1/keys", {"name": "desk", "roles": ["partner"], "organisation": "o-lens"}),
            ("/v1/accounts", {"email": "anna@example.org", "name": "Anna", "roles": ["agent"]}),
        ):
            made = await http.post(path, json=wish, headers=page)
            assert made.status_code == 201, made.text


async def drained(system: System) -> bool:
    """Whether every service has read all there is."""
    for service in SERVICES:
        shown = (await system.get(service, "/v1/topics"))["topics"]
        if any(each["lag_messages"] for each in shown if each["group"] is not None):
            return False
    return True


async def seen(system: System, now: datetime) -> dict:
    """What every GET route says of the databases at this moment."""
    apis.WallClock = lambda: StreamClock(now)
    customers = [*sorted(home.customer for home in system.fleet.homes)[:4], PERSON, GONE]
    told = {}
    for service in SERVICES:
        app, engine = apis.wired(service, system.endpoints.database_urls[service])
        told[service] = await ask_all(service, app, customers)
        await engine.dispose()
    return told


async def main(to: Path) -> None:
    """Live, stop what writes, keep."""
    with TemporaryDirectory() as folder:
        system = System(Path(folder), clock="stream")
        try:
            await lived(system)
            await system.services.stop()
            for service in SERVICES:
                words = ("--no-owner", "--no-privileges", "--schema=public", service)
                dumped = await pg(system, "pg_dump", *words)
                (to / f"{service}.sql.xz").write_bytes(lzma.compress(dumped, preset=9))
            now = datetime.fromtimestamp(system.fleet.end, UTC)
            told = {"now": now.isoformat(), "services": await seen(system, now)}
            text = json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False)
            (to / "seen.json.xz").write_bytes(lzma.compress(text.encode(), preset=9))
        finally:
            await system.stop()


if __name__ == "__main__":
    given = Path(sys.argv[1])
    given.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(given))
