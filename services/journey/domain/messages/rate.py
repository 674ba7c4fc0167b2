"""How fast mails go to one domain: a token bucket, and what finds it empty is given its turn.

Whoever waits has a place of their own, so that nothing is asked about again and again, and what waits
longest goes first. What is stored of a bucket is one moment: when it is full again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

MINUTE = timedelta(minutes=1)


class Turn(NamedTuple):
    """When a mail may go, and when the bucket is full again once it has."""

    at: datetime
    full_at: datetime


@dataclass(frozen=True, slots=True)
class Rate:
    """Mails to one domain.

    Attributes:
        per_minute: as many at once when none went for a minute; then one after the other.
    """

    per_minute: int

    def turn(self, full_at: datetime, now: datetime) -> Turn:
        """The next one there is."""
        apart = MINUTE / self.per_minute
        return Turn(max(now, full_at - MINUTE + apart), max(full_at, now) + apart)


def domain_of(address: str) -> str:
    """What a bucket is known by: a domain may name a person.

    >>> domain_of("ann@Example.org") == domain_of("bob@example.org")
    True
    """
    return sha256(address.rpartition("@")[2].strip().lower().encode()).hexdigest()
