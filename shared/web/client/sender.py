"""Sends requests to their end: whoever asked may go away, the request does not stop in the middle.

A page cancels what comes too late for it. What is not waited for any more ends by its own limits, and its
connection serves the next one.
"""

import asyncio
import ssl
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from shared.clock import monotonic
from shared.web.client.line import Heard, Line, NotReached, head

CONNECT_S = 1.0  # our services stand near; a second try is worth more than a long wait
LONGER_S = 30.0  # past its time, before what only trickles in is cut off after all
REUSED_S = 4.0  # an idle connection; services of ours close theirs after five seconds

Origin = tuple[bool, str, int]
"""Whether it speaks TLS, its host and its port."""


class Sender:
    """Requests to one service, and those that nobody waits for any more."""

    def __init__(self, trusted: ssl.SSLContext, at_once: int) -> None:
        """A sender that has sent nothing yet.

        Args:
            trusted: checks the services' certificates.
            at_once: requests; a service that is silent keeps those to it, and nobody else's.
        """
        self._trusted = trusted
        self._free = asyncio.Semaphore(at_once)
        self._idle: dict[Origin, list[tuple[float, Line]]] = {}
        self._under_way: set[asyncio.Future[Heard]] = set()
        self._lines: set[Line] = set()

    async def send(
        self,
        method: str,
        url: str,
        until_s: float,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
    ) -> Heard:
        """The answer.

        Args:
            until_s: the moment, of the loop's clock, after which nobody waits.
            params: of the query; of a list each.
        Raises: NoAnswer; TimeoutError: nothing came in time.
        """
        async with asyncio.timeout_at(until_s):
            await self._free.acquire()
        left_s = max(0.0, until_s - asyncio.get_running_loop().time())
        try:
            sent = self._sent(method, url, left_s, headers or {}, params or {}, content)
        except BaseException:
            self._free.release()
            raise
        self._under_way.add(sent)
        sent.add_done_callback(self._end)
        done, _ = await asyncio.wait({sent}, timeout=left_s)
        if not done:
            raise TimeoutError
        return sent.result()

    def _sent(
        self,
        method: str,
        url: str,
        left_s: float,
        headers: Mapping[str, str],
        params: Mapping[str, Any],
        content: bytes | None,
    ) -> "asyncio.Future[Heard]":
        """Its answer, on its way. Raises NotReached: it cannot be said."""
        parts = urlsplit(url)
        target = parts.path + (f"?{_query(params)}" if params else "")
        length = {} if method == "GET" else {"Content-Length": str(len(content or b""))}
        request = head(method, target, {"Host": parts.netloc, **headers, **length})
        is_safe = parts.scheme == "https"
        origin = is_safe, parts.hostname or "", parts.port or (443 if is_safe else 80)
        request += content or b""
        idle = self._idle.setdefault(origin, [])
        while idle:
            since, line = idle.pop()
            if not line.is_closed and monotonic() - since < REUSED_S:
                return line.ask(request, left_s, LONGER_S)
            line.close()
        return asyncio.create_task(self._first(origin, request, left_s))

    async def _first(self, origin: Origin, request: bytes, left_s: float) -> Heard:
        """The answer over a new connection."""
        is_safe, host, port = origin
        loop = asyncio.get_running_loop()
        until_s = loop.time() + left_s
        trusted = self._trusted if is_safe else None
        try:
            async with asyncio.timeout(min(CONNECT_S, left_s)):
                _, line = await loop.create_connection(
                    partial(self._line, origin), host, port, ssl=trusted
                )
        except OSError as error:  # TimeoutError and ssl.SSLError are one
            raise NotReached(type(error).__name__) from None
        return await line.ask(request, max(0.0, until_s - loop.time()), LONGER_S)

    def _line(self, origin: Origin) -> Line:
        """A connection that does not stand yet."""
        line = Line(partial(self._rest, origin))
        self._lines.add(line)
        return line

    def _rest(self, origin: Origin, line: Line) -> None:
        """A connection is free again, or over."""
        if line.is_closed:
            self._lines.discard(line)
        else:
            self._idle[origin].append((monotonic(), line))

    def _end(self, sent: "asyncio.Future[Heard]") -> None:
        self._free.release()
        self._under_way.discard(sent)
        if not sent.cancelled():
            sent.exception()  # seen: nobody may be there to see it

    async def close(self) -> None:
        """End what is under way."""
        for line in tuple(self._lines):
            line.close()
        for sent in tuple(self._under_way):
            sent.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)


def _query(params: Mapping[str, Any]) -> str:
    """As services read it.

    >>> _query({"text": "a b", "only": ["t-1", "t-2"], "late": True})
    'text=a+b&only=t-1&only=t-2&late=true'
    """
    said = {name: str(v).lower() if isinstance(v, bool) else v for name, v in params.items()}
    return urlencode(said, doseq=True)
