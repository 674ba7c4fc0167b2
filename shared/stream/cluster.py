"""How Kafka is reached: addresses, and who we are there."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typing_extensions import override

from shared.errors import BadSettings
from shared.unsafe import is_loopback

MECHANISM = "SCRAM-SHA-512"
PROBE_MS = 5_000


@dataclass(frozen=True)
class Cluster:
    """Addresses of Kafka and the credentials of one principal.

    Attributes:
        bootstrap: `host:port`, separated by commas.
        protocol: `PLAINTEXT`, `SASL_PLAINTEXT` or `SASL_SSL`.
        ca_file: certificates that the brokers' are checked with; None: the system's.
    """

    bootstrap: str
    protocol: str = "PLAINTEXT"
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None

    def why_unsafe(self) -> str | None:
        """What does not fit together, or would let anybody in; names settings, never values."""
        named = bool(self.user), bool(self.password)
        if self.protocol != "PLAINTEXT":
            if named != (True, True):
                return (
                    "KAFKA_SASL_USER and KAFKA_SASL_PASSWORD are needed with "
                    f"KAFKA_SECURITY_PROTOCOL={self.protocol}"
                )
        elif any(named):
            return (
                "KAFKA_SASL_USER or KAFKA_SASL_PASSWORD is set, but KAFKA_SECURITY_PROTOCOL is "
                "PLAINTEXT, which asks for neither"
            )
        elif not all(is_loopback(address.rpartition(":")[0]) for address in self.addresses):
            return (
                "KAFKA_BOOTSTRAP_SERVERS is not loopback: set KAFKA_SECURITY_PROTOCOL to SASL_SSL, "
                "or to SASL_PLAINTEXT in a private network"
            )
        return None

    @property
    def addresses(self) -> list[str]:
        """Each `host:port`."""
        return [address.strip() for address in self.bootstrap.split(",")]

    @override
    def __str__(self) -> str:
        return self.bootstrap


Where = str | Cluster
"""A bare text is an address without credentials: a broker on this machine."""


def options(where: Where) -> dict[str, Any]:
    """What every client of aiokafka takes to get there. Raises BadSettings: no such CA file."""
    if isinstance(where, str):
        return {"bootstrap_servers": where}
    arguments: dict[str, Any] = {
        "bootstrap_servers": where.bootstrap,
        "security_protocol": where.protocol,
    }
    if where.protocol.endswith("SSL"):
        arguments["ssl_context"] = _trusting(where.ca_file)
    if where.protocol.startswith("SASL"):
        arguments |= {
            "sasl_mechanism": MECHANISM,
            "sasl_plain_username": where.user,
            "sasl_plain_password": where.password,
        }
    return arguments


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise BadSettings(
            f"KAFKA_TLS_CA_FILE: {ca_file} holds no certificates ({type(error).__name__})."
        ) from None


async def refuse_for_good(where: Where) -> None:
    """Tell "Kafka is away" from "this will never work": aiokafka says the same for both.

    Called when a client could not start; comes back when waiting is right.
    Raises: BadSettings: Kafka refuses this user with this password, or is not who it should be.
    """
    if isinstance(where, str) or not where.user:
        return
    # here, because the settings are read by tools that never talk to Kafka
    from aiokafka.conn import create_conn
    from aiokafka.errors import (
        KafkaError,
        SaslAuthenticationFailed,
        UnsupportedSaslMechanismError,
    )

    login = options(where)
    del login["bootstrap_servers"]
    for address in where.addresses:
        host, _, port = address.rpartition(":")
        try:
            connection = await create_conn(host, int(port), request_timeout_ms=PROBE_MS, **login)
        except (SaslAuthenticationFailed, UnsupportedSaslMechanismError):
            raise BadSettings(
                f"KAFKA_SASL_PASSWORD: Kafka refuses the user {where.user} with this password, "
                "or does not know the user: `prepare` sets both."
            ) from None
        except ssl.SSLCertVerificationError:
            raise BadSettings(
                f"KAFKA_TLS_CA_FILE: nobody in it vouches for the certificate of {address}."
            ) from None
        except (KafkaError, OSError, TimeoutError):
            continue
        connection.close()
        return
