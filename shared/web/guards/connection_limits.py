"""Clients that are slow, many or unreadable: each costs little, and not for long.

uvicorn waits for ever for the end of a head, for a body nobody reads, and for a client that does not
read. This is its HTTP/1.1 protocol with a clock at each of these, a number of connections that each
address may hold, and a problem (RFC 9457) in place of its plain text.
"""

import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Final, Literal

import h11
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from shared import log, metrics
from shared.address import network
from shared.web.guards.headers import ALWAYS, UNLESS_SET
from shared.web.guards.limits import HEAD_BYTES
from shared.web.problems import MEDIA, URN

HEAD_S: Final = 10.0  # from the first byte, or from connecting, to the end of the head
LINGER_S: Final = 5.0  # an answer is given, but the request still comes
DRAIN_S: Final = 30.0  # how often we look whether the client reads its answer
DRAIN_BYTES: Final = 64 * 1024  # the least it has to read between two looks
KEEP_ALIVE_S: Final = 5  # between two requests
CHUNKS: Final = 500  # of a body that comes in chunks: a chunk costs as much as 2,000 bytes of one,
CHUNK_BYTES: Final = 64  # so beyond these each has to bring so many bytes on average
CONNECTIONS = 800  # below the 1,024 files a process may usually hold open
OF_ONE_ADDRESS = 200

# h11 takes both, others do not: what they see as one request must be one here (RFC 9112, 2.2 and 5.2)
_ODD_LINE: Final = re.compile(rb"(?<!\r)\n|\n[ \t]")

Network = IPv4Network | IPv6Network

_log = log.get("web.connections")


@dataclass
class ConnectionLimits:
    """What the connections of one server have in common.

    Attributes:
        connections: at once, in all.
        of_one: at once, from one address (IPv6: from one /64).
        trusted: where our proxies are; through them many come.
        held: connections by address.
    """

    connections: int = CONNECTIONS
    of_one: int = OF_ONE_ADDRESS
    trusted: Sequence[Network] = ()
    head_s: float = HEAD_S
    linger_s: float = LINGER_S
    drain_s: float = DRAIN_S
    held: Counter[str] = field(default_factory=Counter)

    def is_full(self, address: str) -> bool:
        """Whether an address holds more connections than it may."""
        if self.held[network(address)] <= self.of_one:
            return False
        return not any(ip_address(address) in proxy for proxy in self.trusted)


class LimitedConnection(H11Protocol):
    """One connection."""

    limits: ConnectionLimits

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._address = ""
        self._awaited: Literal["head", "rest"] | None = None
        self._clock: asyncio.TimerHandle | None = None  # for what the client has to send
        self._drain: asyncio.TimerHandle | None = None  # for what the client has to read
        self._unread = 0  # bytes at the last look
        self._chunks = 0  # of the present body
        self._chunked = 0  # bytes in them
        self._next_event = self.conn.next_event
        self.conn.next_event = self._counted  # type: ignore[method-assign]

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self.limits.held[network(self._address)] += 1
        if len(self.connections) > self.limits.connections:
            self._refuse(503, "too_many_connections", "Too many connections are open here")
        elif self.limits.is_full(self._address):
            self._refuse(503, "too_many_connections", "Your address has too many connections open")
        else:
            self._await("head")

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._await(None)
        self._stop_drain()
        held, mine = self.limits.held, network(self._address)
        held[mine] -= 1
        if held[mine] <= 0:
            del held[mine]

    @override
    def data_received(self, data: bytes) -> None:
        if not self.transport.is_closing():
            super().data_received(data)
            self._watch()

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._close()
        else:
            self._watch()

    @override
    def send_400_response(self, msg: str) -> None:
        error = sys.exception()
        if getattr(error, "error_status_hint", 400) == 431:  # h11 says so of a head without end
            most = f"At most {HEAD_BYTES // 1024} KiB."
            self._refuse(431, "head_too_large", "The head of the request is too large", most)
        else:
            self._refuse(400, "not_http", "This is not HTTP as it should be")

    @override
    def timeout_keep_alive_handler(self) -> None:
        if not self.transport.is_closing():
            self.conn.send(h11.ConnectionClosed())
            self._close()

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reading()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._stop_drain()

    def _counted(self) -> Any:
        """The next event of the connection.

        Raises: RemoteProtocolError: chunks of hardly a byte; lines that a proxy may end elsewhere.
        """
        if self.conn.their_state is h11.IDLE:
            head, _, _ = self.conn.trailing_data[0].partition(b"\r\n\r\n")
            if _ODD_LINE.search(head):
                raise h11.RemoteProtocolError("a bare line feed, or a folded line")
        event = self._next_event()
        if isinstance(event, h11.Request):
            self._chunks = self._chunked = 0
        elif isinstance(event, h11.Data) and event.chunk_start:
            self._chunks += 1
            self._chunked += len(event.data)
            if self._chunks > CHUNKS + self._chunked // CHUNK_BYTES:
                raise h11.RemoteProtocolError("too many chunks")
        return event

    def _watch(self) -> None:
        """See what the client owes us now, and time that."""
        if self.transport.is_closing():
            return
        theirs, ours = self.conn.their_state, self.conn.our_state
        if theirs is h11.SEND_BODY and ours is h11.DONE:  # nobody will read what still comes
            self._await("rest")
        elif theirs is not h11.IDLE:
            self._await(None)
        elif self.conn.trailing_data[0]:
            self._await("head")
        else:
            self._await(None)
            self._keep_alive()

    def _await(self, what: Literal["head", "rest"] | None) -> None:
        if what == self._awaited:
            return
        if self._clock is not None:
            self._clock.cancel()
        late: dict[str, tuple[float, Callable[[], None]]] = {
            "head": (self.limits.head_s, self._head_is_late),
            "rest": (self.limits.linger_s, self._close),
        }
        self._awaited = what
        self._clock = None if what is None else self.loop.call_later(*late[what])

    def _keep_alive(self) -> None:
        """A request whose rest nobody wanted has left the timer off."""
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _head_is_late(self) -> None:
        if self.conn.trailing_data[0]:
            self._refuse(408, "too_slow", "The head of the request did not come in time")
        else:
            metrics.CUT.labels("silent").inc()
            self._close()

    def _refuse(self, status: int, kind: str, title: str, detail: str | None = None) -> None:
        """One answer, if none has begun, and the end of the connection."""
        metrics.CUT.labels(kind).inc()
        _log.info("a connection was cut: %s", kind)
        if self.cycle is not None:
            self.cycle.disconnected = True
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            self._answer(status, kind, title, detail)
        self._close()

    def _answer(self, status: int, kind: str, title: str, detail: str | None) -> None:
        problem = {"type": URN + kind, "title": title, "status": status}
        body = json.dumps(problem if detail is None else {**problem, "detail": detail}).encode()
        headers = [(name, value) for name, value in {**ALWAYS, **UNLESS_SET}.items()]
        headers += [("Content-Type", MEDIA), ("Content-Length", str(len(body)))]
        headers += [("Connection", "close"), *([("Retry-After", "5")] if status == 503 else [])]
        for event in (
            h11.Response(status_code=status, headers=headers),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")

    def _close(self) -> None:
        """Close, and not wait for ever until the client has read all."""
        self._await(None)
        self._unset_keepalive_if_required()
        self.transport.close()
        self._watch_reading()

    def _watch_reading(self) -> None:
        if self._drain is None:
            self._unread = self.transport.get_write_buffer_size()
            self._drain = self.loop.call_later(self.limits.drain_s, self._look)

    def _look(self) -> None:
        """Go on waiting while the client reads; a stalled one would hold its connection for ever."""
        self._drain = None
        before, left = self._unread, self.transport.get_write_buffer_size()
        if left > before - DRAIN_BYTES:
            metrics.CUT.labels("does_not_read").inc()
            self.transport.abort()
        else:
            self._watch_reading()

    def _stop_drain(self) -> None:
        if self._drain is not None:
            self._drain.cancel()
            self._drain = None


def limited_by(limits: ConnectionLimits) -> type[LimitedConnection]:
    """The protocol class of one server, for uvicorn's `http`."""
    return type("Limited", (LimitedConnection,), {"limits": limits})
