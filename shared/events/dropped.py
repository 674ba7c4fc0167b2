"""A source says which of its events its ring had to drop: a gap explained, nothing else."""

from typing import ClassVar

from shared.events.event import Seq, Stream, Telemetry


class Dropped(Telemetry, frozen=True, kw_only=True, omit_defaults=True, tag="dropped"):
    """Ranges of `seq` that overflow took from a source's ring before they could be sent.

    Carries `boot` but no `seq` of its own and travels the stream it speaks of (TOPIC is only the
    default). The runtime stores it in the ledger, so that the gap report can tell lost from
    explained; no handler sees it.

    Attributes:
        stream: the stream whose events were dropped.
        ranges: inclusive `[first, last]` pairs.
    """

    TOPIC: ClassVar[str] = "device.usage"
    STREAM: ClassVar[Stream] = "usage"

    stream: Stream
    ranges: list[tuple[Seq, Seq]]
