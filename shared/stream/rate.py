"""How much may go to quarantine before a deploy bug is the likelier cause: pure."""

from collections import deque

PER_MINUTE = 50
SHARE = 0.01
OUT_OF = 1_000  # records before the share says anything


class Rate:
    """Counts records set aside; `exceeded` says that a person must look.

    >>> rate = Rate()
    >>> any(rate.exceeded(now_s=float(n)) for n in range(50))
    False
    >>> rate.exceeded(now_s=50.0)
    True
    """

    def __init__(self) -> None:
        self._times: deque[float] = deque()
        self._handled = 0
        self._aside = 0

    def handled(self, records: int) -> None:
        """Count records that were applied."""
        self._handled += records

    def exceeded(self, now_s: float) -> bool:
        """Count one record set aside at `now_s` (monotonic); True when that was one too many."""
        self._aside += 1
        self._times.append(now_s)
        while self._times and now_s - self._times[0] > 60.0:
            self._times.popleft()
        total = self._handled + self._aside
        share = total >= OUT_OF and self._aside > SHARE * total
        return len(self._times) > PER_MINUTE or share
