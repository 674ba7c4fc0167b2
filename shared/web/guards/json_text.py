"""JSON is UTF-8 without a mark in front (RFC 8259, 8.1), and of a size that is known before it is read.

Two readings of one body are one too many, and every member of an object can become an error with a
sentence of its own: how many there are is counted before anything is made of them.
"""

import re
from typing import Final

from fastapi import HTTPException, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.guards.limits import MANY
from shared.web.media import media_type
from shared.web.problems import Problem, answer

MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")  # of UTF-8, and of UTF-16 and -32
UTF8: Final = ("utf-8", "utf8", "")

MEMBERS: Final = 1_000  # of a body in all; a customer with 100 purchases has 600
MEMBERS_OF_MANY: Final = 30_000  # 5,000 renewals have 20,000
QUOTES: Final = 4  # of a member at most: its name's and its value's
DEPTH: Final = 16
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NO_SIGN: Final = bytes(set(range(256)) - set(b"{}[]:,"))
_INNERMOST: Final = re.compile(rb"\{[:,]*+\}|\[[:,]*+\]")
_WIDE: Final = re.compile(rb"\{(?::,){250}")  # more members than any object of ours


class Utf8Json:
    """Refuses JSON in another encoding, which Python's reader would guess and take, and too much of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the declared charset, at the first bytes, then at how much there is."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        kind, charset = media_type(Headers(scope=scope))
        if kind == "?":
            problem = Problem(415, "unknown_type", "Content-Type is longer than any")
            await answer(Request(scope), problem)(scope, receive, send)
        elif not kind.endswith("json"):
            await self._app(scope, receive, send)
        elif charset not in UTF8:
            problem = Problem(415, "not_utf8", "JSON is UTF-8", "Send no other charset.")
            await answer(Request(scope), problem)(scope, receive, send)
        else:
            most = MEMBERS_OF_MANY if scope["path"] in MANY else MEMBERS
            await self._app(scope, _Looked(receive, most), send)


class _Looked:
    """`receive` of a JSON body; it holds the pieces until it has seen all."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._pieces: list[bytes] = []

    async def __call__(self) -> Message:
        """The next piece. Raises HTTPException 415, 422."""
        message = await self._receive()
        piece = message.get("body", b"")
        if piece and not self._pieces:
            first = piece[:4]
            # JSON begins with an ASCII character: in UTF-16 and -32 there is a zero beside it
            if first.startswith(MARKS) or 0 in first:
                raise HTTPException(415, "JSON is UTF-8, without a byte order mark.")
        if piece:
            self._pieces.append(piece)
        if not message.get("more_body", False) and self._pieces:
            why = too_much(b"".join(self._pieces), self._most)
            self._pieces = []
            if why is not None:
                raise HTTPException(422, why)
        return message


def too_much(body: bytes, most: int) -> str | None:
    """Why a body is more than anybody needs; None: it is not. Costs 20 ms a MiB, whatever it holds.

    >>> too_much(b'{"a": [1, 2], "b": "[[[["}', most=5)
    >>> too_much(b"[[1, 2], [3, 4]]", most=3)
    'The body has more than 3 members.'
    """
    if body.count(b'"') - body.count(b'\\"') > QUOTES * (most + 1):
        return f"The body has more than {most:,} members."
    signs = _STRING.sub(b"", body).translate(None, delete=_NO_SIGN)
    if signs.count(b",") + signs.count(b"{") + signs.count(b"[") > most:
        return f"The body has more than {most:,} members."
    for _ in range(DEPTH):
        if _WIDE.search(signs):
            return "An object of the body has more members than any of ours."
        left = _INNERMOST.sub(b"", signs)
        if left == signs:
            return None  # read to its end, or no JSON: who reads it says so
        signs = left
    return f"The body is deeper than {DEPTH}." if b"{" in signs or b"[" in signs else None
