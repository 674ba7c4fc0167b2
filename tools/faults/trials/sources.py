"""What one device or clone does: moves, duplicates, conflicts, poison, payloads nobody foresaw."""

import asyncio
import json
import random
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from shared.clock import wall_now
from tools.faults import kafka, packets
from tools.faults.device import Device, topic_of, written
from tools.faults.kafka import decoded
from tools.faults.rig import STRANGER, Rig
from tools.faults.until import until
from tools.faults.well import settled

_rng = random.Random(5)  # noqa: S311 - no secret
BOOT = "9f1c2ab37d405e68"


def devices_of(rig: Rig) -> list[Device]:
    """The devices, without the apps."""
    return [device for device in rig.devices.values() if device.kind == "devices"]


async def moved(rig: Rig) -> list[str]:
    """A device is moved eight times while it sends: nothing received after is the former owner's."""
    device = await rig.device("mover", "cust-m0")
    await device.is_up.wait()
    going = True

    async def talk() -> None:
        while going:
            device.happen("usage", "usage", by="person")
            await asyncio.sleep(0.005)

    talking = asyncio.create_task(talk())
    for n in range(1, 9):
        await asyncio.sleep(0.7)
        to = {"customer": f"cust-m{n}", "keep_credentials": True}
        await rig.post("ingest", "/v1/devices/mover/move", to)
    await asyncio.sleep(1)
    going = False
    await talking
    await settled(rig, 60)
    intervals = await rig.rows(
        "ingest", "SELECT customer, since FROM ownership WHERE source = 'mover' ORDER BY since DESC"
    )
    wrong = 0
    for record in await kafka.read(rig.bootstrap, ["device.usage"]):
        event = decoded(record.value) or {}
        if event.get("source") == "mover":
            at = datetime.fromisoformat(event["at"])
            owner = next((row["customer"] for row in intervals if row["since"] <= at), None)
            wrong += owner is not None and event.get("customer") != owner
    return [f"{wrong} records carry an owner of before"] if wrong else []


async def sent_twice(rig: Rig) -> list[str]:
    """The same events again and again, twice in one array."""
    sent = 0
    for _ in range(10):
        for device in devices_of(rig):
            for stream in device.streams.values():
                events = [held.event for held in list(stream.held.values())[-8:]]
                if events and device.publish(stream.name, json.dumps(events * 2).encode()):
                    sent += 2 * len(events)
        await asyncio.sleep(0.5)
    return [] if sent else ["nothing was sent twice"]


INDIGESTIBLE = """
CREATE OR REPLACE FUNCTION indigestible() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.code = 'indigestible' THEN RAISE EXCEPTION 'cannot digest it'; END IF;
RETURN NEW; END $$;
DROP TRIGGER IF EXISTS indigestible ON fault_key;
CREATE TRIGGER indigestible BEFORE INSERT ON fault_key
FOR EACH ROW EXECUTE FUNCTION indigestible();
"""
ASIDE = "SELECT count(*) AS n FROM quarantine WHERE reason <> 'seq_conflict'"


async def poison(rig: Rig) -> list[str]:
    """Records in mid-batch that cannot be handled; set aside, then replayed by three at once."""
    await rig.execute("support", INDIGESTIBLE)
    some = devices_of(rig)[:10]
    for n in range(30):
        some[n % 10].happen("fault", "fault", code="indigestible", component=f"p{n % 3}")
        await asyncio.sleep(0.1)

    async def all_aside() -> bool:
        return bool((await rig.rows("support", ASIDE))[0]["n"] >= 30)

    await until(all_aside, 90, "30 records are set aside", every_s=0.5)
    await rig.execute("support", "DROP TRIGGER indigestible ON fault_key")
    second = await rig.second("support")
    path = "/v1/quarantine/replay?topic=device.fault&dry_run=false"
    await asyncio.gather(
        rig.post("support", path), rig.post("support", path),
        rig.post("support", path, url=second.url),
    )  # fmt: skip
    await rig.post("support", path)
    left = (await rig.rows("support", ASIDE))[0]["n"]
    await second.end()
    return [f"{left} stayed in quarantine after the replay"] if left else []


KEPT = (
    "SELECT count(*) AS n FROM quarantine WHERE reason = 'seq_conflict' "
    "AND position('clone'::bytea IN value) > 0"
)


async def known_numbers(rig: Rig) -> list[str]:
    """Other events under known numbers: each is kept, none has an effect.

    Those that decision 0020 tells: of the newest numbers any, of older ones from a clock far behind.
    No more than 15: with the 30 of row 19, ten minutes before, more than 50 would stop partitions.
    """
    device = rig.devices["cam-1"]
    stream = device.stream("fault")

    async def ten() -> bool:
        return len(stream.acked) >= 10

    await until(ten, 60, "ten faults of cam-1 are acked")
    known, now = sorted(stream.acked), wall_now()
    moments = [(seq, now - timedelta(seconds=n)) for seq in known[-3:] for n in (3, 2, 1)]
    behind = now - timedelta(hours=2)
    moments += [(seq, behind - timedelta(seconds=n)) for n, seq in enumerate(known[:2] * 3)]
    for n, (seq, at) in enumerate(moments):
        event = {
            "type": "fault", "boot": stream.boot, "seq": seq, "code": f"clone{n}",
            "component": "x", "at": written(at), "sent": written(at),
        }  # fmt: skip
        device.publish("fault", json.dumps(event).encode())
        await asyncio.sleep(0.02)

    async def all_kept() -> bool:
        return bool((await rig.rows("support", KEPT))[0]["n"] >= len(moments))

    await until(all_kept, 30, f"all {len(moments)} conflicts are kept", every_s=0.5)
    tickets = await rig.rows("support", "SELECT 1 FROM ticket WHERE fault_code LIKE 'clone%'")
    return [f"{len(tickets)} tickets of a clone"] if tickets else []


def _good(**more: object) -> dict[str, Any]:
    at = written(wall_now())
    return {"boot": BOOT, "seq": _rng.randrange(10**6), "at": at, "by": "person", **more}


def pills() -> list[bytes]:
    """Payloads of one device that ended ingest or a consumer once (N1, N2, N3)."""
    use = json.dumps({"type": "usage", **_good()})[:-1]
    wide = {"type": "dropped", "boot": BOOT, "at": written(wall_now()), "stream": "usage"}
    return [
        json.dumps({"type": "a\0b", **_good()}).encode(),
        (use + ',"a\\u0000":1,"a\\u0000":2}').encode(),
        (use + ',"x":1e999,"note":"\\ud800"}').encode(),
        (json.dumps(_good())[:-1] + ',"x":1e999,"type":"\\ud800"}').encode(),
        json.dumps({**wide, "ranges": [[0, 2**53 - 1]]}).encode(),
        json.dumps({**wide, "ranges": [[0, 4096 * 400_000]]}).encode(),
        json.dumps({**wide, "ranges": [[5, 3]] * 60}).encode(),
    ]


async def swallowed(rig: Rig) -> list[str]:
    """One device's worst payloads: the others do not notice."""
    deaths = len(rig.deaths)  # of trials before this one
    for body in pills():
        rig.devices["cam-0"].publish("usage", body)
        await asyncio.sleep(0.5)
    await asyncio.sleep(5)
    return [f"{name} died: {why}" for name, why in rig.deaths[deaths:]]


async def judged_again(rig: Rig) -> list[str]:
    """Unknown, then registered, ingest killed at once, or its LISTEN ended: judged again (N4)."""
    ended = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'ingest' "
        "AND pid <> pg_backend_pid() AND query ILIKE '%LISTEN%'"
    )
    wrong = []
    for n in range(2):
        source = f"late-{n}"
        await _refused(rig, source)
        if n:
            await rig.execute("ingest", ended)
        await rig.post("ingest", "/v1/devices", {"id": source, "model": "m"})
        if not n:
            await rig.kill("ingest")
            await rig.start_again("ingest")
        if not await _is_cured(rig, source):
            wrong.append(f"{source} is registered and never judged again")
    return wrong


async def _refused(rig: Rig, source: str) -> None:
    """A use of a source that nobody has registered reaches ingest and is refused."""
    where = urlsplit(rig.servers.mosquitto.tests_url(STRANGER))
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        user, password = where.username or "", where.password or ""
        writer.write(packets.connect(f"{STRANGER}-{source}", user, password, keep_alive_s=20))
        await packets.read(reader)
        body = json.dumps({"type": "usage", **_good(), "sent": written(wall_now())}).encode()
        writer.write(packets.publish(topic_of(source, "devices", "up/usage"), 1, body))
        await packets.read(reader)
    finally:
        writer.close()

    async def is_refused() -> bool:
        return bool(await rig.rows("ingest", "SELECT 1 FROM reject WHERE source = $1", source))

    await until(is_refused, 20, f"{source} is refused")


async def _is_cured(rig: Rig, source: str) -> bool:
    async def cured() -> bool:
        query = "SELECT cured_at FROM reject WHERE source = $1"
        rows = await rig.rows("ingest", query, source)
        return bool(rows) and all(row["cured_at"] is not None for row in rows)

    try:
        return await until(cured, 30, source, every_s=0.5)
    except TimeoutError:
        return False
