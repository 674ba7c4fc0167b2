"""Is this event acceptable from this source now, and if so: when was it and whose is it?"""

import hashlib
from datetime import datetime, timedelta

import msgspec

from services.ingest.domain.addresses import Address
from services.ingest.domain.ownership import owner_at
from services.ingest.domain.source import Source
from services.ingest.domain.times import correct
from shared.events import Telemetry

BOOT_CLOSED_AFTER = timedelta(days=400)  # the ledger forgets a boot after this: it could not dedupe

_encode = msgspec.json.Encoder().encode


def may_speak(source: Source | None, address: Address) -> str | None:
    """The reason to refuse whatever comes from here, or None."""
    if source is None or source.kind != address.kind:
        return "unknown_device"
    return "retired" if source.retired else None


def judge(event: Telemetry, source: Source, received_at: datetime) -> str | None:
    """Stamp an event in place; the reason to refuse it, or None.

    Args:
        event: as decoded, mutable.
        source: of the address it came from, allowed to speak.
        received_at: when ingest read it, UTC.
    """
    moment = correct(event.at, event.sent, received_at)
    if moment is None:
        return "bad_time"
    boot = event.boot
    if boot is not None:
        seen = source.boots.get(boot)
        if seen is not None and received_at - seen > BOOT_CLOSED_AFTER:
            return "boot_closed"
    event.at, event.raw_at, event.late = moment  # type: ignore[misc]
    event.clock_suspect = moment.raw_at is not None  # type: ignore[misc]
    event.source = source.id  # type: ignore[misc]
    event.received_at = received_at  # type: ignore[misc]
    event.customer = owner_at(source.owners, moment.at)  # type: ignore[misc]
    event.model = source.model  # type: ignore[misc]
    if event.firmware is None:
        event.firmware = source.firmware  # type: ignore[misc]
    return None


def content_id(event: Telemetry) -> str:
    """Identity of an event without `seq`: what it says, apart from when it was sent.

    To be taken before `judge` stamps: the same bytes give the same id whenever they come.
    """
    bare = msgspec.structs.replace(event, sent=None, source="")
    return f"h:{hashlib.sha256(_encode(bare)).hexdigest()}"
