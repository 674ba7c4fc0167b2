"""How much one customer is sent at the most: within days of the calendar, and within any stretch.

Both are needed: "two a week" by the calendar alone lets four through between Sunday and Monday; a
rolling week alone drifts through the day until the mail that was to come at nine comes at four.
research/journey.md, section 5 [14].
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from services.journey.domain.messages.purpose import Channel, Purpose
from shared.calendars.wall import instant, shown

DAY = timedelta(days=1)


class Sent(NamedTuple):
    """A message that went out, or for which a place is kept."""

    at: datetime
    channel: Channel
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` messages within `days`.

    Attributes:
        most: messages, at least 1.
        days: days of the customer's calendar, today being the last; or days of 24 h.
        rolling: whether they are days of 24 h.
        channels, purposes: what is counted, and held.
    Raises: ValueError: a cap that would let nothing through, or is none.
    """

    most: int
    days: int
    rolling: bool
    purposes: Collection[Purpose]
    channels: Collection[Channel] = tuple(Channel)

    def __post_init__(self) -> None:
        """Refuse what is no cap."""
        if self.most < 1 or self.days < 1:
            raise ValueError("cap: expected at least one message within at least one day")

    def counts(self, channel: Channel, purpose: Purpose) -> bool:
        """Whether such a message is one of those."""
        return channel in self.channels and purpose in self.purposes

    def full_until(self, sent: Iterable[Sent], zone: str, now: datetime) -> datetime | None:
        """When there is room again, if nothing more is sent; None: there is room now."""
        begins = self._begins(zone, now)
        counted = sorted(
            mail_sent.at
            for mail_sent in sent
            if mail_sent.at > begins and self.counts(mail_sent.channel, mail_sent.purpose)
        )
        if len(counted) < self.most:
            return None
        return self._leaves(counted[-self.most], zone)

    def _begins(self, zone: str, now: datetime) -> datetime:
        """What was sent after this counts."""
        if self.rolling:
            return now - self.days * DAY
        first = shown(now, zone).date() - (self.days - 1) * DAY
        return instant(datetime.combine(first, time()), zone) - timedelta(microseconds=1)

    def _leaves(self, at: datetime, zone: str) -> datetime:
        """From when on a message sent at `at` does not count."""
        if self.rolling:
            return at + self.days * DAY
        day = shown(at, zone).date() + self.days * DAY
        return instant(datetime.combine(day, time()), zone)


def first_full(
    caps: Sequence[Cap],
    channel: Channel,
    purpose: Purpose,
    sent: Collection[Sent],
    zone: str,
    now: datetime,
) -> tuple[Cap, datetime] | None:
    """The cap that holds such a message for longest, and until when; None: there is room."""
    held = [
        (cap, until)
        for cap in caps
        if cap.counts(channel, purpose) and (until := cap.full_until(sent, zone, now)) is not None
    ]
    return max(held, key=lambda pair: pair[1], default=None)
