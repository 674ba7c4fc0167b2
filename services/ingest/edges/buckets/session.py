"""The MQTT session of one bucket: connect, subscribe, stay, come back."""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import mqtt5

from services.ingest.domain.buckets.contact import Contact
from services.ingest.domain.failure import failure
from services.ingest.domain.messages import addresses
from services.ingest.domain.messages.acks import Answer
from services.ingest.edges.broker.account import Account, Refusal
from services.ingest.edges.broker.connection import Connection, Deliver, Now
from services.ingest.edges.buckets.former import Former
from shared import log, metrics
from shared.clock import monotonic

CLIENT_ID = "_ingest-"  # no device and no app can be named so: outside, its name is its client id
CONNECT_S = 10.0
LOOK_S = 0.5  # how exact it is since when messages may have waited for us
BACKOFF_S = (0.5, 30.0)
SAY_EVERY_S = 10.0  # one line for all buckets
SHORT_S = 15.0  # a connection that the broker ends sooner than this was probably taken over
TAKEN_S = (60.0, 120.0)  # pause of the one whom another process keeps taking the session from
BACKLOG = 10_000  # answers kept while the broker is away; each only saves a resend

_log = log.get("ingest.mqtt")


@dataclass(frozen=True, kw_only=True)
class Broker(Account):
    """How the sessions of buckets are kept."""

    receive_maximum: int
    keep_alive_s: int
    session_expiry_s: int
    ack_expiry_s: int
    takeovers: int
    clock: bool

    @property
    def name(self) -> str:
        """`host:port`, for people."""
        return f"{self.host}:{self.port}"


class Notice:
    """Says how long the broker has been away: one line for all sessions, now and then."""

    def __init__(self, broker: str) -> None:
        self._broker = broker
        self._since: float | None = None
        self._said = 0.0

    def away(self, error: BaseException) -> None:
        """A session could not be had."""
        now = monotonic()
        if self._since is None:
            self._since = now
        elif now - self._said < SAY_EVERY_S:
            return
        self._said = now
        _log.warning(
            "waiting for the MQTT broker at %s, %.0f s", self._broker, now - self._since,
            extra={"error": f"{type(error).__name__}: {error}"},
        )  # fmt: skip

    def back(self) -> None:
        """A session stands."""
        if self._since is not None:
            _log.info("the MQTT broker is back after %.0f s", monotonic() - self._since)
            self._since = None


class Session:
    """One bucket's session; a new `Connection` whenever the last has ended.

    Attributes:
        connection: the one that stands, None while there is none.
        takeovers: how often in a row another client took our id.
        contact: since when messages may have waited for us.
    """

    def __init__(
        self,
        bucket: str,
        broker: Broker,
        deliver: Deliver,
        now: Now,
        notice: Notice,
        *,
        known: bool,
        remember: Callable[[str], None],
        forget: Callable[[Connection], None],
        contact: Contact | None = None,
    ) -> None:
        """A session that is not connected yet.

        Args:
            known: the bucket has had a session before.
            remember: told the bucket when it first has one.
            forget: told of every connection that has ended.
            contact: as it was at the last stop.
        """
        self.bucket = bucket
        self.connection: Connection | None = None
        self.takeovers = 0
        self.contact = contact or Contact(broker.receive_maximum)
        self._broker = broker
        self._deliver = deliver
        self._now = now
        self._notice = notice
        self._known = known
        self._drain: asyncio.Task[None] | None = None
        self._remember = remember
        self._forget = forget
        self._backlog: deque[bytes] = deque(maxlen=BACKLOG)
        self._stopping = False

    async def run(self) -> None:
        """Keep the session until `stop`, whatever becomes of it."""
        wait, connected = BACKOFF_S[0], False
        while not self._stopping:
            try:
                connection = await self._connect()
            except Exception as error:  # noqa: BLE001 - the net: one bucket ends no other
                self._notice.away(error)
                await asyncio.sleep(random.uniform(wait / 2, wait))  # noqa: S311 - jitter
                wait = min(wait * 2, BACKOFF_S[1])
                continue
            self._notice.back()
            if connected:
                metrics.RECONNECTS.inc()
            else:
                self._drain = asyncio.create_task(
                    self._leave_former(), name=f"former {self.bucket}"
                )
            connected, began = True, monotonic()
            await self._stay(connection)
            self._count_takeover(connection, monotonic() - began)
            if monotonic() - began > wait:
                wait = BACKOFF_S[0]  # it did stand: try again soon
            if not self._stopping:
                pause = TAKEN_S if self.is_taken else (wait / 2, wait)
                await asyncio.sleep(random.uniform(*pause))  # noqa: S311 - jitter

    async def _leave_former(self) -> None:
        """What waits for the client id of releases before is read, too; then that session ends."""
        former = Former(self._broker, self.bucket, self._deliver, self._now)
        try:
            await former.read_out()
        except Exception as error:  # noqa: BLE001 - the net: at the next start again
            _log.warning("the former session of bucket %s stays", self.bucket, extra=failure(error))
        if former.connection is not None:
            self._forget(former.connection)

    @property
    def stands(self) -> bool:
        """Whether we are connected and subscribed."""
        return self.connection is not None and self.connection.suback.done()

    @property
    def is_taken(self) -> bool:
        """Whether another process has taken the session so often that we wait for long now."""
        return self.takeovers >= self._broker.takeovers

    def send(self, answers: Iterable[Answer]) -> int:
        """Publish answers, QoS 0 with expiry; kept for the next connection while there is none."""
        expiry = self._broker.ack_expiry_s
        packets = [
            mqtt5.PublishPacket(a.topic, a.payload, message_expiry_interval=expiry).write()
            for a in answers
        ]
        if self.connection is None:
            self._backlog.extend(packets)
        else:
            self.connection.write(b"".join(packets))
        return len(packets)

    async def stop(self) -> None:
        """Leave politely; the broker keeps the session and what comes meanwhile."""
        self._stopping = True
        if self._drain is not None:
            self._drain.cancel()
        connection = self.connection
        if connection is not None:
            connection.write(mqtt5.DisconnectPacket().write())
            connection.close()
            await asyncio.wait([connection.closed], timeout=2.0)

    async def _connect(self) -> Connection:
        """A connection with its subscription.

        Raises: OSError, TimeoutError: not now.
        """
        broker = self._broker
        loop = asyncio.get_running_loop()
        self.contact.begin()
        async with asyncio.timeout(CONNECT_S):
            _, connection = await loop.create_connection(
                lambda: Connection(self._deliver, self._now, self.contact.since),
                broker.host, broker.port,
                ssl=broker.tls,
            )  # fmt: skip
            try:
                connack = await broker.greet(
                    connection,
                    f"{CLIENT_ID}{self.bucket}",
                    clean_start=False,
                    keep_alive=broker.keep_alive_s,
                    session_expiry_interval=broker.session_expiry_s,
                    receive_max=broker.receive_maximum,
                )
                self.connection = connection
                await self._subscribe(connection)
            except BaseException:
                self.connection = None
                connection.abort()
                raise
        if self._known and not connack.session_present:
            metrics.SESSIONS_LOST.inc()
            _log.critical(
                "the broker has lost the session of bucket %s: what it had queued is gone, "
                "sources will send again what is not acknowledged", self.bucket,
            )  # fmt: skip
        if not self._known:
            self._known = True
            self._remember(self.bucket)
        connection.write(b"".join(self._backlog))
        self._backlog.clear()
        return connection

    async def _subscribe(self, connection: Connection) -> None:
        filters = [
            mqtt5.TopicFilter(
                pattern,
                max_qos=mqtt5.QoS.AT_LEAST_ONCE,
                retain_handling=mqtt5.RetainHandling.SEND_NEVER,
            )
            for pattern in addresses.filters(self.bucket, clock=self._broker.clock)
        ]
        connection.write(mqtt5.SubscribePacket(1, filters).write())
        suback = await connection.suback
        if any(code != mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE for code in suback.reason_codes):  # fmt: skip
            raise Refusal(f"SUBACK {[code.name for code in suback.reason_codes]}")

    async def _stay(self, connection: Connection) -> None:
        """Ping while it is silent; returns when the connection has ended."""
        loop = asyncio.get_running_loop()
        keep_alive = self._broker.keep_alive_s
        loop.call_later(LOOK_S, self._look, connection)
        while not connection.closed.done():
            await asyncio.wait([connection.closed], timeout=keep_alive / 2)
            silent = loop.time() - connection.heard
            if silent > 1.5 * keep_alive:
                _log.warning("nothing from the broker for %.0f s", silent)
                connection.abort()
            elif not connection.closed.done():
                # also while reading: keep-alive is about what we send
                connection.write(mqtt5.PingReqPacket().write())
        self.connection = None
        self._forget(connection)

    def _look(self, connection: Connection) -> None:
        """Now, and again as long as it stands: no task is woken for so little."""
        if connection.closed.done():
            return
        asyncio.get_running_loop().call_later(LOOK_S, self._look, connection)
        now = self._now()
        if now is not None:
            self.contact.look(now, connection.in_flight, connection.read)

    def _count_takeover(self, connection: Connection, lived_s: float) -> None:
        """Notice another client with our id.

        MQTT 5 has a reason code for it; mosquitto 2.0 just closes, so a connection that was
        accepted and soon closed counts as well.
        """
        if self._stopping:
            return
        if not connection.taken_over and lived_s >= SHORT_S:
            self.takeovers = 0
            _log.warning("the connection of bucket %s has ended", self.bucket)
            return
        self.takeovers += 1
        _log.critical(
            "another client seems to have taken the session of bucket %s (%d of %d)",
            self.bucket, self.takeovers, self._broker.takeovers,
        )  # fmt: skip
