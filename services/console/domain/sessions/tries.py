"""How long somebody waits after wrong tries: nothing at first, then twice as long each time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST = timedelta(minutes=15)
QUIET = timedelta(hours=1)  # without a try, all is forgotten


@dataclass(frozen=True, slots=True)
class Tries:
    """Tries since the last success or quiet hour."""

    count: int = 0
    last_at: datetime | None = None

    def is_forgotten(self, now: datetime) -> bool:
        """Whether nothing is held against anybody."""
        return self.count == 0 or self.last_at is None or now - self.last_at >= QUIET

    def wait(self, now: datetime, free: int) -> timedelta:
        """How long until the next try is permitted; zero: now.

        Args:
            free: tries without any wait.
        """
        if self.last_at is None or self.count < free or now - self.last_at >= QUIET:
            return timedelta(0)
        span = min(timedelta(seconds=2 ** min(self.count - free, 20)), LONGEST)
        return max(timedelta(0), self.last_at + span - now)

    def counted(self, now: datetime) -> "Tries":
        """With one more try, made now."""
        forgotten = self.last_at is not None and now - self.last_at >= QUIET
        return Tries(1 if forgotten else self.count + 1, now)
