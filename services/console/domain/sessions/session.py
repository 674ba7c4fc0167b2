"""A session: one browser that somebody has signed in with, until it rests or grows too old."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.console.domain.rules import Rules

TOUCH = timedelta(minutes=1)  # `seen_at` is written no more often


@dataclass(frozen=True, slots=True)
class Session:
    """One session.

    Attributes:
        digest: SHA-256 of the cookie's secret.
        second_factor_at: when a code was last given in it.
        address, agent: where it was begun, shown to its owner.
    """

    id: str
    digest: str = field(repr=False)
    account: str
    created_at: datetime
    seen_at: datetime
    second_factor_at: datetime | None
    address: str = field(repr=False)
    agent: str = field(repr=False)

    def is_live(self, now: datetime, rules: Rules) -> bool:
        """Neither left alone for too long nor too old."""
        return now - self.seen_at < rules.idle and now - self.created_at < rules.life

    def is_stepped_up(self, now: datetime, rules: Rules) -> bool:
        """Whether a second factor was given recently enough for a sensitive act."""
        at = self.second_factor_at
        return at is not None and now - at < rules.step_up

    def wants_touch(self, now: datetime) -> bool:
        """Whether it is time to note that it is in use."""
        return now - self.seen_at >= TOUCH


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """Where a request comes from.

    Attributes:
        request: its id, for the audit.
        device: what the browser says of having been here before; see domain/device.py.
    """

    address: str
    agent: str
    request: str = ""
    device: str = field(default="", repr=False)
