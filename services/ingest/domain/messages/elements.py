"""What a payload is made of: events, asks, and what must be refused."""

from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import msgspec

from shared.events import APP_EVENTS, DEVICE_EVENTS, TELEMETRY, Dropped, Telemetry

STREAM_EVENTS: dict[str, tuple[type[Telemetry], ...]] = {
    stream: (*(e for e in (*DEVICE_EVENTS, *APP_EVENTS) if stream == e.STREAM), Dropped)
    for stream in ("usage", "fault", "lifecycle", "app")
}
TOPIC_OF: dict[str, str] = {event.STREAM: event.TOPIC for event in TELEMETRY}


def _wire(event: type[Telemetry]) -> type[Telemetry]:
    """`event` as it is read: unknown fields are noticed, and ingest can stamp it in place."""
    struct: Any = msgspec.defstruct(
        event.__name__,
        [
            ("boot", str | None, None)
        ],  # its form is looked at by `is_boot`: no pattern at each event
        bases=(event,),
        frozen=False,
        forbid_unknown_fields=True,
        kw_only=True,
        omit_defaults=True,
        tag_field="type",
        tag=event.type_name(),
    )
    return cast("type[Telemetry]", struct)


WIRE: dict[str, type[Telemetry]] = {event.type_name(): _wire(event) for event in TELEMETRY}
DROPPED = WIRE[Dropped.type_name()] = _wire(Dropped)
STREAM_OF: dict[str, str] = {event.type_name(): event.STREAM for event in TELEMETRY}


def is_boot(text: str) -> bool:
    """Whether it has the form of a `boot`.

    >>> is_boot("9f1c2ab37d405e68"), is_boot("9F1C2AB37D405E68"), is_boot("9f1c")
    (True, False, False)
    """
    return 16 <= len(text) <= 64 and not text.strip("0123456789abcdef")


class Ask(NamedTuple):
    """A source asks which of its events have arrived; the answer repeats `number`."""

    number: int


@dataclass(slots=True)
class Refused:
    """Something that is not taken.

    Attributes:
        detail: the field meant, where there is one.
        raw: the element's own bytes inside an array; None: the whole payload.
        boot, seq: its identity, as far as it can be read.
    """

    reason: str
    detail: str = ""
    raw: bytes | None = None
    boot: str | None = None
    seq: int | None = None


Element = Telemetry | Ask | Refused
