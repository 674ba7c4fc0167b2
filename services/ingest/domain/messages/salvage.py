"""Element by element: keep what is good, name what is not."""

import math
import re
from typing import Any

import msgspec

from services.ingest.domain.messages.elements import (
    STREAM_EVENTS,
    STREAM_OF,
    WIRE,
    Element,
    Refused,
    is_boot,
)
from services.ingest.domain.messages.strict import MAX_NAME, NotJsonError, is_too_much, load, split
from shared import masking
from shared.events import Dropped, Telemetry
from shared.events.dropped import are_sound
from shared.events.event import MAX_SEQ
from shared.masking import MAX_TEXT, kept
from shared.parts import build, part

MAX_ELEMENTS = 500
MAX_EXTRA = 64
MAX_MEMBERS = 500  # of one event, whatever they hold

_WHERE = re.compile(r"at `\$\.([A-Za-z0-9_]+)")
_MISSING = re.compile(r"missing required field `([^`]+)`")
# what ingest stamps: whatever a source sends there is ignored
_STAMPED = frozenset(
    {"customer", "received_at", "raw_at", "clock_suspect", "model", "late", "extra"}
)
_TYPES = {
    stream: {event.type_name() for event in events} for stream, events in STREAM_EVENTS.items()
}
_MAX_INT = 2**63
_AS_IT_IS = frozenset({"boot", "source", "code"})  # fields with a form of their own
_FORMS = {"component": part, "firmware": build, "to_firmware": build, "from_firmware": build}


def salvage(payload: bytes, stream: str, source: str) -> list[Element]:
    """The elements of a payload that the quick way could not take, in order."""
    try:
        payload.decode()
        if payload.lstrip(b" \t\n\r")[:1] != b"[":
            return [_element(payload, stream, source)]
        raws = split(payload, MAX_ELEMENTS)
    except UnicodeDecodeError:
        return [Refused("not_utf8")]
    except NotJsonError as error:
        return [Refused(error.reason, error.detail)]
    return [_element(raw, stream, source) for raw in raws] or [Refused("empty")]


def _element(raw: bytes, stream: str, source: str) -> Element:
    """One event, or why not."""
    if is_too_much(raw, MAX_MEMBERS):
        return Refused("not_an_object" if raw.lstrip()[:1] == b"[" else "too_many_fields", raw=raw)
    try:
        fields = load(raw)
    except NotJsonError as error:
        return Refused(error.reason, error.detail, raw=raw)
    if not isinstance(fields, dict):
        return Refused("not_an_object", raw=raw)
    told = _event(fields, stream, source)
    if isinstance(told, Refused):
        told.raw = raw
        told.boot, told.seq = _identity(fields)
    return told


def _identity(fields: dict[str, Any]) -> tuple[str | None, int | None]:
    """boot and seq of a refused element, where both are sound."""
    boot, seq = fields.get("boot"), fields.get("seq")
    if _is_boot(boot) and _is_seq(seq):
        return boot, seq
    return None, None


def _is_boot(value: object) -> bool:
    return isinstance(value, str) and is_boot(value)


def _is_seq(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SEQ


def _event(fields: dict[str, Any], stream: str, source: str) -> Telemetry | Refused:
    """The event these fields are, with what is unknown in `extra`."""
    refused = _kind(fields, stream) or _head(fields, source)
    if refused is not None:
        return refused
    wire = WIRE[fields["type"]]
    names = {"type", *wire.__struct_fields__}
    known = {k: v for k, v in fields.items() if k in names and k not in _STAMPED}
    for name, value in known.items():
        if isinstance(value, float) and math.isinf(value):
            return Refused("bad_time" if name in {"at", "sent"} else "out_of_range", name)
    try:
        event: Telemetry = msgspec.convert(known, wire)
    except msgspec.ValidationError as error:
        return _invalid(str(error))
    unknown = {k: v for k, v in fields.items() if k not in names}
    return _checked(event, unknown, stream)


def _kind(fields: dict[str, Any], stream: str) -> Refused | None:
    """Whether the stream has such a type."""
    if "type" not in fields:
        return Refused("missing_field", "type")
    kind = fields["type"]
    if not isinstance(kind, str):
        return Refused("wrong_type", "type")
    if kind in _TYPES[stream]:
        return None
    return Refused("wrong_stream" if kind in STREAM_OF else "unknown_type", kind[:MAX_NAME])


def _head(fields: dict[str, Any], source: str) -> Refused | None:
    """Source, identity and times, and NUL anywhere."""
    if fields.get("source") not in (None, "", source):
        return Refused("source_mismatch", "source")
    for name, value in fields.items():
        if "\0" in name or (isinstance(value, str) and "\0" in value):
            return Refused("nul_in_string", name.replace("\0", "")[:MAX_NAME])
    seq, boot = fields.get("seq"), fields.get("boot")
    if seq is not None and not _is_seq(seq):
        return Refused("bad_seq", "seq")
    if boot is not None and not _is_boot(boot):
        return Refused("bad_boot", "boot")
    if boot is None and (seq is not None or fields["type"] == Dropped.type_name()):
        return Refused("missing_field", "boot")
    return None


def _invalid(message: str) -> Refused:
    """msgspec's message as one of our reasons, naming the field."""
    missing = _MISSING.search(message)
    if missing is not None:
        return Refused("missing_field", missing[1])
    where = _WHERE.search(message)
    field = where[1] if where is not None else ""
    if field in {"at", "sent"}:
        return Refused("bad_time", field)
    wrong = message.startswith("Expected `") and ", got `" in message
    return Refused("wrong_type" if wrong else "out_of_range", field)


def _checked(event: Telemetry, unknown: dict[str, Any], stream: str) -> Telemetry | Refused:
    """What the types alone cannot say; then unknown and free text as it may travel."""
    if event.at.tzinfo is None:
        return Refused("bad_time", "at")
    if event.sent is not None and event.sent.tzinfo is None:
        return Refused("bad_time", "sent")
    if isinstance(event, Dropped) and event.stream != stream:
        return Refused("wrong_stream", "stream")
    if isinstance(event, Dropped) and not are_sound(event.ranges):
        return Refused("out_of_range", "ranges")
    extra = {name: value for name, value in unknown.items() if _is_scalar(value)}
    if len(extra) > MAX_EXTRA:
        return Refused("too_many_fields")
    msgspec.structs.force_setattr(event, "extra", masking.undeclared(extra))
    return _texts(event) or event


def _texts(event: Telemetry) -> Refused | None:
    """Known texts as they may travel."""
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if isinstance(value, str) and name not in _AS_IT_IS:
            if len(value) > MAX_TEXT:
                return Refused("out_of_range", name)
            msgspec.structs.force_setattr(event, name, _FORMS.get(name, kept)(value))
    return None


def _is_scalar(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return -_MAX_INT <= value < _MAX_INT
    return value is None or isinstance(value, str)
