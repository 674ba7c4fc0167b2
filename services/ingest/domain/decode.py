"""Bytes of a device or app to events, or the reason why not: the quick way, else element by element.

The quick way is one typed pass over the whole payload. Whatever it cannot take (an unknown field, a
wrong value, one bad element in an array) goes through `domain/salvage.py`, which judges each
element by itself.
"""

import functools
import operator
import types
from collections.abc import Sequence
from typing import Any

import msgspec

from services.ingest.domain.elements import STREAM_EVENTS, WIRE, Ask, Element, Refused
from services.ingest.domain.salvage import salvage
from shared.events import Dropped, Telemetry
from shared.masking import MAX_TEXT, mask

MAX_BYTES = 64 * 1024
MAX_ELEMENTS = 500

# fields in which people may write; the names of builds and parts are no free text
_FREE_TEXT = {
    "usage": "command",
    "feature_used": "feature",
    "setup_step": "step",
    "referral_shared": "channel",
    "interest_shown": "product",
    "help_viewed": "article",
}
_FREE: dict[type[Telemetry], str | None] = {
    wire: _FREE_TEXT.get(name) for name, wire in WIRE.items()
}


def _union(stream: str) -> Any:
    kinds = [WIRE[event.type_name()] for event in STREAM_EVENTS[stream]]
    return functools.reduce(operator.or_, kinds)


_ONE: dict[str, msgspec.json.Decoder[Telemetry]] = {
    stream: msgspec.json.Decoder(_union(stream)) for stream in STREAM_EVENTS
}
_MANY: dict[str, msgspec.json.Decoder[list[Telemetry]]] = {
    stream: msgspec.json.Decoder(types.GenericAlias(list, (_union(stream),)))
    for stream in STREAM_EVENTS
}
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def decode(payload: bytes, stream: str, source: str) -> Sequence[Element]:
    """The elements of a payload, in order; one bad element never rejects its array.

    Events are checked for shape, not yet for who sent them and when. Unknown scalar fields are kept
    in `extra`; unknown objects and arrays are left out; what ingest stamps itself is overwritten.

    Args:
        stream: of the MQTT topic, one of the four.
        source: of the MQTT topic.
    """
    if not payload:
        return [Refused("empty")]
    if len(payload) > MAX_BYTES:
        return [Refused("too_large")]
    try:
        if payload[0] == 0x7B:  # {
            events = [_ONE[stream].decode(payload)]
        else:
            events = _MANY[stream].decode(payload)
    except _BROKEN:
        return _ask(payload) or salvage(payload, stream, source)
    if (
        not 0 < len(events) <= MAX_ELEMENTS
        or payload.count(b'"seq"') > len(events)
        or (b"\\" in payload and b"\\u0000" in payload)
    ):
        return salvage(payload, stream, source)
    for event in events:
        if not _sound(event, stream, source):
            return salvage(payload, stream, source)
    return events


def _sound(event: Telemetry, stream: str, source: str) -> bool:
    """Whether an event that has the right shape needs no closer look."""
    sent = event.sent
    if event.at.tzinfo is None or (sent is not None and sent.tzinfo is None):
        return False
    if event.extra or (event.source and event.source != source):
        return False
    if event.seq is not None and event.boot is None:
        return False
    if event.firmware is not None and len(event.firmware) > MAX_TEXT:
        return False
    if isinstance(event, Dropped):
        return event.stream == stream and event.boot is not None
    free = _FREE[type(event)]
    if free is not None:
        text = getattr(event, free)
        if text:  # a word needs no search
            return len(text) <= MAX_TEXT and (text.isidentifier() or mask(text) == text)
    return True


def _ask(payload: bytes) -> list[Element] | None:
    """An ask is an object with that one field."""
    if len(payload) > 64 or not payload.lstrip().startswith(b'{"ask"'):
        return None
    try:
        asked = msgspec.json.decode(payload, type=dict[str, int])
    except _BROKEN:
        return None
    return [Ask(asked["ask"])] if len(asked) == 1 and asked["ask"] >= 0 else None
