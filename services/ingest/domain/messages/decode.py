"""Bytes of a device or app to events, or the reason why not: the quick way, else element by element.

The quick way is one typed pass over the whole payload. Whatever it cannot take (an unknown field, a
wrong value, one bad element in an array) goes through `salvage.py`, which judges each
element by itself.
"""

import functools
import operator
import types
from collections.abc import Callable, Container, Sequence
from typing import Any

import msgspec

from services.ingest.domain.messages.elements import (
    DROPPED,
    STREAM_EVENTS,
    WIRE,
    Ask,
    Element,
    Refused,
    is_boot,
)
from services.ingest.domain.messages.names import NEEDED, NUMBER, OPTIONAL, TEXT, are_single
from services.ingest.domain.messages.salvage import MAX_ELEMENTS, salvage
from shared.events import Telemetry
from shared.events.dropped import are_sound
from shared.masking import MAX_TEXT, mask
from shared.normal import normal
from shared.parts import build, part

MAX_BYTES = 64 * 1024

# the field of a type in which people may write
_FREE_TEXT = {
    "usage": "command",
    "feature_used": "feature",
    "setup_step": "step",
    "referral_shared": "channel",
    "interest_shown": "product",
    "help_viewed": "article",
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
# the names of parts and builds, which are no free text
_NAMES: dict[str, tuple[tuple[str, Callable[[str], str]], ...]] = {
    "fault": (("component", part),),
    "recovered": (("component", part),),
    "firmware_updated": (("to_firmware", build), ("from_firmware", build)),
}
# marks of the fields every event of a type has, its other fields, and the texts in it
_SHAPES = {
    wire: (NEEDED[wire], OPTIONAL[wire], _FREE_TEXT.get(name), _NAMES.get(name, ()))
    for name, wire in WIRE.items()
}
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def decode(
    payload: bytes, stream: str, source: str, boots: Container[str] = ()
) -> Sequence[Element]:
    """The elements of a payload, in order; one bad element never rejects its array.

    Events are checked for shape, not yet for who sent them and when. Unknown scalar fields are kept
    in `extra`; unknown objects and arrays are left out; what ingest stamps itself is overwritten.

    Args:
        stream: of the MQTT topic, one of the four.
        source: of the MQTT topic.
        boots: of that source, already known to have the right form.
    """
    if not payload:
        return [Refused("empty")]
    if len(payload) > MAX_BYTES:
        return [Refused("too_large")]
    try:
        if payload[0] == 0x7B:  # {
            events: Sequence[Telemetry] = (_ONE[stream].decode(payload),)
        else:
            events = _MANY[stream].decode(payload)
    except _BROKEN:
        return _ask(payload) or salvage(payload, stream, source)
    if not 0 < len(events) <= MAX_ELEMENTS or (b"\\" in payload and b"\\u0000" in payload):
        return salvage(payload, stream, source)
    marks = 0
    for event in events:
        head, own = _head(event, source, boots), _own(event, stream)
        if not head or not own:
            return salvage(payload, stream, source)
        marks += head + own
    if payload.count(b'"') == marks or are_single(payload):
        return events
    return salvage(payload, stream, source)


def _head(event: Telemetry, source: str, boots: Container[str]) -> int:
    """Quotation marks of what every event may have; 0: it needs a closer look."""
    boot, sent, firmware = event.boot, event.sent, event.firmware
    if event.at.tzinfo is None or event.extra or (event.source and event.source != source):
        return 0
    marks = TEXT  # of its type
    if boot is not None:
        if boot not in boots and not is_boot(boot):
            return 0
        marks += TEXT
    if event.seq is not None:
        if boot is None:
            return 0
        marks += NUMBER
    if sent is not None:
        if sent.tzinfo is None:
            return 0
        marks += TEXT
    if firmware is not None:
        if build(firmware) != firmware:
            return 0
        marks += TEXT
    return marks


def _own(event: Telemetry, stream: str) -> int:
    """Quotation marks of what events of its type have; 0: it needs a closer look."""
    marks, optional, free, names = _SHAPES[type(event)]
    for name, unnamed, more in optional:
        if getattr(event, name) != unnamed:
            marks += more
    if free is not None:
        text: str = getattr(event, free) or ""
        # a word needs no search for people
        plain = text.isidentifier() and text.isascii() and len(text) <= MAX_TEXT
        if text and not plain and (len(text) > MAX_TEXT or mask(normal(text)) != text):
            return 0
    if names and not _names_are_sound(event, names):
        return 0
    return marks if type(event) is not DROPPED or _is_report(event, stream) else 0


def _is_report(event: Any, stream: str) -> bool:
    """Whether a `dropped` tells of this stream, and of what can be."""
    return event.stream == stream and event.boot is not None and are_sound(event.ranges)


def _names_are_sound(event: Telemetry, names: tuple[tuple[str, Callable[[str], str]], ...]) -> bool:
    """Whether every name of a part or a build is in the form in which it travels."""
    for name, form in names:
        named = getattr(event, name)
        if named and form(named) != named:
            return False
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
