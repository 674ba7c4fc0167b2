"""Application acks: what Kafka has confirmed since the source was last told. Needs no lasting memory.

Selective, per (source, stream, boot): after so many events, after so long, or when the source asks.
After a restart less is known here than Kafka holds; a source then sends again, and duplicates are
removed behind Kafka.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from services.ingest.domain.messages.addresses import Address

Range = list[int]


class Answer(NamedTuple):
    """One message for a source."""

    bucket: str
    topic: str
    payload: bytes


@dataclass(slots=True)
class _Pending:
    """What one stream of a source has not been told yet."""

    address: Address
    boots: dict[str, list[Range]] = field(default_factory=dict)
    count: int = 0
    since: float = 0.0
    asked: int | None = None


class Acks:
    """Collects confirmations and says when to tell. Times are seconds of a monotonic clock."""

    def __init__(self, every: int, after_s: float, answer_s: float) -> None:
        """Tell after `every` events or `after_s`; answer asks of a stream every `answer_s`."""
        self._every = every
        self._after_s = after_s
        self._answer_s = answer_s
        self._pending: dict[str, _Pending] = {}  # by ce_source; oldest `since` first
        self._full: dict[str, None] = {}
        self._asking: dict[str, None] = {}
        self._answered: dict[str, float] = {}

    def confirm(self, address: Address, boot: str, seq: int, now: float) -> None:
        """Kafka has this event."""
        name = address.ce_source
        pending = self._pending.get(name)
        if pending is None:
            pending = self._pending[name] = _Pending(address, since=now)
        ranges = pending.boots.get(boot)
        if ranges is None:
            pending.boots[boot] = [[seq, seq]]
        else:
            last = ranges[-1]
            if last[1] + 1 == seq:
                last[1] = seq
            elif not last[0] <= seq <= last[1]:
                ranges.append([seq, seq])
        pending.count += 1
        if pending.count >= self._every:
            self._full[name] = None

    def ask(self, address: Address, number: int, now: float) -> None:
        """The source asks; of several asks the last is answered, none is forgotten."""
        name = address.ce_source
        pending = self._pending.get(name)
        if pending is None:
            pending = self._pending[name] = _Pending(address, since=now)
        pending.asked = number
        self._asking[name] = None

    def due(self, now: float) -> Iterator[Answer]:
        """What is to be told now; whatever is taken from here counts as told."""
        for name in self._due_names(now):
            pending = self._pending.pop(name)
            self._full.pop(name, None)
            if name in self._asking:
                del self._asking[name]
                self._answered[name] = now
            yield from _answers(pending)
        self._forget(now)

    def flush(self) -> Iterator[Answer]:
        """Everything that is left, asked for or not: at shutdown."""
        for pending in self._pending.values():
            yield from _answers(pending)
        self._pending.clear()
        self._full.clear()
        self._asking.clear()

    def _due_names(self, now: float) -> list[str]:
        due = dict.fromkeys(self._full)
        for name in self._asking:
            if now - self._answered.get(name, -self._answer_s) >= self._answer_s:
                due[name] = None
            else:
                due.pop(name, None)  # told with the answer, a little later
        for name, pending in self._pending.items():
            if now - pending.since < self._after_s:
                break
            due[name] = None
        return list(due)

    def _forget(self, now: float) -> None:
        """Answers older than the limit restrict nothing any more."""
        if len(self._answered) > 1_000:
            limit = now - self._answer_s
            self._answered = {n: at for n, at in self._answered.items() if at > limit}


def _answers(pending: _Pending) -> Iterator[Answer]:
    """Acks of a stream, one message per boot; the echo last."""
    address = pending.address
    for boot, ranges in pending.boots.items():
        told = {"ack": {"stream": address.stream, "boot": boot, "seq": merged(ranges)}}
        yield Answer(address.bucket, address.down, msgspec.json.encode(told))
    if pending.asked is not None:
        echo = {"echo": pending.asked, "stream": address.stream}
        yield Answer(address.bucket, address.down, msgspec.json.encode(echo))


def merged(ranges: Iterable[Range]) -> list[Range]:
    """Ranges in order, joined where they touch.

    >>> merged([[5, 6], [1, 2], [3, 3], [6, 9]])
    [[1, 3], [5, 9]]
    """
    allowed: list[Range] = []
    for first, last in sorted(ranges):
        if allowed and first <= allowed[-1][1] + 1:
            allowed[-1][1] = max(allowed[-1][1], last)
        else:
            allowed.append([first, last])
    return allowed
