"""Hears from the broker whom it has refused: counted, and the last ones kept for on-call.

mosquitto tells it in its own log, which it publishes under `$SYS/broker/log`. Of denied publishes 2.0
tells the client only. They are in its count of all publishes it received, though: what of these neither
came to ingest nor from it, the broker gave to nobody. docs/security.md names what is still missing.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable

import mqtt5

from services.ingest.domain.broker.broker_log import MANY_FILTERS, Filters, Refused, refused, unread
from services.ingest.domain.failure import failure
from services.ingest.domain.messages.message import Message
from services.ingest.edges.broker.account import Account
from services.ingest.edges.broker.connection import Connection
from services.ingest.edges.broker.evict import evict
from shared import log, metrics
from shared.clock import wall_now

TOPICS = ("$SYS/broker/log/N", "$SYS/broker/log/E", "$SYS/broker/log/W")
SUBSCRIBED = "$SYS/broker/log/M/subscribe"
RECEIVED = "$SYS/broker/publish/messages/received"  # every five seconds
HELD = {  # what the broker says it holds, when that has changed
    "$SYS/broker/clients/connected": "connected",
    "$SYS/broker/clients/total": "sessions",
    "$SYS/broker/subscriptions/count": "subscriptions",
}
KEPT = 200
RETRY_S = 5.0
CONNECT_S = 10.0
KEEP_ALIVE_S = 20

_log = log.get("ingest.monitor")


class Monitor:
    """One connection to the broker's inner listener.

    Attributes:
        last: the last ones, newest first.
        counts: since the start of this process, by reason.
        held: clients `connected`, `sessions` of these and of those away, `subscriptions`.
        unread: publishes the broker received and gave to nobody, since then: denied ones. What still
            waits in its queues counts until it is read, so while ingest is behind it is too many;
            what comes twice after a lost connection makes it too few. None: not known here.
    """

    def __init__(self, broker: Account, seen: Callable[[], int] | None = None) -> None:
        """Hears nothing yet.

        Args:
            seen: how many publishes came to ingest and from it; None: others read this broker, too.
        """
        self._broker = broker
        self._seen = seen
        self._before: int | None = None  # the broker's count less ours when we began to listen
        self._received = 0
        self.unread: int | None = None
        self.last: deque[Refused] = deque(maxlen=KEPT)
        self.counts: Counter[str] = Counter()
        self.held: dict[str, int] = {}
        self._filters = Filters()
        self._ending: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled; a broker that is away is waited for."""
        said = False
        while True:
            try:
                connection = await self._connect()
                said = False
                while not connection.closed.done():
                    await asyncio.wait([connection.closed], timeout=KEEP_ALIVE_S / 2)
                    connection.write(mqtt5.PingReqPacket().write())
            except (OSError, TimeoutError) as error:
                if not said:
                    said = True
                    _log.warning("not hearing whom the broker refuses", extra={"error": str(error)})
            except Exception as error:  # noqa: BLE001 - the net
                _log.error("hearing the broker failed: again", extra=failure(error))
            await asyncio.sleep(RETRY_S)

    async def _connect(self) -> Connection:
        broker = self._broker
        async with asyncio.timeout(CONNECT_S):
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(self._heard, lambda: None), broker.host, broker.port,
                ssl=broker.tls,
            )  # fmt: skip
            try:
                await self._listen(connection)
            except BaseException:
                connection.abort()
                raise
        return connection

    async def _listen(self, connection: Connection) -> None:
        # no id of ours: the broker gives one, and every process of ingest has a monitor
        await self._broker.greet(connection, "", clean_start=True, keep_alive=KEEP_ALIVE_S)
        at_most_once = mqtt5.QoS.AT_MOST_ONCE  # mosquitto publishes its log with QoS 2
        wanted = (*TOPICS, SUBSCRIBED, RECEIVED, *HELD)
        filters = [mqtt5.TopicFilter(topic, max_qos=at_most_once) for topic in wanted]
        connection.write(mqtt5.SubscribePacket(1, filters).write())
        await connection.suback

    def _compare(self, received: int) -> None:
        """The broker's count of all publishes it has received since it started."""
        if self._seen is None:
            return
        seen = self._seen()
        if self._before is None or received < self._received:  # the broker has started anew
            self._before = received - seen - (self.unread or 0)
        self._received = received
        self.unread = unread(received, seen, self._before)
        metrics.BROKER_UNREAD.set(self.unread)

    def _heard(self, messages: list[Message]) -> None:
        for message in messages:
            message.settled = True
            try:
                self._take(message.topic, bytes(message.payload or b"").decode("utf-8", "replace"))
            except Exception as error:  # noqa: BLE001 - the net
                _log.error("a line of the broker cannot be read: left out", extra=failure(error))
            if message.connection is not None:
                message.connection.acknowledge()

    def _take(self, topic: str, line: str) -> None:
        if topic == RECEIVED:
            self._compare(int(line))
        elif topic in HELD:
            self.held[HELD[topic]] = int(line)
            metrics.BROKER_HOLDS.labels(what=HELD[topic]).set(int(line))
        elif topic == SUBSCRIBED:
            client = self._filters.too_many(line)
            if client is not None and client not in self._ending:
                self._count(Refused(wall_now(), "too_many_filters", client, f"Client {client} subscribed to more than {MANY_FILTERS} filters."))  # fmt: skip
                self._ending[client] = asyncio.create_task(self._end(client))
        else:
            refusal = refused(line, wall_now())
            if refusal is not None:
                self._count(refusal)

    def _count(self, refused: Refused) -> None:
        self.counts[refused.reason] += 1
        metrics.BROKER_REFUSED.labels(reason=refused.reason).inc()
        self.last.appendleft(refused)

    async def _end(self, client: str) -> None:
        """End its connection and its session, and with it what it subscribed to."""
        try:
            if not await evict(self._broker, [client]):
                metrics.EVICTED.inc()
        finally:
            self._filters.forget(client)
            del self._ending[client]
