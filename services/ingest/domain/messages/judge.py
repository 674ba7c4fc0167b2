"""Is this event acceptable from this source now, and if so: when was it and whose is it?"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from services.ingest.domain.messages.addresses import Address
from services.ingest.domain.messages.times import AHEAD, LATE, PROMPT, ZERO, correct
from services.ingest.domain.sources.ownership import owner_at
from services.ingest.domain.sources.source import Source
from shared.events import Telemetry
from shared.events.event import Scalar

BOOT_CLOSED_AFTER = timedelta(days=400)  # the ledger forgets a boot after this: it could not dedupe
MANY_BOOTS = 20  # new ones of a source in a day: each is a row in every ledger for 400 days
DAY = timedelta(days=1)

_encode = msgspec.json.Encoder().encode


def may_speak(source: Source | None, address: Address) -> str | None:
    """The reason to refuse whatever comes from here, or None."""
    if source is None or source.kind != address.kind:
        return "unknown_device"
    return "retired" if source.retired else None


def judge(
    event: Any, source: Source, received_at: datetime, since: datetime | None = None
) -> str | None:
    """Stamp an event in place; the reason to refuse it, or None.

    Args:
        event: as decoded, mutable; whatever was sent of what we stamp is written over.
        source: of the address it came from, allowed to speak.
        received_at: when ingest read it, UTC.
        since: its message may have waited for us since then; None: it came at once.
    """
    at, sent = event.at, event.sent
    raw_at, late, suspect, owned_at = None, False, False, at
    # the usual case, spelt out: a right clock, a young event, UTC
    if not (
        sent is not None
        and AHEAD <= received_at - sent <= PROMPT
        and ZERO <= received_at - at <= LATE
        and at.tzinfo is UTC
    ):
        moment = correct(at, sent, received_at, since)
        if moment is None:
            return "bad_time"
        at, raw_at, late, suspect, sure = moment
        # a clock that is not sure to be right does not decide whose an event is: the receipt does
        owned_at = at if sure else received_at
    owners = source.owners
    last = owners[-1] if owners else None
    if last is not None and last.until is None and owned_at >= last.since:
        customer: str | None = last.customer
    else:
        customer = owner_at(owners, owned_at)
    event.at, event.raw_at, event.late, event.clock_suspect = at, raw_at, late, suspect
    event.source, event.customer, event.model = source.id, customer, source.model
    event.received_at = received_at
    if event.firmware is None:
        event.firmware = source.runs
    return None


def closed(source: Source, boot: str, received_at: datetime) -> bool:
    """Whether a boot comes back after so long that its duplicates could not be told any more."""
    seen = source.boots.get(boot)
    return seen is not None and received_at - seen > BOOT_CLOSED_AFTER


def too_many_boots(source: Source, received_at: datetime) -> bool:
    """Whether a source has begun so many boots lately that it may not begin another one yet."""
    begun = source.begun
    return len(begun) >= MANY_BOOTS and received_at - begun[-MANY_BOOTS] < DAY


def identity(event: Telemetry) -> str:
    """What tells an event from others of its source; to be taken before `judge` stamps."""
    return content_id(event) if event.seq is None else f"{event.boot}:{event.seq}"


def content_id(event: Telemetry) -> str:
    """Identity of an event without `seq`: what it says, apart from when it was sent.

    To be taken before `judge` stamps: the same content gives the same id whenever it comes, in
    whatever order, zone and spelling of numbers its fields are written.
    """
    bare = msgspec.structs.replace(
        event, sent=None, source="", at=_in_utc(event.at), extra=_spelt_alike(event.extra)
    )
    return f"h:{hashlib.sha256(_encode(bare)).hexdigest()}"


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return at


def _spelt_alike(fields: dict[str, Scalar]) -> dict[str, Scalar]:
    """Sorted by name, whole numbers without a point."""
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in sorted(fields.items())
    }
