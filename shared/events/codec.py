"""Bytes <-> events, and the CloudEvents 1.0 headers of a Kafka record (binary mode)."""

import functools
import operator
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from shared.events import EVENTS, Event, Telemetry

Headers = list[tuple[str, bytes]]

_encoder = msgspec.json.Encoder()
_orderly = msgspec.json.Encoder(order="deterministic")
_union: Any = functools.reduce(operator.or_, EVENTS)
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(_union)

MAX_HEADER = 512  # bytes; ours have less than 150, and an identity has to fit into an index
SPEC = ("ce_specversion", b"1.0")
JSON = ("content-type", b"application/json")
TYPE = {event: f"io.playcaller.{event.type_name()}.v1".encode() for event in EVENTS}


def encode(event: Event) -> bytes:
    """The JSON value of a record."""
    return _encoder.encode(event)


def decode(value: bytes) -> Event:
    """The event of a record's value.

    Raises: msgspec.DecodeError (msgspec.ValidationError among them): not one of our events.
    """
    return _decoder.decode(value)


SAID = frozenset({"at", "boot", "seq", "source", "extra"})
_STAMPED = {
    field.name: field.default
    for field in msgspec.structs.fields(Telemetry)
    if field.name not in SAID
}


def said(event: Telemetry) -> bytes:
    """What the source said: equal bytes when it sends the same event again.

    Left out is what differs then: when it was sent, and all that ingest stamps over it.
    """
    return _orderly.encode(msgspec.structs.replace(event, **{**_STAMPED, "at": event.sent_at}))


def mark(event: Telemetry) -> int:
    """CRC-32 of `said`."""
    return zlib.crc32(said(event))


def rfc3339(moment: datetime) -> str:
    """UTC with `Z`, e.g. `2026-03-01T07:12:30Z`."""
    return moment.isoformat().replace("+00:00", "Z")


def headers(
    event: Event, *, source: str, id_: str, subject: str | None, trace: str | None = None
) -> Headers:
    """CloudEvents headers; (`ce_source`, `ce_id`) is the event's identity.

    Source: CloudEvents 1.0 Kafka protocol binding, section 3.2 (binary content mode).
    """
    pairs: Headers = [
        SPEC,
        ("ce_id", id_.encode()),
        ("ce_source", source.encode()),
        ("ce_type", TYPE[type(event)]),
        ("ce_time", rfc3339(event.at).encode()),
        JSON,
    ]
    if subject is not None:
        pairs.append(("ce_subject", subject.encode()))
    if trace is not None:
        pairs.append(("traceparent", trace.encode()))
    return pairs


def telemetry_source(event: Telemetry) -> str:
    """`ce_source` of telemetry: who and which stream, e.g. `/cam-1/usage`."""
    return f"/{event.source}/{event.STREAM}"


def identity(source: str, id_: str) -> str:
    """One text for (`ce_source`, `ce_id`), e.g. `/cam-1/usage#9f1c2ab37d405e68:1042`."""
    return f"{source}#{id_}"


def header(headers: Sequence[tuple[str, bytes | None]], name: str) -> str | None:
    """The value of the first header of that name; None too where it is no text we could store."""
    for key, value in headers:
        if key == name:
            if value is None or len(value) > MAX_HEADER or b"\0" in value:
                return None
            try:
                return value.decode()
            except UnicodeDecodeError:
                return None
    return None
