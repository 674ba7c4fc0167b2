"""What offsets say of a group: pure rules, given what Kafka answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

State = Literal["OK", "BEHIND", "STALLED", "MISSING", "UNKNOWN"]

STALLED_S = 60.0  # longer than a rebalance (45 s session) with unread records and no progress
# seconds a record may wait before the group is BEHIND; the first match of group and topic
ALLOWED_S: tuple[tuple[str, str | None, float], ...] = (
    ("support", "device.fault", 10.0),  # a fault becomes a ticket
    ("support", None, 60.0),
    ("journey", None, 60.0),
    ("ingest", None, 60.0),
    ("analytics", None, 900.0),  # it works by closed days
)
ALLOWED_ELSE_S = 60.0


@dataclass(frozen=True, slots=True)
class Offsets:
    """One partition as one group stands in it.

    Attributes:
        committed: offset of the next record the group wants; -1 when it never committed.
        start, end: first offset that still exists, and the one the next record will get.
        appended_at: append time of the first unread record; None when there is none or it could
            not be read.
    """

    committed: int
    start: int
    end: int
    appended_at: datetime | None

    @property
    def lag(self) -> int:
        """Records that are there and unread."""
        return max(0, self.end - max(self.committed, self.start))

    @property
    def lost(self) -> int:
        """Records that were removed before the group read them."""
        return max(0, self.start - self.committed) if self.committed >= 0 else 0


@dataclass
class Progress:
    """When each partition's committed offset was last seen to move.

    Attributes:
        last: the newest of these moments; None before any was seen.
        since: per partition, since when its offset has been what it is, as far as we know.
    """

    last: datetime | None = None
    since: dict[int, datetime] = field(default_factory=dict)
    _at: dict[int, int] = field(default_factory=dict)

    def note(self, committed: Mapping[int, int], now: datetime) -> None:
        """Compare a sample with the one before."""
        for partition, offset in committed.items():
            before = self._at.get(partition)
            if before is None or before != offset:
                self.since[partition] = now
                self._at[partition] = offset
            if before is not None and offset > before:
                self.last = now


@dataclass(frozen=True, slots=True)
class Judgement:
    """State of one topic and group."""

    state: State
    why: str
    lag_messages: int | None
    lag_seconds: float | None


def allowed_s(group: str, topic: str) -> float:
    """How long a record may wait for this group, seconds."""
    for name, which, seconds in ALLOWED_S:
        if name == group and which in {None, topic}:
            return seconds
    return ALLOWED_ELSE_S


def judge(
    topic: str,
    group: str,
    offsets: Mapping[int, Offsets],
    members: int,
    progress: Progress,
    now: datetime,
) -> Judgement:
    """The first state that holds: UNKNOWN, MISSING, STALLED, BEHIND, OK.

    Args:
        offsets: by partition.
        now: the computer's clock; append times come from the broker's.
    """
    messages = sum(topic_lag.lag for topic_lag in offsets.values())
    waiting = [topic_lag for topic_lag in offsets.values() if topic_lag.lag]
    read = [reading.appended_at for reading in waiting if reading.appended_at is not None]
    seconds: float | None = 0.0
    if waiting:
        seconds = max(0.0, (now - min(read)).total_seconds()) if read else None
    state, why = _state(topic, group, offsets, members, progress, now, seconds)
    return Judgement(state, why, messages, None if seconds is None else round(seconds, 1))


def _state(
    topic: str,
    group: str,
    offsets: Mapping[int, Offsets],
    members: int,
    progress: Progress,
    now: datetime,
    seconds: float | None,
) -> tuple[State, str]:
    beyond = [n for n, topic_lag in offsets.items() if topic_lag.committed > topic_lag.end]
    if beyond:
        return "UNKNOWN", f"partition {beyond[0]} ends before what was read: recreated topic?"
    if members == 0:
        return "MISSING", f"no process of group {group} is connected"
    lost = sum(topic_lag.lost for topic_lag in offsets.values())
    if lost:
        return "BEHIND", f"{lost} records were removed before they were read"
    stuck = [
        (number, (now - progress.since[number]).total_seconds())
        for number, topic_lag in sorted(offsets.items())
        if topic_lag.lag and (now - progress.since[number]).total_seconds() >= STALLED_S
    ]
    if stuck:
        number, still = stuck[0]
        at = max(offsets[number].committed, offsets[number].start)
        return "STALLED", f"partition {number} has stood at offset {at} for {still:.0f} s"
    if seconds is None:
        return "UNKNOWN", "the oldest unread record could not be read"
    limit = allowed_s(group, topic)
    if seconds > limit:
        return "BEHIND", f"a record has waited {seconds:.0f} s, {limit:.0f} s are allowed"
    return "OK", ""
