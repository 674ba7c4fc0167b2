"""Is a field there twice? Told by counting quotation marks; only where that does not do, by the names.

Of two fields with one name JSON readers keep the last. What was kept has at least so many quotation
marks as its fields need; a payload that has just so many names nothing twice.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import fields

from services.ingest.domain.messages.elements import WIRE
from shared.events import Telemetry

_TEXT = 4  # quotation marks of a field whose value is a text, a time or a word: two, and two of its name
_NUMBER = 2  # of any other field
_NUMBERS = frozenset(
    {"seq", "count", "battery", "temperature_c", "took_s", "every_s", "stars", "ranges"}
)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_FIELDS_OF_MANY = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
# with none of these each name is followed by `":`, so that names can be counted
_BEFORE_COLON = re.compile(rb"[ \t\r\n]:")


def _own(name: str) -> int:
    return _NUMBER if name in _NUMBERS else _TEXT


def _needed(wire: type[Telemetry]) -> int:
    """Marks of what every event of a type has, its `type` among them."""
    asked = [f.name for f in fields(wire) if f.default is msgspec.NODEFAULT and f.name != "extra"]
    return _TEXT + sum(map(_own, asked))


def _optional(wire: type[Telemetry]) -> tuple[tuple[str, Any, int], ...]:
    """(field of that type alone, its value when nobody names it, its marks)."""
    own = [f for f in fields(wire) if f.name not in Telemetry.__struct_fields__]
    return tuple(
        (f.name, f.default, _own(f.name)) for f in own if f.default is not msgspec.NODEFAULT
    )


_SHAPES = {wire: (_needed(wire), _optional(wire)) for wire in WIRE.values()}


def _marks(event: Telemetry) -> int:
    """Quotation marks that the fields of an event need at least; no source sends what we stamp."""
    marks, optional = _SHAPES[type(event)]
    if event.boot is not None:
        marks += _TEXT
    if event.seq is not None:
        marks += _NUMBER
    if event.sent is not None:
        marks += _TEXT
    if event.firmware is not None:
        marks += _TEXT
    for name, unnamed, more in optional:
        if getattr(event, name) != unnamed:
            marks += more
    return marks


def are_single(payload: bytes, events: Sequence[Telemetry]) -> bool:
    """Whether no name is there twice; False also where only a closer look could tell.

    Args:
        events: what the payload, which is JSON, was read as.
    """
    marks = _marks(events[0]) if len(events) == 1 else sum(map(_marks, events))
    if payload.count(b'"') == marks:
        return True
    if payload[0] == 0x7B:  # {
        names = len(_FIELDS.decode(payload))
    else:
        names = sum(map(len, _FIELDS_OF_MANY.decode(payload)))
    return payload.count(b'":') == names and not _BEFORE_COLON.search(payload)
