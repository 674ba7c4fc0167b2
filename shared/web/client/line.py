"""A connection to a service of ours: HTTP/1.1 as our services speak it, one request after the other.

A general client costs more than all else that a page does: half of console's time went into httpx,
which builds a dozen objects a request and looks at every connection it has before each. Here a request is
one write and an answer one look at what came. Redirects, cookies, compression and proxies are not for us.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, cast

from typing_extensions import override

HEAD_BYTES: Final = 64 * 1024
_PLAIN: Final = re.compile(r"[\t\x20-\x7e]*")  # no line of a head ends where it should not
_EMPTY: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class NoAnswer(ConnectionError):
    """Nobody knows what became of a request."""


class NotReached(NoAnswer):
    """The request never left."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer as it came; names of headers in small letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def head(method: str, target: str, headers: Mapping[str, str]) -> bytes:
    r"""The head of a request. Raises NotReached: something in it is no text for a head.

    >>> head("GET", "/v1/x", {"Host": "a"})
    b'GET /v1/x HTTP/1.1\r\nHost: a\r\n\r\n'
    """
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
    if not all(map(_PLAIN.fullmatch, lines)):
        raise NotReached("what would be sent is no text for a head")
    return "\r\n".join((*lines, "", "")).encode("ascii")


class Line(asyncio.Protocol):
    """One connection.

    Args:
        rests: is told when nothing is under way: another request may be sent, or it is closed.
    """

    def __init__(self, rests: Callable[["Line"], None]) -> None:
        self.is_closed = False
        self._rests = rests
        self._transport: asyncio.Transport
        self._answer: asyncio.Future[Heard] | None = None
        self._came = bytearray()
        self._head: tuple[int, Mapping[str, str]] | None = None
        self._chunks = bytearray()
        self._limit: asyncio.TimerHandle | None = None

    def ask(self, request: bytes, within_s: float, longer_s: float) -> "asyncio.Future[Heard]":
        """Send a request; its answer, or NoAnswer, TimeoutError.

        Args:
            within_s: until something has to come.
            longer_s: after that, until what trickles in has to be whole.
        """
        loop = asyncio.get_running_loop()
        answer = self._answer = loop.create_future()
        if self.is_closed or self._transport.is_closing():
            self._fail(NoAnswer("the connection has ended"))
            return answer
        self._limit = loop.call_later(within_s, self._late, longer_s)
        self._transport.write(request)
        return answer

    def close(self) -> None:
        """End it, and whatever is under way."""
        self.is_closed = True
        self._transport.abort()
        self._fail(NoAnswer("the connection was closed"))

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self._transport = cast("asyncio.Transport", transport)  # of TCP or TLS

    @override
    def data_received(self, data: bytes) -> None:
        """Something came."""
        if self._answer is None:
            self.close()  # nobody has asked
            return
        self._came += data
        try:
            while self._read():
                pass
        except ValueError as error:
            self._fail(NoAnswer(f"no HTTP/1.1: {error}"))
            self.close()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """It ended; an answer without a length ends with it."""
        self.is_closed = True
        if self._head is not None and exc is None and _ends_with_connection(self._head[1]):
            self._end(bytes(self._came))
        self._fail(NoAnswer(f"the connection ended ({type(exc).__name__})"))
        self._rests(self)

    def _late(self, longer_s: float) -> None:
        if (self._came or self._head) and longer_s:
            self._limit = asyncio.get_running_loop().call_later(longer_s, self._late, 0.0)
            return
        self._fail(TimeoutError())
        self.close()

    def _read(self) -> bool:
        """One part of the answer; False: more has to come. Raises ValueError: it is none."""
        if self._head is None:
            return self._read_head()
        status, headers = self._head
        if status in _EMPTY:
            return self._end(b"")
        if "transfer-encoding" in headers:
            return self._read_chunk()
        if _ends_with_connection(headers):
            return False
        length = _number(headers["content-length"], 10)
        if len(self._came) < length:
            return False
        content = bytes(self._came[:length])
        del self._came[:length]
        return self._end(content)

    def _read_head(self) -> bool:
        end = self._came.find(b"\r\n\r\n")
        if end < 0:
            if len(self._came) > HEAD_BYTES:
                raise ValueError("a head without an end")
            return False
        first, *lines = self._came[:end].decode("latin-1").split("\r\n")
        del self._came[: end + 4]
        version, status, *_ = first.split(" ")
        if version != "HTTP/1.1":
            raise ValueError("another protocol")
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): text.strip() for name, _, text in pairs}
        if int(status) >= HTTPStatus.OK:  # what comes before it only says that it comes
            self._head = int(status), headers
        return True

    def _read_chunk(self) -> bool:
        end = self._came.find(b"\r\n")
        if end < 0:
            return False
        size = _number(self._came[:end].partition(b";")[0].decode("latin-1"), 16)
        if len(self._came) < end + 2 + size + 2:
            return False
        self._chunks += self._came[end + 2 : end + 2 + size]
        del self._came[: end + 2 + size + 2]
        if size:
            return True
        content, self._chunks = bytes(self._chunks), bytearray()
        return self._end(content)

    def _end(self, content: bytes) -> bool:
        """The answer is whole."""
        assert self._head is not None  # noqa: S101 - it comes first
        answer, (status, headers) = self._taken(), self._head
        self._head = None
        if answer is not None and not answer.done():
            answer.set_result(Heard(status, headers, content))
        if self._came or headers.get("connection", "").lower() == "close":
            self.is_closed = True
            self._transport.abort()
        if not self.is_closed:
            self._rests(self)
        return False

    def _fail(self, error: Exception) -> None:
        answer = self._taken()
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def _taken(self) -> "asyncio.Future[Heard] | None":
        answer, self._answer = self._answer, None
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
        return answer


def _ends_with_connection(headers: Mapping[str, str]) -> bool:
    return not {"content-length", "transfer-encoding"} & headers.keys()


def _number(text: str, base: int) -> int:
    """A length. Raises ValueError: it is none."""
    if not text.strip().isalnum():  # `int` takes signs and underscores
        raise ValueError("a length that is none")
    return int(text, base)
