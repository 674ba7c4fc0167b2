"""Every request is counted and timed; an error nobody foresaw is logged and told politely."""

import time

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import ids, log, metrics
from shared.web import problems, said

REQUEST_ID = b"x-request-id"  # the audit's rows name it

_log = log.get("web")


class Observed:
    """The outermost layer of the HTTP interface."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; whatever happens, it is answered and counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        # of our own making: what a client sends may say anything
        request = scope.setdefault("state", {})["request"] = ids.random_id()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (REQUEST_ID, request.encode())]
            await send(message)

        began, method = time.perf_counter(), said.method(scope)
        try:
            await self._app(scope, receive, noted)
        except Exception:
            where = said.route(scope)
            _log.exception("a request failed", extra={"route": where, "request": request})
            if status:  # half an answer is out: the server has to cut the connection
                raise
            await problems.unexpected(Request(scope))(scope, receive, noted)
        finally:
            route = said.route(scope)
            metrics.HTTP_SECONDS.labels(route).observe(time.perf_counter() - began)
            metrics.HTTP_REQUESTS.labels(method, route, str(status)).inc()
