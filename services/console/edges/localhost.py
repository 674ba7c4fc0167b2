"""The console at `http://localhost:PORT`, for a browser on this very machine and no other.

A certificate that no browser knows would greet everybody who starts the local stack with a warning.
So it may serve its pages in clear on loopback besides; browsers trust `localhost` as they trust HTTPS.
Cookies have names of their own there, with the port in them: two stacks do not sign each other out.
"""

import asyncio

from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.console.settings import Settings
from shared.web.problems import Problem, answer
from shared.web.serving import Server, serving

HOST = "127.0.0.1"
SECURE, SECURE_PREFIX = b"; secure", b"__Host-playcaller"


class OnLocalhost:
    """The application as `localhost` reaches it: other names are refused, cookies renamed."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._hosts = {f"{host}:{port}".encode() for host in ("localhost", HOST)}
        self._prefix = f"playcaller-{port}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A name that only leads here (DNS rebinding) is not ours."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if dict(headers).get(b"host") not in self._hosts:
            problem = Problem(421, "other_host", "This is served at localhost only")
            await answer(Request(scope), problem)(scope, receive, send)
            return
        named = [
            (name, self._ours(value) if name == b"cookie" else value) for name, value in headers
        ]
        await self._app({**scope, "headers": named}, receive, self._renamed(send))

    def _ours(self, cookies: bytes) -> bytes:
        kept = [
            cookie.strip()
            for cookie in cookies.split(b";")
            if not cookie.strip().startswith(b"__Host-")
        ]
        return b"; ".join(cookie.replace(self._prefix, SECURE_PREFIX, 1) for cookie in kept)

    def _renamed(self, send: Send) -> Send:
        async def renamed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    (name, self._theirs(value) if name.lower() == b"set-cookie" else value)
                    for name, value in message["headers"]
                ]
            await send(message)

        return renamed

    def _theirs(self, cookie: bytes) -> bytes:
        if not cookie.startswith(SECURE_PREFIX):
            return cookie
        plain = cookie.replace(SECURE_PREFIX, self._prefix, 1)
        return plain.replace(b"; Secure", b"").replace(SECURE, b"")


async def serve(settings: Settings, app: FastAPI) -> None:
    """Serve until cancelled; where the settings name no port, only wait."""
    if not settings.local_port:
        await asyncio.Event().wait()
    plain = settings.model_copy(
        update={
            "http_host": HOST,
            "http_port": settings.local_port,
            "http_tls_cert_file": None,
            "http_tls_key_file": None,
        }
    )
    config = serving(OnLocalhost(app, settings.local_port), plain)
    config.lifespan = "off"  # the application's own server has it
    server = Server(config)
    try:
        await server.serve()
    finally:
        if server.started:
            await server.shutdown()
