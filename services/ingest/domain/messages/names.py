"""Is a field there twice? Told by counting quotation marks; only where that does not do, by the names.

Of two fields with one name JSON readers keep the last. What was kept has at least so many quotation
marks as its fields need; a payload that has just so many names nothing twice.
"""

import re
from typing import Any

import msgspec
from msgspec.structs import fields

from services.ingest.domain.messages.elements import WIRE
from shared.events import Telemetry

TEXT = 4  # quotation marks of a field whose value is a text, a time or a word: two, and two of its name
NUMBER = 2  # of any other field
_NUMBERS = frozenset(
    {"seq", "count", "battery", "temperature_c", "took_s", "every_s", "stars", "ranges"}
)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_FIELDS_OF_MANY = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
# with none of these each name is followed by `":`, so that names can be counted
_BEFORE_COLON = re.compile(rb"[ \t\r\n]:")


def _own(name: str) -> int:
    return NUMBER if name in _NUMBERS else TEXT


def _needed(wire: type[Telemetry]) -> int:
    """Marks of what every event of a type has, beside its `type`."""
    asked = [f.name for f in fields(wire) if f.default is msgspec.NODEFAULT and f.name != "extra"]
    return sum(map(_own, asked))


def _optional(wire: type[Telemetry]) -> tuple[tuple[str, Any, int], ...]:
    """(field of that type alone, its value when nobody names it, its marks)."""
    own = [f for f in fields(wire) if f.name not in Telemetry.__struct_fields__]
    return tuple(
        (f.name, f.default, _own(f.name)) for f in own if f.default is not msgspec.NODEFAULT
    )


NEEDED = {wire: _needed(wire) for wire in WIRE.values()}
OPTIONAL = {wire: _optional(wire) for wire in WIRE.values()}


def are_single(payload: bytes) -> bool:
    """Whether no name is there twice in JSON that has been read, and has more marks than it needs.

    False also where only a closer look could tell.
    """
    if payload[0] == 0x7B:  # {
        names = len(_FIELDS.decode(payload))
    else:
        names = sum(map(len, _FIELDS_OF_MANY.decode(payload)))
    return payload.count(b'":') == names and not _BEFORE_COLON.search(payload)
