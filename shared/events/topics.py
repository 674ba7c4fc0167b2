"""The one table of Kafka topics; creation, health, AsyncAPI and tests are derived from it."""

from dataclasses import dataclass
from typing import Literal

Service = Literal["ingest", "journey", "support", "analytics", "console"]

DAY_MS = 86_400_000


@dataclass(frozen=True)
class Topic:
    """One topic.

    Attributes:
        producer: the only service that writes it.
        consumers: services whose group reads it; the group is named like the service.
        key: what a record's key starts with: customer `c:`, device or app `d:`.
        partitions: never changes in the life of a topic.
        onlookers: services that read it from the end, in no group: what they miss is no matter.
        retention_ms: None for a compacted topic.
        sequenced: telemetry, with duplicates removed by the ledger (else by the inbox).
        clocked: its partitions' time gates the consumer's clock. False for topics that feed back
            to an earlier service: those would make clocks wait for each other.
    """

    name: str
    producer: Service
    consumers: tuple[Service, ...]
    key: Literal["customer", "device", "source"]
    what: str
    partitions: int = 6
    retention_ms: int | None = 14 * DAY_MS
    onlookers: tuple[Service, ...] = ()
    sequenced: bool = False
    clocked: bool = True

    @property
    def compacted(self) -> bool:
        """Keeps the newest record per key instead of a span of time."""
        return self.retention_ms is None


TOPICS: tuple[Topic, ...] = (
    Topic("device.usage", "ingest", ("journey", "analytics"), "customer", "uses and heartbeats of devices", sequenced=True),
    Topic("device.fault", "ingest", ("support", "analytics"), "device", "faults and recoveries of devices", sequenced=True),
    Topic("device.lifecycle", "ingest", ("journey", "support", "analytics"), "customer", "set-up, firmware, integrations", sequenced=True),
    Topic("app.usage", "ingest", ("journey", "support", "analytics"), "customer", "what customers do in the app", sequenced=True),
    Topic("registry.changed", "ingest", ("journey", "support", "analytics"), "device", "registered, claimed, moved, retired"),
    Topic("customer.changed", "journey", ("support", "analytics", "ingest"), "customer", "the state of a customer, no personal data", retention_ms=None, clocked=False),
    Topic("journey.activity", "journey", (), "customer", "stages entered", onlookers=("console",)),
    Topic("support.activity", "support", ("journey", "analytics"), "customer", "tickets opened, reopened, resolved", clocked=False, onlookers=("console",)),
    Topic("analytics.finding", "analytics", ("journey",), "customer", "usage drops, recoveries, outages of collection", clocked=False, onlookers=("console",)),
    Topic("ingest.rejected", "ingest", (), "source", "what ingest refused, without the bytes"),
)  # fmt: skip
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}


def consumed_by(service: str) -> tuple[Topic, ...]:
    """The topics a service's group reads, in table order."""
    return tuple(topic for topic in TOPICS if service in topic.consumers)


def looked_on_by(service: str) -> tuple[Topic, ...]:
    """The topics a service reads from the end, in no group, in table order."""
    return tuple(topic for topic in TOPICS if service in topic.onlookers)


def produced_by(service: str) -> tuple[Topic, ...]:
    """The topics a service writes, in table order."""
    return tuple(topic for topic in TOPICS if topic.producer == service)
