"""Ingest refused something a source sent: what on-call sees, without the bytes."""

from typing import ClassVar

from shared.events.event import News


class Rejected(News, frozen=True, kw_only=True, omit_defaults=True, tag="rejected"):
    """Topic `ingest.rejected`; key `d:<source>`. The bytes stay in ingest's `reject` table.

    Attributes:
        size: bytes of the MQTT payload.
    """

    TOPIC: ClassVar[str] = "ingest.rejected"

    source: str
    stream: str
    reason: str
    size: int
    sha256: str
    boot: str | None = None
    seq: int | None = None
