"""Since when may what a bucket's session reads have waited for us? Pure; the session looks often.

The broker hands messages out as long as fewer than Receive Maximum of them are unacknowledged. Where
there was room for a whole interval between two looks, it held nothing back.
"""

from datetime import datetime, timedelta

SETTLED = timedelta(seconds=5)  # after connecting: the broker has begun to hand out what it kept
STALE = timedelta(seconds=2)  # longer than between two looks: we ourselves have slept


class Contact:
    """Of one bucket, over all its connections.

    Attributes:
        at: when we last had everything that the broker had; None: not known.
    """

    def __init__(self, most: int, at: datetime | None = None) -> None:
        """At a start: `at` as it was kept; at most `most` messages are unacknowledged."""
        self.at = at
        self._most = most
        self._waited: datetime | None = at
        self._began: datetime | None = None
        self._in_flight = self._read = 0

    def begin(self) -> None:
        """A new connection: what was kept for us since then comes first."""
        self._waited = self.at
        self._began = None
        self._in_flight = self._read = 0

    def look(self, now: datetime, in_flight: int, read: int) -> None:
        """While a connection stands: how many messages are unacknowledged, and were ever read."""
        room = self._in_flight + read - self._read < self._most
        self._in_flight, self._read = in_flight, read
        if self._began is None:
            self._began = now
        if self.at is None or (room and now - self._began >= SETTLED):
            self.at, self._waited = now, None
        elif self._waited is None:
            self._waited = self.at

    def since(self, now: datetime) -> datetime | None:
        """What is read now may have waited since then; None: it came at once."""
        if self._waited is None and self.at is not None and now - self.at > STALE:
            return self.at
        return self._waited
