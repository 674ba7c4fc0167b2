"""Our accounts at the MQTT broker: where it is, who we are there, and how we greet it."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import mqtt5

from services.ingest.edges.broker.connection import Connection
from shared.errors import BadSettings
from shared.pki_files import account_files


class Refusal(ConnectionError):
    """The broker does not want us."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Where the broker is, and who we are there."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    user: str | None
    password: bytes | None = field(repr=False)

    def hello(self, client_id: str, **kept: Any) -> bytes:
        """A CONNECT. Source: MQTT 5.0 section 3.1.

        Args:
            kept: how the session is kept, as `mqtt5.ConnectPacket` names it.
        """
        packet = mqtt5.ConnectPacket(
            client_id=client_id, username=self.user, password=self.password, **kept
        )
        return bytes(packet.write())

    async def greet(
        self, connection: Connection, client_id: str, **kept: Any
    ) -> mqtt5.ConnAckPacket:
        """Sign in on a connection. Raises Refusal, ConnectionError when it ends instead."""
        connection.write(self.hello(client_id, **kept))
        return let_in(await connection.connack)


def account(url: str, ca_file: str, certificates: Path | None = None) -> Account:
    """Host, port, TLS, name and password of an `mqtt://` or `mqtts://` URL.

    Args:
        certificates: folder with the certificate that shows who the account is.
    Raises: BadSettings: there is none that fits.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "mqtts"
    tls = ssl.create_default_context(cafile=ca_file or None) if secure else None
    if tls is not None and certificates is not None:
        _show_who(tls, *account_files(certificates, unquote(parts.username or "")))
    return Account(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or (8883 if secure else 1883),
        tls=tls,
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password).encode(),
    )


def _show_who(tls: ssl.SSLContext, certificate: Path, key: Path) -> None:
    try:
        tls.load_cert_chain(certificate, key)
    except OSError as error:  # ssl.SSLError is one
        raise BadSettings(
            f"INGEST_ACCOUNTS_FOLDER: {certificate.name} and {key.name} cannot be used "
            f"({error.strerror or type(error).__name__}): they must be there, readable and of each other"
        ) from error


def let_in(answer: mqtt5.ConnAckPacket) -> mqtt5.ConnAckPacket:
    """The broker's answer, when it is a welcome. Raises Refusal."""
    if answer.reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
        raise Refusal(f"CONNACK {answer.reason_code.name}")
    return answer
