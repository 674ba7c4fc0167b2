"""All that a system of tests keeps or says, as (place, bytes): for looking for what must not be there.

A place is `kafka device.usage`, `database journey.customer_profile`, `log support.log`,
`metrics ingest`. Not the broker's file: mosquitto 2.0 writes scraps of its memory into it, where
past messages stand (docs/how-to/personal-data.md).
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.events.topics import BY_NAME
from tools.local.postgres import ADMIN, bundled_programs

Piece = tuple[str, bytes]
_INSERT = re.compile(rb"^INSERT INTO public\.\"?(\w+)", re.MULTILINE)
_BYTEA = re.compile(rb"'\\x([0-9a-f]{2,})'")


async def everything(system) -> AsyncIterator[Piece]:
    """Every record, row, log line and metric there is now."""
    async for piece in records(system.endpoints.kafka_bootstrap_servers):
        yield piece
    for service in system.endpoints.database_urls:
        for piece in rows(service, await dump(system, service)):
            yield piece
    for path in sorted((system.folder / "logs").glob("*")):
        yield f"log {path.name}", path.read_bytes()
    async with system.client() as http:
        for service, url in system.urls.items():
            yield f"metrics {service}", (await http.get(f"{url}/metrics")).content


async def records(bootstrap: str) -> AsyncIterator[Piece]:
    """Every record of every topic: key, value and headers."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(t, p) for t in BY_NAME for p in range(BY_NAME[t].partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        left = {place for place in places if await consumer.position(place) < ends[place]}
        async with asyncio.timeout(60):
            while left:
                for place, found in (await consumer.getmany(*left, timeout_ms=200)).items():
                    for one in found:
                        said = [one.key or b"", one.value or b"", *(v for _, v in one.headers)]
                        yield f"kafka {place.topic}", b"\n".join(said)
                left = {place for place in left if await consumer.position(place) < ends[place]}
    finally:
        await consumer.stop()


async def pg(system, program: str, *words: str, given: bytes = b"") -> bytes:
    """One of PostgreSQL's own programs, as its administrator."""
    server = system.servers.postgres
    where = ["-h", "127.0.0.1", "-p", str(server.port), "-U", ADMIN]
    child = await asyncio.create_subprocess_exec(
        str(bundled_programs() / program), *where, *words,
        env={**os.environ, "PGPASSWORD": server._password(ADMIN)},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, errors = await child.communicate(given)
    assert child.returncode == 0, errors.decode()
    return said


async def dump(system, service: str) -> bytes:
    """A database as `pg_dump` writes it, one INSERT a row."""
    return await pg(system, "pg_dump", "--inserts", "--data-only", "--no-owner", service)


def rows(service: str, dumped: bytes) -> list[Piece]:
    """The rows of a dump, each with its table; what is bytes there is text here too."""
    starts = list(_INSERT.finditer(dumped))
    ends = [*(found.start() for found in starts[1:]), len(dumped)]
    made = []
    for found, end in zip(starts, ends, strict=True):
        row = dumped[found.start() : end]
        plain = b" ".join(bytes.fromhex(bytea.decode()) for bytea in _BYTEA.findall(row))
        made.append((f"database {service}.{found[1].decode()}", row + b"\n" + plain))
    return made


async def found_in(system, *wanted: str) -> dict[str, set[str]]:
    """Where any of these texts is found, whatever its case: place -> texts."""
    small = {text: text.lower().encode() for text in wanted}
    seen: dict[str, set[str]] = {}
    async for place, content in everything(system):
        lower = content.lower()
        for text, sought in small.items():
            if sought in lower:
                seen.setdefault(place, set()).add(text)
    return seen
