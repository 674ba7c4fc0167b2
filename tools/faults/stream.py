"""One numbered stream of a source: its ring, and the ledger that the comparison believes."""

from dataclasses import dataclass, field
from typing import Any

from shared.ids import random_hex

RESEND = 5  # a quarter of a second; the protocol allows 20 a second
WAIT_FOR_ECHO_S = 10.0


@dataclass
class Held:
    """An event that is not acked yet.

    Attributes:
        sent_at: monotonic seconds of the last sending; None, it has not left.
        behind: the number of the ask it was sent after.
    """

    event: dict[str, Any]
    sent_at: float | None = None
    behind: int = 0


@dataclass
class Stream:
    """What was made, what left, what was acked, what was refused.

    Attributes:
        made: every number ever given out, with its event's type.
        held: the ring: what is neither acked nor refused.
        again: numbers to be sent again, a few at a time.
    """

    name: str
    boot: str = field(default_factory=lambda: random_hex(64))
    next: int = 1
    held: dict[int, Held] = field(default_factory=dict)
    made: dict[int, str] = field(default_factory=dict)
    published: set[int] = field(default_factory=set)
    acked: set[int] = field(default_factory=set)
    rejected: dict[int, str] = field(default_factory=dict)
    again: list[int] = field(default_factory=list)
    resent: int = 0
    asked: int = 0
    echoed: int = 0
    asked_at: float = 0.0

    def add(self, event: dict[str, Any]) -> int:
        """Number an event and keep it until it is acked."""
        seq, self.next = self.next, self.next + 1
        self.held[seq] = Held({**event, "boot": self.boot, "seq": seq})
        self.made[seq] = event["type"]
        return seq

    def is_acked(self, boot: str, ranges: list[list[int]]) -> None:
        """The service has these for good."""
        if boot == self.boot:
            for first, last in ranges:
                for seq in range(first, min(last, self.next - 1) + 1):
                    self.acked.add(seq)
                    self.held.pop(seq, None)

    def is_rejected(self, boot: str | None, ranges: list[list[int]], reason: str) -> None:
        """The service will not take these."""
        if boot == self.boot:
            for first, last in ranges:
                for seq in range(first, min(last, self.next - 1) + 1):
                    self.rejected[seq] = reason
                    self.held.pop(seq, None)

    def is_echoed(self, ask: int) -> None:
        """All before that ask has been answered: what is still held of it is sent again."""
        if self.echoed < ask <= self.asked:
            self.echoed = ask
            known = set(self.again)
            self.again += [
                seq
                for seq, held in self.held.items()
                if held.sent_at is not None and held.behind < ask and seq not in known
            ]

    def must_ask(self, now: float, after_s: float) -> bool:
        """Has the oldest one waited long enough to ask for its ack?"""
        oldest = next(iter(self.held.values()), None)
        if oldest is None or oldest.sent_at is None:
            return False
        if self.asked > self.echoed:
            return now - self.asked_at > WAIT_FOR_ECHO_S
        return now - oldest.sent_at > after_s

    def due_again(self) -> list[int]:
        """Take the next few to be sent again."""
        some, self.again = self.again[:RESEND], self.again[RESEND:]
        return [seq for seq in some if seq in self.held]
