"""What a chunk of messages becomes: records, acks, rejects. Decides; touches nothing."""

from dataclasses import dataclass, field
from datetime import datetime

from services.ingest.domain.buckets.beacons import Tick
from services.ingest.domain.messages.addresses import Address
from services.ingest.domain.messages.message import Message
from services.ingest.domain.rejects.rejects import Reject
from services.ingest.domain.sources.firmware import Told
from services.ingest.domain.sources.source import Source
from shared.events import Telemetry
from shared.stream.producer import Outgoing


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A lifecycle fact of a source nobody owns yet: the one who claims it adopts it."""

    id: str
    source: str
    event: Telemetry
    record: Outgoing | None = None


@dataclass(slots=True)
class Plan:
    """All that follows from a chunk.

    Attributes:
        records: for Kafka, in order.
        confirmed: (address, boot, seq) to acknowledge once Kafka has the records.
        asks: to answer after everything before them.
        rejects: (address, reject); to be stored before the broker may forget the message.
        facts: to be stored before Kafka has their records, or a claim in between is given nothing.
        held: messages whose source cannot be looked up now; they come again, in order.
        taken: messages that are through, once records are safe.
        bound: those of them that wait for rows, too.
        ticks: bucket clocks that moved.
        cured: stored rejects that were taken now, by id.
        heard: sources and boots, for `last_seen`.
        firmware: by source, what it told that it runs now.
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
    firmware: dict[str, list[Told]] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        """Whether rows must be stored before the messages are through."""
        return bool(self.rejects or self.facts or self.ticks or self.cured)

    @property
    def waits_for(self) -> set[str]:
        """Sources whose next messages must wait until the rows are stored."""
        return {reject.source for _, reject in self.rejects} | self.fact_sources

    @property
    def fact_sources(self) -> set[str]:
        """Sources that told something while nobody owned them."""
        return {fact.source for fact in self.facts}

    def without_facts(self) -> "Plan":
        """Take out what may not be sent nor told before the facts are stored, as a plan of its own.

        Of these sources nothing is told before that; only the records of facts wait.
        """
        waiting, late = self.fact_sources, {id(fact.record) for fact in self.facts}
        after = Plan(
            records=[record for record in self.records if id(record) in late],
            confirmed=[
                confirmation for confirmation in self.confirmed if confirmation[0].source in waiting
            ],
            asks=[ask for ask in self.asks if ask[0].source in waiting],
        )
        self.records = [record for record in self.records if id(record) not in late]
        self.confirmed = [
            confirmation for confirmation in self.confirmed if confirmation[0].source not in waiting
        ]
        self.asks = [ask for ask in self.asks if ask[0].source not in waiting]
        return after


Sources = dict[str, Source]
