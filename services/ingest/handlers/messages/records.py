"""An accepted event as a Kafka record: key, partition, CloudEvents headers."""

import itertools

import msgspec

from services.ingest.domain.messages.addresses import Address
from services.ingest.domain.messages.elements import TOPIC_OF, WIRE
from services.ingest.domain.rejects.rejects import Reject
from services.ingest.domain.sources.source import Source
from shared import ids
from shared.events import Beacon, Telemetry
from shared.events.codec import JSON, SPEC, Headers, encode, headers
from shared.events.topics import BY_NAME, produced_by
from shared.stream.producer import Outgoing, partition_of

CLOCKED = tuple(topic.name for topic in produced_by("ingest") if topic.sequenced)

_encode = msgspec.json.Encoder().encode
# per type: its header, and where `at` begins in its JSON (the field after `type`)
_WRITTEN = {
    wire: (("ce_type", f"io.playcaller.{name}.v1".encode()), len(f'{{"type":"{name}","at":"'))
    for name, wire in WIRE.items()
}


class Records:
    """Makes records; remembers where keys go."""

    def __init__(self) -> None:
        self._trace = f"00-{ids.random_hex(64)}"
        self._count = itertools.count(1)

    def event(self, event: Telemetry, address: Address, source: Source, id_: str) -> Outgoing:
        """The record of a judged event. Faults stay with their device, the rest with its owner."""
        stream = address.stream
        customer = event.customer
        place = source.places.get(stream)
        if place is None or place[0] != customer:
            place = source.places[stream] = (customer, *_place(event, stream))
        _, key, partition, subject = place
        value = _encode(event)
        type_, at = _WRITTEN[type(event)]
        n = next(self._count).to_bytes(8, "big").hex()
        pairs: Headers = [
            SPEC,
            ("ce_id", id_.encode()),
            address.header,
            type_,
            ("ce_time", value[at : value.index(b'"', at)]),
            JSON,
            subject,
            ("traceparent", f"{self._trace}{n}-{n}-01".encode()),
        ]
        return Outgoing(TOPIC_OF[stream], partition, key, value, pairs)

    def beacon(self, beacon: Beacon) -> list[Outgoing]:
        """Simulated time on every partition of the telemetry topics."""
        value = encode(beacon)
        id_ = f"beacon:{beacon.at.isoformat()}:{''.join(beacon.origins)}"
        pairs = headers(beacon, source="/ingest", id_=id_, subject=None)
        return [
            Outgoing(topic, partition, None, value, pairs)
            for topic in CLOCKED
            for partition in range(BY_NAME[topic].partitions)
        ]

    def rejected(self, reject: Reject) -> Outgoing:
        """The news of a reject, for on-call; without its bytes."""
        news = reject.news
        key = f"d:{news.source}".encode()
        pairs = headers(news, source="/ingest", id_=reject.id, subject=news.source)
        place = partition_of("ingest.rejected", key)
        return Outgoing("ingest.rejected", place, key, encode(news), pairs)


def _place(event: Telemetry, stream: str) -> tuple[bytes, int, tuple[str, bytes]]:
    """Key, partition and CloudEvents subject."""
    by_source = event.customer is None or stream == "fault"
    subject = (event.source if by_source else str(event.customer)).encode()
    key = (b"d:" if by_source else b"c:") + subject
    return key, partition_of(TOPIC_OF[stream], key), ("ce_subject", subject)
