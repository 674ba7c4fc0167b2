"""Element by element: keep what is good, name what is not."""

import json
import math
import re
from typing import Any

import msgspec

from services.ingest.domain.elements import STREAM_EVENTS, STREAM_OF, WIRE, Element, Refused
from shared.events import Dropped, Telemetry
from shared.events.event import MAX_SEQ, Scalar
from shared.masking import MAX_TEXT, is_about_people, kept, word

MAX_ELEMENTS = 500
MAX_EXTRA = 64
MAX_NAME = 64  # characters of an unknown field's name
MAX_DIGITS = 20  # a longer number is outside of every range we have

_BOOT = re.compile(r"[0-9a-f]{16,64}")
_WHERE = re.compile(r"at `\$\.([A-Za-z0-9_]+)")
_MISSING = re.compile(r"missing required field `([^`]+)`")
# what ingest stamps: whatever a source sends there is ignored
_STAMPED = frozenset(
    {"customer", "received_at", "raw_at", "clock_suspect", "model", "late", "extra"}
)
_MAX_INT = 2**63


class _NotJson(ValueError):
    """The parser's reason."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.refused = Refused(reason, detail)


def salvage(payload: bytes, stream: str, source: str) -> list[Element]:
    """The elements of a payload that the quick way could not take, in order."""
    try:
        payload.decode()
    except UnicodeDecodeError:
        return [Refused("not_utf8")]
    if payload.lstrip()[:1] != b"[":
        return [_element(payload, stream, source)]
    try:
        raws = msgspec.json.decode(payload, type=list[msgspec.Raw])
    except RecursionError:
        return [Refused("too_deep")]
    except msgspec.DecodeError:
        return [Refused(_why_not_json(payload))]
    if len(raws) > MAX_ELEMENTS:
        return [Refused("too_many_elements")]
    return [_element(bytes(raw), stream, source) for raw in raws] or [Refused("empty")]


def _element(raw: bytes, stream: str, source: str) -> Element:
    """One event, or why not."""
    try:
        fields = _load(raw)
    except _NotJson as error:
        error.refused.raw = raw
        return error.refused
    if not isinstance(fields, dict):
        return Refused("not_an_object", raw=raw)
    made = _event(fields, stream, source)
    if isinstance(made, Refused):
        made.raw = raw
        made.boot, made.seq = _identity(fields)
    return made


def _load(raw: bytes) -> Any:
    """JSON with its rules kept: no NaN, no field twice, numbers of any length."""
    try:
        msgspec.json.decode(raw)
    except RecursionError:
        raise _NotJson("too_deep") from None
    except msgspec.ValidationError:
        pass  # a number no float holds: judged by the field it is in
    except msgspec.DecodeError:
        raise _NotJson(_why_not_json(raw)) from None
    return json.loads(raw, object_pairs_hook=_once, parse_int=_int)


def _int(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_DIGITS else math.inf


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _NotJson("duplicate_key", name[:MAX_NAME])
        found[name] = value
    return found


def _why_not_json(raw: bytes) -> str:
    def constant(word: str) -> float:
        raise _NotJson("not_a_number", word)

    try:
        json.loads(raw, parse_constant=constant, parse_int=_int)
    except _NotJson as error:
        return error.refused.reason
    except RecursionError:
        return "too_deep"
    except ValueError:
        pass
    return "malformed_json"


def _identity(fields: dict[str, Any]) -> tuple[str | None, int | None]:
    """boot and seq of a refused element, where both are sound."""
    boot, seq = fields.get("boot"), fields.get("seq")
    if _is_boot(boot) and _is_seq(seq):
        return boot, seq
    return None, None


def _is_boot(value: object) -> bool:
    return isinstance(value, str) and _BOOT.fullmatch(value) is not None


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
            return Refused("out_of_range", name)
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
    if any(event.type_name() == kind for event in STREAM_EVENTS[stream]):
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
    extra = {name: value for name, value in unknown.items() if _is_scalar(value)}
    if len(extra) > MAX_EXTRA:
        return Refused("too_many_fields")
    masked = {word(name)[:MAX_NAME]: _scalar(name, value) for name, value in extra.items()}
    msgspec.structs.force_setattr(event, "extra", masked)
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if isinstance(value, str) and name not in {"boot", "source"}:
            if len(value) > MAX_TEXT:
                return Refused("out_of_range", name)
            if name not in {"firmware", "to_firmware", "from_firmware", "component", "code"}:
                msgspec.structs.force_setattr(event, name, kept(value))
    return event


def _is_scalar(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return -_MAX_INT <= value < _MAX_INT
    return value is None or isinstance(value, str)


def _scalar(name: str, value: Any) -> Scalar:
    if value is not None and is_about_people(name):
        return "[personal]"
    return word(value) if isinstance(value, str) else value
