"""An accepted event as a Kafka record: key, partition, CloudEvents headers."""

import itertools
from datetime import datetime

import msgspec

from services.ingest.domain.addresses import Address
from services.ingest.domain.elements import TOPIC_OF, WIRE
from services.ingest.domain.rejects import Reject
from shared import ids
from shared.events import Beacon, Telemetry
from shared.events.codec import JSON, SPEC, Headers, encode, headers
from shared.events.topics import BY_NAME, produced_by
from shared.stream.producer import Outgoing, partition_of

MAX_KEYS = 500_000  # places remembered: a hash costs more than a look-up
CLOCKED = tuple(topic.name for topic in produced_by("ingest") if topic.sequenced)

_encode = msgspec.json.Encoder().encode
_TYPE = {wire: f"io.playcaller.{name}.v1".encode() for name, wire in WIRE.items()}


def rfc3339(moment: datetime) -> bytes:
    """UTC with `Z`."""
    return moment.isoformat()[:-6].encode() + b"Z"


class Records:
    """Makes records; remembers where keys go."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], tuple[bytes, int]] = {}
        self._trace = ids.random_hex(64)
        self._count = itertools.count(1)

    def event(self, event: Telemetry, address: Address, id_: str) -> Outgoing:
        """The record of a judged event. Faults stay with their device, the rest with its owner."""
        customer = event.customer
        topic = TOPIC_OF[address.stream]
        if customer is None or topic == "device.fault":
            key, place = self._place(topic, f"d:{event.source}")
        else:
            key, place = self._place(topic, f"c:{customer}")
        made: Headers = [
            SPEC,
            ("ce_id", id_.encode()),
            ("ce_source", address.ce_source.encode()),
            ("ce_type", _TYPE[type(event)]),
            ("ce_time", rfc3339(event.at)),
            JSON,
            ("ce_subject", key[2:]),
            ("traceparent", self._traceparent()),
        ]
        return Outgoing(topic, place, key, _encode(event), made)

    def beacon(self, beacon: Beacon) -> list[Outgoing]:
        """Simulated time on every partition of the telemetry topics."""
        value = encode(beacon)
        id_ = f"beacon:{beacon.at.isoformat()}:{''.join(beacon.origins)}"
        made = headers(beacon, source="/ingest", id_=id_, subject=None)
        return [
            Outgoing(topic, partition, None, value, made)
            for topic in CLOCKED
            for partition in range(BY_NAME[topic].partitions)
        ]

    def rejected(self, reject: Reject) -> Outgoing:
        """The news of a reject, for on-call; without its bytes."""
        key, place = self._place("ingest.rejected", f"d:{reject.source}")
        news = reject.news
        made = headers(news, source="/ingest", id_=reject.id, subject=reject.source)
        return Outgoing("ingest.rejected", place, key, encode(news), made)

    def _place(self, topic: str, key: str) -> tuple[bytes, int]:
        found = self._places.get((topic, key))
        if found is None:
            if len(self._places) >= MAX_KEYS:
                self._places.clear()
            encoded = key.encode()
            found = self._places[topic, key] = (encoded, partition_of(topic, encoded))
        return found

    def _traceparent(self) -> bytes:
        """W3C trace context: a trace per event."""
        n = next(self._count)
        return f"00-{self._trace}{n:016x}-{n:016x}-01".encode()
