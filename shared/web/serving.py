"""How uvicorn serves an application of ours: addresses, TLS, proxies and limits from the settings."""

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from functools import partial
from ipaddress import ip_network
from socket import socket
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from shared.errors import BadSettings
from shared.settings import ServiceSettings
from shared.web.guards.connection_limits import KEEP_ALIVE_S, ConnectionLimits, limited_by
from shared.web.guards.limits import HEAD_BYTES

HANDSHAKE_S = 10.0  # the loop's own is 60 s, and until then nobody counts the connection
SHUTDOWN_S = 5.0  # as long as a plain connection's rest is listened to; the loop's own is 30 s


class Server(uvicorn.Server):
    """Uvicorn without its own signal handlers: the process decides when it ends."""

    @contextlib.contextmanager
    @override
    def capture_signals(self) -> Iterator[None]:
        yield

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True

    @override
    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen; uvicorn has no word for how long TLS may take to begin and to end, its loop has."""
        loop: Any = asyncio.get_running_loop()
        if self.config.is_ssl:
            loop.create_server = partial(
                loop.create_server,
                ssl_handshake_timeout=HANDSHAKE_S,
                ssl_shutdown_timeout=SHUTDOWN_S,
            )
        try:
            await super().startup(sockets)
        finally:
            vars(loop).pop("create_server", None)


def serving(app: ASGIApp, settings: ServiceSettings) -> uvicorn.Config:
    """The configuration of a service's server. Raises BadSettings."""
    proxies = [part.strip() for part in settings.http_trusted_proxies.split(",") if part.strip()]
    limits = ConnectionLimits(
        settings.http_connections,
        settings.http_connections_per_address,
        [ip_network(text) for text in proxies],
    )
    return uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        http=limited_by(limits),
        ws="none",
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=10,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),  # without one, who asks is who connects
        forwarded_allow_ips=proxies,
        **tls_arguments(settings),
    )


def tls_arguments(settings: ServiceSettings) -> dict[str, Any]:
    """What uvicorn needs to speak TLS; nothing for plain HTTP.

    Raises: BadSettings: certificate and key cannot be used.
    """
    certificate, key = settings.http_tls_cert_file, settings.http_tls_key_file
    if certificate is None or key is None:
        return {}
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except OSError as error:  # ssl.SSLError is one
        raise BadSettings(
            f"HTTP_TLS_CERT_FILE and HTTP_TLS_KEY_FILE: {certificate} and {key} are no certificate "
            f"and its key ({type(error).__name__})."
        ) from None
    return {"ssl_certfile": str(certificate), "ssl_keyfile": str(key)}
