"""The pages of events, topics and reject reasons, made from what the code decides by."""

from collections.abc import Iterable
from importlib import import_module

import msgspec
from msgspec import inspect

from services.ingest.domain.rejects.reasons import CURABLE, KEEP, KEEP_CURABLE, MOST_BYTES, REASONS
from shared.events import APP_EVENTS, DEVICE_EVENTS, NEWS, Event, News, Telemetry
from shared.events.codec import encode
from shared.events.samples import BY_TYPE
from shared.events.topics import DAY_MS, TOPICS, Topic
from tools.reference.pages import MADE

SENT = ("type", "boot", "seq", "at", "sent")  # what a source says besides its own fields
STAMPED = frozenset(Telemetry.__struct_fields__) - {*SENT, "firmware"}
COMMON = {
    Telemetry: frozenset(Telemetry.__struct_fields__),
    News: frozenset(News.__struct_fields__),
}
_LIMITS = {"ge": "from", "gt": "above", "le": "to", "lt": "below", "max_length": "up to"}


def events() -> str:
    """Every event type with its own fields and a sample."""
    return f"""# Events

{MADE}

The field `type` tells events apart. JSON Schema: [schemas/](schemas/). Every moment is RFC 3339
with a zone. How sources send telemetry: [mqtt.md](mqtt.md). A field without a default is required.

What a source sends in every event: `type`, `at` (when it happened), `sent` (its clock at sending),
`boot` and `seq` (its identity). What ingest adds to telemetry in Kafka: `source`, `customer`,
`received_at`, `model`, `firmware`, and where they apply `raw_at`, `clock_suspect`, `late`, `extra`.

## Of devices

{_all(DEVICE_EVENTS)}
## Of apps

{_all(APP_EVENTS)}
## Of our own services

{_all(NEWS)}"""


def topics() -> str:
    """Every Kafka topic."""
    lines = [
        "| topic | key | from | for | partitions | kept | what |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_topic_line(topic) for topic in TOPICS]
    rows = "\n".join(lines)
    return f"""# Kafka topics

{MADE}

Values are JSON, headers are CloudEvents 1.0 in binary mode; [asyncapi.json](asyncapi.json) has
every message. Keys begin with `c:` (customer) or `d:` (device or app). Timestamps are the broker's
(LogAppendTime). The number of partitions never changes in the life of a topic. A group is named
like its service.

{rows}

`customer.changed` is compacted: its newest record per customer is kept for ever. `./playcaller
topics` makes what is missing and refuses a topic with another number of partitions.
"""


def rejects() -> str:
    """Every reason for which ingest refuses something."""
    lines = ["| reason | what it means | judged again |", "|---|---|---|"]
    for reason, sentence in REASONS.items():
        lines.append(f"| `{reason}` | {sentence} | {'yes' if reason in CURABLE else 'no'} |")
    rows = "\n".join(lines)
    return f"""# Reject reasons

{MADE}

`GET /v1/rejects` of ingest lists what was refused. The bytes are kept {KEEP.days} days,
of one source {MOST_BYTES // 2**20} MiB at the most: the oldest are emptied first, and their row says so. Those that
can be cured are kept {KEEP_CURABLE.days} days and judged again, with the time at which they were
received, when the registry or the catalogue of event types changes. In every case the source is
told, and must not send them again. One bad element never rejects the others of its array.

{rows}
"""


def kind_of(type_: inspect.Type) -> str:
    """What a field may hold, in a few words.

    >>> kind_of(inspect.type_info(int | None))
    'whole number'
    """
    match type_:
        case inspect.UnionType(types=types):
            return " or ".join(kind_of(t) for t in types if not isinstance(t, inspect.NoneType))
        case inspect.LiteralType(values=values):
            return " ".join(f"`{value}`" for value in sorted(map(str, values)))
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return f"list of {kind_of(item)}"
        case inspect.TupleType(item_types=items):
            return "[" + ", ".join(kind_of(item) for item in items) + "]"
        case inspect.DictType():
            return "object"
        case inspect.StructType(fields=fields):
            return "object: " + ", ".join(f"`{field.encode_name}`" for field in fields)
        case inspect.Metadata(type=inner):
            return kind_of(inner)
        case _:
            return _plain(type_)


def _plain(type_: inspect.Type) -> str:
    names = {
        inspect.StrType: "text",
        inspect.IntType: "whole number",
        inspect.FloatType: "number",
        inspect.BoolType: "true or false",
        inspect.DateTimeType: "moment",
        inspect.DateType: "date",
    }
    limits = [
        f"{word} {limit}"
        for name, word in _LIMITS.items()
        if (limit := getattr(type_, name, None)) is not None
    ]
    pattern = getattr(type_, "pattern", None)
    if pattern is not None:
        limits.append(f"like `{pattern}`")
    return " ".join([names[type(type_)], *limits])


def _all(kinds: Iterable[type[Event]]) -> str:
    return "\n".join(_one(kind) for kind in kinds)


def _one(event: type[Event]) -> str:
    base = Telemetry if issubclass(event, Telemetry) else News
    info = inspect.type_info(event)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - events are structs
    own = [field for field in info.fields if field.name not in COMMON[base]]
    sentence = (import_module(event.__module__).__doc__ or "").partition("\n")[0]
    where = f"topic `{event.TOPIC}`"
    if issubclass(event, Telemetry):
        where = f"stream `{event.STREAM}`, {where}"
    lines = [f"### `{event.type_name()}`", "", f"{sentence} ({where})", ""]
    if own:
        lines += [*(_field(field) for field in own), ""]
    lines += ["```json", _sample(event), "```", ""]
    return "\n".join(lines)


def _field(field: inspect.Field) -> str:
    said = f"- `{field.encode_name}`: {kind_of(field.type)}"
    if field.required:
        return said
    if field.default in (None, "", msgspec.NODEFAULT):
        return f"{said}; may be left out"
    return f"{said}; `{msgspec.json.encode(field.default).decode()}` if left out"


def _sample(event: type[Event]) -> str:
    """As a source sends it; of our own services as it stands in Kafka."""
    fields = msgspec.json.decode(encode(BY_TYPE[event]))
    shown = {name: value for name, value in fields.items() if name not in STAMPED}
    if issubclass(event, Telemetry):
        shown.pop("firmware", None)
        shown |= fields.get("extra", {})
    else:
        shown = fields
    return msgspec.json.encode(shown).decode()


def _topic_line(topic: Topic) -> str:
    kept = (
        "newest per key" if topic.retention_ms is None else f"{topic.retention_ms // DAY_MS} days"
    )
    onlookers = (f"{name} (from the end, in no group)" for name in topic.onlookers)
    readers = ", ".join((*topic.consumers, *onlookers)) or "-"
    return (
        f"| `{topic.name}` | {topic.key} | {topic.producer} | {readers} "
        f"| {topic.partitions} | {kept} | {topic.what} |"
    )
