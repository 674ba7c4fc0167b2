"""The two shapes every event has: telemetry of a source, and news from one of our services."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

import msgspec

Scalar = str | int | float | bool | None
Stream = Literal["usage", "fault", "lifecycle", "app"]
# `$` alone also matches before a line break at the end
Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_.-]{1,64}$(?!\n)")]
Text = Annotated[str, msgspec.Meta(max_length=256)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Platform = Literal[
    "alexa", "google_home", "apple_home", "smartthings", "home_assistant", "matter", "other"
]

MAX_SEQ = 2**53 - 1  # the largest integer every JSON reader keeps exact
Seq = Annotated[int, msgspec.Meta(ge=0, le=MAX_SEQ)]
Boot = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16,64}$(?!\n)")]


class Event(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", gc=False
):
    """Base of all events: an immutable struct, told apart by the JSON field `type`.

    Attributes:
        at: when it happened (UTC); of telemetry the source's clock, corrected when that is off.
    """

    TOPIC: ClassVar[str]
    at: datetime

    @classmethod
    def type_name(cls) -> str:
        """The word in the field `type`, e.g. `usage`."""
        return str(cls.__struct_config__.tag)


class Telemetry(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An event of a device or an app; (source, stream, boot, seq) identifies it for ever.

    The first three attributes are the source's; ingest stamps the rest over whatever was sent.

    Attributes:
        boot: 16 to 64 hex digits, drawn anew only when the counter was lost. None: unsequenced.
        seq: rises by one per event of the stream. None: unsequenced.
        sent: the source's clock at sending; `received_at - sent` is all we know of that clock.
        source: id of the device or app, from the MQTT topic.
        customer: owner at `at`, at the receipt where the clock may be off; None while unclaimed:
            counted, without effect.
        received_at: when ingest read it (stream clock: end of the open step).
        raw_at: `at` as sent, set only where it was corrected.
        clock_suspect: the source's clock was off; `at` is the best that is known, never after
            `received_at`.
        late: older than 24 h on arrival: history, no notice starts from it.
        extra: unknown scalar fields the source sent, personal data masked.
    """

    STREAM: ClassVar[Stream]

    boot: Boot | None = None
    seq: Seq | None = None
    sent: datetime | None = None

    source: str = ""
    customer: str | None = None
    received_at: datetime | None = None
    raw_at: datetime | None = None
    clock_suspect: bool = False
    model: str | None = None
    firmware: str | None = None
    late: bool = False
    extra: dict[str, Scalar] = {}

    @property
    def sent_at(self) -> datetime:
        """`at` as the source sent it: what the ledger compares for `seq_conflict`."""
        return self.at if self.raw_at is None else self.raw_at


class News(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An event of one of our own services; its id is a UUIDv5 in the record's `ce_id` header."""
