"""Is a consumer stuck? What was seen, and for how long: pure. Decision 0018."""

from typing import NamedTuple

NO_GROUP_S = 60.0  # longer than a session of 45 s, after which the others no longer wait for us
NO_PROGRESS_S = 120.0  # a batch takes seconds; a statement at the most 30 s
SILENT_SAID_S = 10.0  # a heartbeat is sent every 3 s
NO_GROUP_SAID_S = 10.0
NO_PROGRESS_SAID_S = 15.0
LOOK_S = 1.0
PAUSE_S = 5.0  # more between two looks: this process stood still itself, which proves nothing


class Sight(NamedTuple):
    """What a look at the consumer shows.

    Attributes:
        heard_s: when Kafka last answered anything, monotonic.
        in_group: Kafka counts it in.
        unread: there are records that it should apply.
        moves: how often a partition has moved on so far.
    """

    heard_s: float
    in_group: bool
    unread: bool
    moves: int


class Watchdog:
    """Remembers for how long a consumer has had no group, or has applied nothing.

    >>> dog = Watchdog(now_s=0.0)
    >>> for at in range(1, 121):
    ...     dog.see(float(at), Sight(heard_s=float(at), in_group=True, unread=True, moves=7))
    >>> dog.stuck()
    >>> dog.see(121.0, Sight(121.0, in_group=True, unread=True, moves=7))
    >>> dog.stuck()
    'unread records, and none applied for 120 s'
    """

    def __init__(self, now_s: float) -> None:
        self._seen_s = now_s
        self._heard_s = now_s
        self._alone_s = 0.0
        self._still_s = 0.0
        self._moves = -1

    def see(self, now_s: float, sight: Sight) -> None:
        """Take what was seen at `now_s` (monotonic)."""
        passed = min(now_s - self._seen_s, PAUSE_S)
        moved = sight.moves != self._moves or not sight.unread
        self._alone_s = 0.0 if sight.in_group else self._alone_s + passed
        self._still_s = 0.0 if moved else self._still_s + passed
        self._seen_s, self._heard_s, self._moves = now_s, sight.heard_s, sight.moves

    def excuse(self) -> None:
        """A server does not answer: to begin anew would not help. Count from here."""
        self._alone_s = self._still_s = 0.0

    def stuck(self) -> str | None:
        """Why only a new process will help; None while that is not so."""
        if self._alone_s >= NO_GROUP_S:
            return f"without its group for {self._alone_s:.0f} s"
        if self._still_s >= NO_PROGRESS_S:
            return f"unread records, and none applied for {self._still_s:.0f} s"
        return None

    def says(self) -> dict[str, str]:
        """What an operator should know, a sentence each."""
        said = {}
        silent_s = self._seen_s - self._heard_s
        if silent_s >= SILENT_SAID_S:
            said["kafka"] = f"Kafka has not answered for {silent_s:.0f} s"
        if self._alone_s >= NO_GROUP_SAID_S:
            said["group"] = f"without its group for {self._alone_s:.0f} s"
        if self._still_s >= NO_PROGRESS_SAID_S:
            said["records"] = f"unread records, and none applied for {self._still_s:.0f} s"
        return said
