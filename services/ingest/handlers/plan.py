"""What a chunk of messages becomes: records, acks, rejects. Decides; touches nothing."""

from dataclasses import dataclass, field
from datetime import datetime

from services.ingest.domain.addresses import Address
from services.ingest.domain.beacons import Tick
from services.ingest.domain.message import Message
from services.ingest.domain.rejects import Reject
from services.ingest.domain.source import Source
from shared.events import Telemetry
from shared.stream.producer import Outgoing


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A lifecycle fact of a source nobody owns yet: the one who claims it adopts it."""

    id: str
    source: str
    event: Telemetry


@dataclass(slots=True)
class Plan:
    """All that follows from a chunk.

    Attributes:
        records: for Kafka, in order.
        confirmed: (address, boot, seq) to acknowledge once Kafka has the records.
        asks: to answer after everything before them.
        rejects: (address, reject); to be stored before the broker may forget the message.
        held: messages whose source cannot be looked up now; they come again, in order.
        taken: messages that are through, once records are safe.
        bound: those of them that wait for rows, too.
        ticks: bucket clocks that moved.
        cured: stored rejects that were taken now, by id.
        heard: sources and boots, for `last_seen`.
    """

    records: list[Outgoing] = field(default_factory=list)
    confirmed: list[tuple[Address, str, int]] = field(default_factory=list)
    asks: list[tuple[Address, int]] = field(default_factory=list)
    rejects: list[tuple[Address, Reject]] = field(default_factory=list)
    facts: list[Unclaimed] = field(default_factory=list)
    held: list[Message] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)
    bound: list[Message] = field(default_factory=list)
    ticks: dict[str, Tick] = field(default_factory=dict)
    cured: list[str] = field(default_factory=list)
    heard: dict[str, datetime] = field(default_factory=dict)
    boots: dict[tuple[str, str], datetime] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        """Whether rows must be stored before the messages are through."""
        return bool(self.rejects or self.facts or self.ticks or self.cured)


Sources = dict[str, Source]
