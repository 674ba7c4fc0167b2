"""What journey has to say to customers, told to their apps on `down`; ingest keeps none of it.

The broker itself says whether an app was there to take it (MQTT 5.0, 3.4.2.1): who was not is told when
it comes back, by whoever wants it told.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

import mqtt5

from services.ingest.domain.messages.addresses import ROOT, bucket_of
from services.ingest.edges.broker.account import Account
from services.ingest.edges.broker.connection import Connection
from shared.errors import TryLater

WITHIN_S = 4.0  # less than whoever asks us waits
KEEP_ALIVE_S = 60  # of a connection that nothing is said on the broker takes leave
TAKEN = mqtt5.PubAckReasonCode.SUCCESS
NOBODY = mqtt5.PubAckReasonCode.NO_MATCHING_SUBSCRIBERS


class BrokerAway(TryLater):
    """The MQTT broker does not take it now."""

    title = "The MQTT broker is away"


class Told(NamedTuple):
    """Of how many apps it is, and how many were there to take it."""

    apps: int
    taken: int


class Telling:
    """A connection of its own, made when there is something to tell.

    Attributes:
        told: PUBLISH packets that the broker has answered, since the start.
    """

    def __init__(self, broker: Account) -> None:
        self.told = 0
        self._broker = broker
        self._connection: Connection | None = None
        self._connecting = asyncio.Lock()

    async def tell(self, apps: Sequence[str], payload: bytes, expiry_s: int) -> Told:
        """Publish to these apps with QoS 1. Raises BrokerAway: perhaps some have it."""
        if not apps:
            return Told(0, 0)
        try:
            async with asyncio.timeout(WITHIN_S):
                connection = await self._connected()
                answers = [await connection.publish(_down(app), payload, expiry_s) for app in apps]
        except (OSError, TimeoutError) as error:
            raise BrokerAway(f"MQTT broker: {type(error).__name__}") from error
        self.told += len(answers)
        refused = [answer for answer in answers if answer not in (TAKEN, NOBODY)]
        if refused:
            raise BrokerAway(f"MQTT broker: {refused[0].name}")
        return Told(len(apps), answers.count(TAKEN))

    async def _connected(self) -> Connection:
        async with self._connecting:
            if self._connection is None or self._connection.closed.done():
                self._connection = await self._connect()
            return self._connection

    async def _connect(self) -> Connection:
        broker = self._broker
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: Connection(_hear_nothing, lambda: None), broker.host, broker.port,
            ssl=broker.tls,
        )  # fmt: skip
        try:
            await broker.greet(connection, "", clean_start=True, keep_alive=KEEP_ALIVE_S)
        except BaseException:
            connection.abort()
            raise
        return connection


def _down(app: str) -> str:
    return f"{ROOT}/{bucket_of(app)}/apps/{app}/down"


def _hear_nothing(messages: Any) -> None:
    """It has subscribed to nothing."""
