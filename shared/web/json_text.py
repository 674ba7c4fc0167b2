"""JSON is UTF-8 without a mark in front (RFC 8259, 8.1): two readings of one body are one too many."""

from email.message import Message as Header
from typing import Final

from fastapi import HTTPException, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.problems import Problem, answer

MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")  # of UTF-8, and of UTF-16 and -32
UTF8: Final = ("utf-8", "utf8", "")


class Utf8Json:
    """Refuses JSON in another encoding, which Python's reader would guess and take."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the declared charset, then at the first bytes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        header = Header()
        header["content-type"] = Headers(scope=scope).get("content-type", "")
        if not header.get_content_subtype().endswith("json"):
            await self._app(scope, receive, send)
            return
        if str(header.get_param("charset", "")).lower() not in UTF8:
            problem = Problem(415, "not_utf8", "JSON is UTF-8", "Send no other charset.")
            await answer(Request(scope), problem)(scope, receive, send)
            return
        begun = False

        async def looked_at() -> Message:
            nonlocal begun
            message = await receive()
            if not begun and (first := message.get("body", b"")[:4]):
                begun = True
                # JSON begins with an ASCII character: in UTF-16 and -32 there is a zero beside it
                if first.startswith(MARKS) or 0 in first:
                    raise HTTPException(415, "JSON is UTF-8, without a byte order mark.")
            return message

        await self._app(scope, looked_at, send)
