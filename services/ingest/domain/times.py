"""When did it happen? The source's clock is believed unless its own `sent` shows it to be off."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

AHEAD = timedelta(minutes=-5)  # received - sent below this: the source's clock is ahead
BEHIND = timedelta(hours=24)  # received - sent above this: the source's clock is behind
OLDEST = timedelta(days=400)
FUTURE = timedelta(hours=24)
LATE = timedelta(hours=24)
ZERO = timedelta(0)


class Moment(NamedTuple):
    """When an event happened.

    Attributes:
        raw_at: `at` as sent, where it was corrected.
        late: more than 24 h before it was received: history.
    """

    at: datetime
    raw_at: datetime | None
    late: bool


def correct(at: datetime, sent: datetime | None, received_at: datetime) -> Moment | None:
    """The moment of an event; None when no correction makes it believable.

    Only `received_at - sent` says anything about the source's clock; age never does, or ten days
    of router outage would look like a wrong clock. Source: research/protocol-review.md 4.

    Args:
        at: when it happened by the source's clock, with zone.
        sent: when it was sent by the same clock, with zone.
        received_at: when ingest read it, UTC.
    """
    raw_at = None
    try:
        age = received_at - at
        if sent is not None:
            off = received_at - sent
            if off < AHEAD or off > BEHIND:
                raw_at = at.astimezone(UTC)
                at = raw_at + off
                age = received_at - at
        if age > OLDEST or age < -FUTURE:
            return None
        if at.tzinfo is not UTC:
            at = at.astimezone(UTC)
    except OverflowError:  # years 1 and 9999 have no neighbours
        return None
    return Moment(at, raw_at, age > LATE)
