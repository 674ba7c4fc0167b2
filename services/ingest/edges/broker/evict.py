"""Ends live connections: whoever connects with a client id that is in use takes its place.

Outside, a client id is the name signed in with; on the broker's inner listener it is free to choose,
and only our own accounts get in there. A password that went ends its connection at the broker's
SIGHUP already; a revoked certificate does not (research/reliability.md, issue 4).
"""

import asyncio
from collections.abc import Iterable

import mqtt5

from services.ingest.edges.broker.account import Account, let_in
from shared import log

AT_ONCE = 32
EACH_S = 5.0
READ_BYTES = 4_096
KEEP_ALIVE_S = 10

_log = log.get("ingest.evict")


async def evict(broker: Account, sources: Iterable[str]) -> set[str]:
    """End the connections of these sources; returns those that may still have one."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(source: str) -> str | None:
        async with room:
            try:
                async with asyncio.timeout(EACH_S):
                    await _take_over(broker, source)
            except (OSError, TimeoutError, ValueError) as error:
                _log.warning("a connection could not be ended", extra={"source": source, "error": str(error)})  # fmt: skip
                return source
            return None

    return {s for s in await asyncio.gather(*map(one, sources)) if s is not None}


async def _take_over(broker: Account, source: str) -> None:
    """Connect as `source`, wait until the broker has taken us for it, and leave."""
    reader, writer = await asyncio.open_connection(broker.host, broker.port, ssl=broker.tls)
    try:
        writer.write(broker.hello(source, clean_start=True, keep_alive=KEEP_ALIVE_S))
        let_in(await _connack(reader))
        writer.write(mqtt5.DisconnectPacket().write())
        await writer.drain()
    finally:
        writer.close()


async def _connack(reader: asyncio.StreamReader) -> mqtt5.ConnAckPacket:
    got = b""
    while True:
        more = await reader.read(READ_BYTES)
        if not more:
            raise ConnectionResetError("the broker closed the connection")
        got += more
        try:
            packet, _ = mqtt5.read(memoryview(got))
        except IndexError:
            continue
        if isinstance(packet, mqtt5.ConnAckPacket):
            return packet
        raise ConnectionError(f"{type(packet).__name__} where a CONNACK was expected")
