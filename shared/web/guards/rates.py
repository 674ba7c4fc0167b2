"""How many requests somebody may send: so many a second, and so many at once after a pause.

Counted per identity (account, key, service) once that is known, and per address before. What is
refused costs no query and reads no body.
"""

from collections import OrderedDict
from dataclasses import dataclass
from math import ceil

from shared import metrics
from shared.address import network
from shared.web.guards.rights import PUBLIC
from shared.web.problems import Problem

KEYS = 10_000  # remembered at once, of each kind: about 2 MB
UNCOUNTED = frozenset({"/livez"})  # it says one word: an orchestrator never waits for it
FILES = "/static/"  # of pages, from memory: a refusal would cost as much
WATCHED = frozenset(line.route for line in PUBLIC) - UNCOUNTED


@dataclass(frozen=True)
class Rate:
    """What is permitted: `per_s` for ever, `burst` at once by who was quiet before."""

    per_s: float
    burst: int


class Buckets:
    """One bucket for each key, by the generic cell rate algorithm: one number is all there is.

    The number is when the bucket will be full again (ITU-T I.371, "theoretical arrival time").

    >>> buckets = Buckets(Rate(per_s=2, burst=2))
    >>> [buckets.take("ann", now=10.0) for _ in range(3)], buckets.take("ann", now=10.5)
    ([0.0, 0.0, 0.5], 0.0)
    """

    def __init__(self, rate: Rate, keys: int = KEYS) -> None:
        """Full buckets for everybody.

        Args:
            keys: how many are remembered. The one used longest ago is forgotten first: it is full
                again, unless so many others came within the time a bucket takes to fill.
        """
        self._each_s = 1 / rate.per_s
        self._slack_s = (rate.burst - 1) * self._each_s
        self._keys = keys
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str, now: float) -> float:
        """Take one from the key's bucket.

        Args:
            now: monotonic seconds.

        Returns: 0 when there was one, else after how many seconds there will be; then none is taken.
        """
        full_at = max(self._full_at.get(key, now), now)
        wait_s = full_at - self._slack_s - now
        if wait_s > 1e-9:  # rounding of floats, far below what a clock can tell
            return wait_s
        self._full_at[key] = full_at + self._each_s
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._keys:
            self._full_at.popitem(last=False)
        return 0.0

    def __len__(self) -> int:
        return len(self._full_at)


KNOWN = Rate(per_s=100, burst=1_000)
STRANGERS = Rate(per_s=5, burst=50)
WATCHERS = Rate(per_s=20, burst=200)  # a collector asks every 15 s, `status` a few times in a row


class Rates:
    """The buckets of one process."""

    def __init__(
        self, known: Rate = KNOWN, strangers: Rate = STRANGERS, watchers: Rate = WATCHERS
    ) -> None:
        """Nobody has sent anything yet.

        Args:
            known: of each identity, and of each address that sends webhooks.
            strangers: of each address: once for routes that need no token, and once for requests
                that were refused, so that one broken program locks no colleague out of signing in.
            watchers: of each address, for /readyz and /metrics alone.
        """
        self._known = Buckets(known)
        self._open = Buckets(strangers)
        self._refused = Buckets(strangers)
        self._signed = Buckets(known)
        self._watching = Buckets(watchers)

    def of_identity(self, subject: str, now: float) -> None:
        """Count a request of somebody known. Raises Problem 429."""
        _permit(self._known, subject, "identity", now)

    def of_open(self, address: str, now: float) -> None:
        """Count a request to a route that is open to everybody. Raises Problem 429."""
        _permit(self._open, network(address), "open", now)

    def of_signed(self, address: str, now: float) -> None:
        """Count a webhook, signed or said to be: as many as of somebody known. Raises Problem 429."""
        _permit(self._signed, network(address), "signed", now)

    def of_watching(self, address: str, now: float) -> None:
        """Count a look at /readyz or /metrics. Raises Problem 429."""
        _permit(self._watching, network(address), "watching", now)

    def of_refused(self, address: str, now: float) -> None:
        """Count a request without good credentials. Raises Problem 429."""
        _permit(self._refused, network(address), "refused", now)


def _permit(buckets: Buckets, key: str, kind: str, now: float) -> None:
    wait_s = buckets.take(key, now)
    if wait_s == 0.0:
        return
    metrics.THROTTLED.labels(kind).inc()
    raise Problem(
        429,
        "too_many_requests",
        "Too many requests",
        "Nothing was done. Wait as long as Retry-After says, then send it again.",
        headers={"Retry-After": str(ceil(wait_s))},
    )
