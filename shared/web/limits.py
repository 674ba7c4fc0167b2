"""How large and how slow a request may be.

A body has 1 MiB at most, a CSV import 64 MiB; a head 16 KiB and 100 headers. What a client keeps us
waiting for is bounded too: the head by the server itself (slow.py), the body here.
"""

import asyncio
from typing import Final

from fastapi import HTTPException, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.clock import monotonic
from shared.web.problems import Problem, answer

MIB = 1024 * 1024
BODY_BYTES = 1 * MIB
IMPORT_BYTES = 64 * MIB  # 100,000 devices are about 6 MiB
HEAD_BYTES: Final = 16 * 1024
HEADERS: Final = 100
PAUSE_S: Final = 10.0  # between two pieces of a body
SPARE_S: Final = 20.0  # what a body may keep us waiting in all, and a second more
SLOWEST_BYTES_PER_S: Final = 8 * 1024  # for each of these: 1 MiB within 148 s
CLOSE: Final = {"Connection": "close"}


class RequestLimit:
    """Refuses what is too large or too slow as soon as that is known, without keeping it."""

    def __init__(
        self,
        app: ASGIApp,
        body: int = BODY_BYTES,
        csv: int = IMPORT_BYTES,
        pause_s: float = PAUSE_S,
        spare_s: float = SPARE_S,
    ) -> None:
        self._app = app
        self._body = body
        self._csv = csv
        self._pause_s = pause_s
        self._spare_s = spare_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the head, then count and time what the application reads."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if (problem := _of_head(scope)) is not None:
            await answer(Request(scope), problem)(scope, receive, send)
            return
        limit = self._limit(scope)
        await self._app(scope, _Counted(receive, limit, self._pause_s, self._spare_s), send)

    def _limit(self, scope: Scope) -> "_Size":
        headers = Headers(scope=scope)
        is_csv = headers.get("content-type", "").startswith("text/csv")
        most = self._csv if is_csv and str(scope["path"]).endswith("/import") else self._body
        declared = headers.get("content-length", "")
        return _Size(most, int(declared) if declared.isdigit() else 0)


class _Size:
    """Bytes of a body: how many may come, and how many were announced."""

    def __init__(self, most: int, declared: int) -> None:
        self._most = most
        self._read = declared if declared > most else 0
        self.read = 0

    def add(self, count: int) -> None:
        """Count. Raises HTTPException 413."""
        self.read += count
        if max(self.read, self._read) > self._most:
            raise HTTPException(413, f"The body is larger than {self._most // MIB} MiB.")


class _Counted:
    """`receive` with limits; only the time spent waiting for the client counts against it."""

    def __init__(self, receive: Receive, size: _Size, pause_s: float, spare_s: float) -> None:
        self._receive = receive
        self._size = size
        self._pause_s = pause_s
        self._spare_s = spare_s
        self._waited_s = 0.0
        self._complete = False

    async def __call__(self) -> Message:
        """The next piece. Raises HTTPException 408, 413."""
        self._size.add(0)  # what is announced as too large is not waited for
        if self._complete:  # all that may come now is the end of the connection
            return await self._receive()
        began = monotonic()
        left_s = self._spare_s + self._size.read / SLOWEST_BYTES_PER_S - self._waited_s
        try:
            async with asyncio.timeout(min(self._pause_s, left_s)):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(
                408, "The body did not come in time; nothing was done.", headers=CLOSE
            ) from None
        self._waited_s += monotonic() - began
        self._complete = not message.get("more_body", False)
        self._size.add(len(message.get("body", b"")))
        return message


def _of_head(scope: Scope) -> Problem | None:
    """What is wrong with the size or the framing of a request."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    target = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    size = target + sum(len(name) + len(value) for name, value in headers)
    if size > HEAD_BYTES or len(headers) > HEADERS:
        most = f"At most {HEADERS} headers and {HEAD_BYTES // 1024} KiB, address included."
        return Problem(
            431, "head_too_large", "The head of the request is too large", most, headers=CLOSE
        )
    names = {name for name, _ in headers}
    if b"content-length" in names and b"transfer-encoding" in names:
        return Problem(
            400,
            "ambiguous_length",
            "The length of the body is given twice",
            "Content-Length or Transfer-Encoding, not both: servers disagree on which one counts.",
            headers=CLOSE,
        )
    return None
