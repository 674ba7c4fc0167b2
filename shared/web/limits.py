"""How large a request may be: 1 MiB, and 64 MiB for a CSV import."""

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MIB = 1024 * 1024
BODY_BYTES = 1 * MIB
IMPORT_BYTES = 64 * MIB  # 100,000 devices are about 6 MiB


class RequestLimit:
    """Refuses a body that is too large, as soon as that is known, without keeping it."""

    def __init__(self, app: ASGIApp, body: int = BODY_BYTES, csv: int = IMPORT_BYTES) -> None:
        self._app = app
        self._body = body
        self._csv = csv

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what the application reads."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = self._limit(scope, headers)
        declared = headers.get("content-length", "")
        too_large = declared.isdigit() and int(declared) > limit
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if too_large or read > limit:
                raise HTTPException(413, f"The body is larger than {limit // MIB} MiB.")
            return message

        await self._app(scope, counted, send)

    def _limit(self, scope: Scope, headers: Headers) -> int:
        is_csv = headers.get("content-type", "").startswith("text/csv")
        return self._csv if is_csv and str(scope["path"]).endswith("/import") else self._body
