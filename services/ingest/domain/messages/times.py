"""When did it happen? A source's clock is evidence: weighed against the receipt, never above it.

Nothing is dated after its receipt. Where `at` and `sent` contradict each other the believable one
stays, else the receipt: the event itself is never lost for it (docs/decisions/0015).
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

AHEAD = timedelta(minutes=-5)  # received - sent below this: the source's clock is ahead
BEHIND = timedelta(hours=24)  # received - sent above this: the source's clock is behind
PROMPT = timedelta(minutes=5)  # received - sent up to this: the source's clock is right
OLDEST = timedelta(days=400)
FUTURE = timedelta(hours=24)
LATE = timedelta(hours=24)
ZERO = timedelta(0)


class Moment(NamedTuple):
    """When an event happened.

    Attributes:
        raw_at: `at` as sent, where another one stands.
        late: more than 24 h before it was received: history.
        suspect: the source's clock, or one of its two times, was off.
        sure: `sent` shows that the clock was right: `at` may say whose the event is.
    """

    at: datetime
    raw_at: datetime | None
    late: bool
    suspect: bool
    sure: bool


def correct(
    at: datetime, sent: datetime | None, received_at: datetime, since: datetime | None = None
) -> Moment | None:
    """The moment of an event; None when its only time is none that can be.

    Only `received_at - sent` says anything about the source's clock; age never does, or ten days
    of router outage would look like a wrong clock. Nor does the time that a message waited for us.
    Source: research/protocol-review.md 4.

    Args:
        at: when it happened by the source's clock, with zone.
        sent: when it was sent by the same clock, with zone.
        received_at: when ingest read it, UTC.
        since: the message may have waited for us since then; None: it came at once.
    """
    try:
        at = at.astimezone(UTC)
    except OverflowError:  # years 1 and 9999 have no neighbours
        return None
    if sent is None:
        if not -FUTURE <= received_at - at <= OLDEST:
            return None
        return _moment(at, min(at, received_at), received_at, suspect=at > received_at)
    waited = received_at if since is None else min(since, received_at)
    off = received_at - sent
    if off < AHEAD or (off > BEHIND and sent < waited - PROMPT):
        return _moment(at, _of_a_wrong_clock(at, sent, received_at), received_at, suspect=True)
    if not received_at - OLDEST <= at <= received_at - AHEAD:
        return _moment(at, _of_two_clocks(at, sent, received_at), received_at, suspect=True)
    moment = _moment(at, min(at, received_at), received_at, suspect=at > received_at)
    return moment._replace(sure=sent >= waited - PROMPT)


def _of_a_wrong_clock(at: datetime, sent: datetime, received_at: datetime) -> datetime:
    """As long before the receipt as it was before its sending, if both are of one clock."""
    before = sent - at
    if AHEAD <= before <= OLDEST:
        return received_at - max(before, ZERO)
    return _of_two_clocks(at, sent, received_at)


def _of_two_clocks(at: datetime, sent: datetime, received_at: datetime) -> datetime:
    """The clock was set between `at` and `sent`: the one that can be, else the receipt."""
    for moment in (at, sent):
        if AHEAD <= received_at - moment <= OLDEST:
            return min(moment.astimezone(UTC), received_at)
    return received_at


def _moment(at: datetime, claimed_at: datetime, received_at: datetime, *, suspect: bool) -> Moment:
    raw_at = None if claimed_at == at else at
    return Moment(claimed_at, raw_at, received_at - claimed_at > LATE, suspect, sure=False)
