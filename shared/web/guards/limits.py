"""How large and how slow a request may be.

A body has 64 KiB at most, where neither token nor signature is asked for 4 KiB, where many things are handed in at once
1 MiB, a CSV import 64 MiB; a head 16 KiB and 100 headers. What a client keeps us waiting for is
bounded too: the head by the server itself (slow.py), the body here.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from fastapi import HTTPException, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.clock import monotonic
from shared.web.media import media_type
from shared.web.problems import Problem, answer

KIB: Final = 1024
MIB: Final = 1024 * KIB
OPEN_BYTES: Final = 4 * KIB  # a sign-in is 300 bytes
BODY_BYTES = 64 * KIB
MANY_BYTES: Final = 1 * MIB  # 5,000 claims are 0.7 MiB
MANY: Final = frozenset(  # routes that take thousands of things as JSON
    {"/v1/claims", "/v1/renewals", "/v1/devices/credentials", "/v1/apps/credentials"}
)
SIGNED: Final = "/v1/webhooks/"  # whoever sends there signs every body
PAGES_OF_FILES: Final = "/imports/"  # where the console takes a CSV in a form
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
        scope["headers"] = _plain_cookies(scope["headers"])
        if (problem := _of_head(scope)) is not None:
            await answer(Request(scope), problem)(scope, receive, send)
            return
        size = _Size(lambda: self._most(scope), _declared(scope))
        await self._app(scope, _Counted(receive, size, self._pause_s, self._spare_s), send)

    def _most(self, scope: Scope) -> int:
        """How many bytes may come, once it is known who asks. Raises Problem 415."""
        if scope.get("state", {}).get("who") is None:
            signed = str(scope["path"]).startswith(SIGNED)
            return self._body if signed else min(OPEN_BYTES, self._body)
        path, said = str(scope["path"]), media_type(Headers(scope=scope))[0]
        if path.startswith(PAGES_OF_FILES) and said == "multipart/form-data":
            return self._csv + BODY_BYTES
        if path.endswith("/import"):
            if said not in {"text/csv", ""}:
                raise Problem(415, "not_csv", "An import is a CSV", "Content-Type: text/csv")
            return self._csv if said else self._body
        return MANY_BYTES if path in MANY else self._body


def _declared(scope: Scope) -> int:
    """What Content-Length announces; a number that nobody can count to is as large as any."""
    text = Headers(scope=scope).get("content-length", "")
    return int(text[:18]) if text.isascii() and text.isdigit() else 0


class _Size:
    """Bytes of a body: how many may come, and how many were announced."""

    def __init__(self, most: Callable[[], int], declared: int) -> None:
        self._find = most
        self._most: int | None = None
        self._declared = declared
        self.read = 0

    def add(self, count: int) -> None:
        """Count. Raises HTTPException 413, Problem 415."""
        if self._most is None:
            self._most = self._find()
        self.read += count
        if max(self.read, self._declared) > self._most:
            size = f"{self._most // MIB} MiB" if self._most >= MIB else f"{self._most // KIB} KiB"
            raise HTTPException(413, f"The body is larger than {size}.")


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


def _plain_cookies(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Without cookies in which something is escaped: none of ours is.

    Python's reader takes a second for one of 15,000 such signs (CVE-2024-7592).
    """
    if not any(name == b"cookie" and b"\\" in value for name, value in headers):
        return headers
    return [
        (name, b";".join(part for part in value.split(b";") if b"\\" not in part))
        if name == b"cookie"
        else (name, value)
        for name, value in headers
    ]


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
