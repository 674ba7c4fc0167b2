"""The session under the client id that releases before used: its queue is read, then it ends.

Outside, a client id is the name signed in with, and a device could have been named `pc-ingest-0`.
"""

import asyncio

import mqtt5

from services.ingest.domain.messages import addresses
from services.ingest.edges.broker.account import Account
from services.ingest.edges.broker.connection import Connection, Deliver, Now

FORMER_ID = "pc-ingest-"
CONNECT_S = 10.0
QUIET_S = 1.0  # nothing came for so long, and all is settled: the queue is empty
LOOK_S = 0.1
SESSION_S = 4_294_967_295  # it must not end before it has been read
ALIVE_S = 600  # longer than we are there without a word of ours: acks are words, too


class Former:
    """Args: broker: where the session is, and who we are there.

    Attributes:
        connection: the one that reads it, None before.
    """

    def __init__(self, broker: Account, bucket: str, deliver: Deliver, now: Now) -> None:
        self.connection: Connection | None = None
        self._broker = broker
        self._bucket = bucket
        self._deliver = deliver
        self._now = now

    async def read_out(self) -> None:
        """Return when the session is gone. Raises: OSError, TimeoutError: it stays as it is."""
        async with asyncio.timeout(CONNECT_S):
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(self._deliver, self._now), self._broker.host,
                self._broker.port, ssl=self._broker.tls,
            )  # fmt: skip
            self.connection = connection
        try:
            async with asyncio.timeout(CONNECT_S):
                connack = await self._broker.greet(
                    connection,
                    f"{FORMER_ID}{self._bucket}",
                    clean_start=False,
                    keep_alive=ALIVE_S,
                    session_expiry_interval=SESSION_S,
                    receive_max=100,
                )
            if connack.session_present:
                await self._until_empty(connection)
            connection.write(mqtt5.DisconnectPacket(session_expiry_interval=0).write())
        finally:
            connection.close()

    async def _until_empty(self, connection: Connection) -> None:
        """Take no more, and read what is there."""
        patterns = list(addresses.filters(self._bucket, clock=True))
        connection.write(mqtt5.UnsubscribePacket(2, patterns).write())
        loop = asyncio.get_running_loop()
        while loop.time() - connection.heard < QUIET_S or connection.in_flight:
            await asyncio.wait([connection.closed], timeout=LOOK_S)
            if connection.closed.done():
                raise ConnectionResetError
