"""Where the running servers are, as services and people need it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Endpoints:
    """Addresses of what runs; None for a server that was not asked for."""

    kafka_bootstrap_servers: str | None = None
    mqtt_url: str | None = None  # for devices and apps with a password
    mqtt_certificate_url: str | None = None  # for devices with a certificate
    mqtt_websocket_url: str | None = None
    smtp_url: str | None = None
    database_urls: Mapping[str, str] = field(default_factory=dict)  # by service; with passwords
    owner_urls: Mapping[str, str] = field(
        default_factory=dict
    )  # for migrations, never for services
    pids: Mapping[str, int] = field(default_factory=dict)  # by server
    ingest: Mapping[str, str] = field(default_factory=dict)  # what ingest is told of the broker

    def environment(self, service: str) -> dict[str, str]:
        """Return the environment variables that tell `service` where its servers are."""
        known = {
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka_bootstrap_servers,
            "SMTP_URL": self.smtp_url,
            "DATABASE_URL": self.database_urls.get(service),
            "DURABILITY": "single",
        }
        more = self.ingest if service == "ingest" else {}
        return {name: value for name, value in known.items() if value is not None} | dict(more)
