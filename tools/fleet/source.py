"""One stream of one source: sequence numbers, ring, acks, asks and resends. Pure: `now` is given.

The rules are those of the protocol (`docs/`): an event stays in the ring until ingest names it;
what was sent before an ask and is not named when the ask is echoed was lost and is sent again.
All `now` are seconds of a monotonic wall clock; times of events are UTC seconds since 1970.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tools.fleet.ranges import Ranges

StreamName = Literal["usage", "fault", "lifecycle", "app"]
TOPIC: dict[StreamName, str] = {
    "usage": "device.usage",
    "fault": "device.fault",
    "lifecycle": "device.lifecycle",
    "app": "app.usage",
}
Pairs = Iterable[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a source may turn.

    Attributes:
        ring: events kept per stream until they are acked.
        ack_period_s: ingest acks at least this often; twice this without an ack is worth asking.
        echo_s: first wait for the answer to an ask; doubles up to 16 times.
        ask_gap_s: ingest answers at most one ask per stream in this time.
        resend_per_s: events a source may send again per second.
        jitter_s: after connecting, the ask waits up to this long (a fleet must not ask at once).
    """

    ring: int = 400
    ack_period_s: float = 600.0
    echo_s: float = 60.0
    ask_gap_s: float = 10.0
    resend_per_s: float = 20.0
    jitter_s: float = 60.0


class Entry:
    """An event in the ring."""

    __slots__ = ("at", "fields", "kind", "sent", "seq", "under")

    def __init__(self, seq: int, at: float, kind: str, fields: Mapping[str, Any]) -> None:
        self.seq = seq
        self.at = at
        self.kind = kind
        self.fields = fields
        self.sent = -1.0  # monotonic seconds of the last sending; -1: not yet
        self.under = -1  # number of the last ask before that sending


@dataclass(slots=True)
class Stream:
    """One numbered stream of events and everything its source remembers about it."""

    name: StreamName
    boot: str
    rules: Rules = field(default_factory=Rules)
    next_seq: int = 1
    ring: dict[int, Entry] = field(default_factory=dict)
    fresh: list[Entry] = field(default_factory=list)
    published: Ranges = field(default_factory=Ranges)
    acked: Ranges = field(default_factory=Ranges)
    dropped: Ranges = field(default_factory=Ranges)
    unreported: Ranges = field(default_factory=Ranges)
    resent: int = 0
    asked: int = 0
    echoed: int = 0
    ask_at: float | None = None
    _asked_at: float = float("-inf")
    _patience: float = 0.0
    _reporting: Ranges = field(default_factory=Ranges)
    _again: deque[int] = field(default_factory=deque)
    _tokens_at: float = float("-inf")

    def happen(self, at: float, kind: str, fields: Mapping[str, Any]) -> Entry:
        """Number an event and keep it; a full ring drops a heartbeat first, then its oldest."""
        if len(self.ring) >= self.rules.ring:
            self._drop_one()
        entry = Entry(self.next_seq, at, kind, fields)
        self.next_seq += 1
        self.ring[entry.seq] = entry
        self.fresh.append(entry)
        return entry

    def sending(self, entries: Sequence[Entry], now: float) -> None:
        """These leave now (first time or again): they are behind every ask so far."""
        for entry in entries:
            if entry.sent < 0:
                self.published.add(entry.seq, entry.seq)
            entry.sent = now
            entry.under = self.asked

    def take_fresh(self) -> list[Entry]:
        """What has not been sent yet, oldest first; the caller sends it."""
        taken, self.fresh = self.fresh, []
        return taken

    def ack(self, boot: str, pairs: Pairs) -> int:
        """Kafka has these: out of the ring. Returns how many were news to us."""
        if boot != self.boot:
            return 0  # an ack for a counter we lost: nothing of it is in the ring
        known = [(max(first, 0), min(last, self.next_seq - 1)) for first, last in pairs]
        for first, last in known:
            if first <= last:
                self.acked.add(first, last)
        return self._forget(known)

    def reject(self, boot: str, pairs: Pairs) -> int:
        """Ingest will never take these: sending them again would not help."""
        return self._forget(pairs) if boot == self.boot else 0

    def ask_is_due(self, now: float) -> bool:
        """Ask after connecting, when the ring is half full, or when acks have stopped coming."""
        if now < self._asked_at + self.rules.ask_gap_s:
            return False
        if self.is_asking:
            return now >= self._asked_at + self._patience
        if not self.ring and not self.unreported:
            return False
        if self.ask_at is not None and now >= self.ask_at:
            return True
        if self._again:
            return False  # resends are under way; asking before they are out would repeat them
        return len(self.ring) * 2 >= self.rules.ring or self._is_overdue(now)

    def ask(self, now: float) -> int:
        """Number the next ask; the wait for its echo doubles while none comes."""
        waiting = self.is_asking
        longest = 16 * self.rules.echo_s
        self._patience = min(2 * self._patience, longest) if waiting else self.rules.echo_s
        self.asked += 1
        self._asked_at = now
        self.ask_at = None
        self._reporting = Ranges(self.unreported.pairs())
        return self.asked

    def echo(self, number: int) -> int:
        """Everything before ask `number` is confirmed or lost: queue the lost. Returns how many.

        An echo of an ask we did not send, or older than one already heard, says nothing new.
        """
        if not self.echoed < number <= self.asked:
            return 0
        self.echoed = number
        self.unreported = self.unreported.without(self._reporting)
        queued = set(self._again)
        lost = [e.seq for e in self.ring.values() if 0 <= e.under < number and e.seq not in queued]
        self._again.extend(lost)
        return len(lost)

    def connected(self, now: float, jitter: float) -> None:
        """A new connection: what was under way on the last one may be lost, so ask.

        Args:
            jitter: 0 to 1, drawn by the caller.
        """
        if any(entry.sent >= 0 for entry in self.ring.values()):
            self.ask_at = now + jitter * self.rules.jitter_s

    def take_resends(self, now: float) -> list[Entry]:
        """What may be sent again now, at most `resend_per_s`; the caller sends it."""
        if not self._again:
            return []
        earned = (now - self._tokens_at) * self.rules.resend_per_s
        allowed = int(min(earned, self.rules.resend_per_s))
        taken: list[Entry] = []
        while self._again and len(taken) < allowed:
            entry = self.ring.get(self._again.popleft())
            if entry is not None:
                taken.append(entry)
        if taken:
            self._tokens_at = now
            self.resent += len(taken)
        return taken

    @property
    def is_asking(self) -> bool:
        """Whether an ask waits for its echo."""
        return self.asked > self.echoed

    @property
    def is_tight(self) -> bool:
        """Whether the next burst could overflow the ring."""
        return len(self.ring) * 4 >= self.rules.ring * 3

    def _is_overdue(self, now: float) -> bool:
        oldest = next(iter(self.ring.values()), None)
        return oldest is not None and 0 <= oldest.sent < now - 2 * self.rules.ack_period_s

    def _forget(self, pairs: Pairs) -> int:
        count = 0
        for first, last in pairs:
            for seq in range(max(first, 0), min(last, self.next_seq - 1) + 1):
                if self.ring.pop(seq, None) is not None:
                    count += 1
        return count

    def _drop_one(self) -> None:
        victim = next(
            (entry for entry in self.ring.values() if entry.kind == "heartbeat"),
            next(iter(self.ring.values())),
        )
        del self.ring[victim.seq]
        if victim.sent < 0:
            self.fresh.remove(victim)
        self.dropped.add(victim.seq, victim.seq)
        self.unreported.add(victim.seq, victim.seq)
