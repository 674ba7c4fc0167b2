"""When a source speaks, and in what packets: by mains, by battery, offline, newest first, twice."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec

from tools.fleet.household import bucket
from tools.fleet.script import Happening
from tools.fleet.source import Entry, Rules, Stream, StreamName

ARRAY = 100  # events in one packet, of the 500 that the protocol allows
SESSION_S = 600  # an app sends what happened in ten minutes as one packet
SourceKind = Literal["devices", "apps"]
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Habits:
    """How a source sends.

    Attributes:
        wake_s: a battery device collects this long and sends an array; 0: at once.
        phase_s: when its first wake is, seconds after the start of history.
        clock_off_s: its clock minus true time.
        lifo: newest first.
        duplicates: share of packets sent twice.
        offline: spans without a network, UTC seconds.
    """

    wake_s: float = 0.0
    phase_s: float = 0.0
    clock_off_s: float = 0.0
    lifo: bool = False
    duplicates: float = 0.0
    offline: tuple[tuple[int, int], ...] = ()


class Packet(NamedTuple):
    """One MQTT message to be published."""

    sent: int
    stream: Stream
    entries: Sequence[Entry]
    payload: bytes


@dataclass(slots=True)
class Source:
    """A device or an app: its streams and its habits."""

    id: str
    kind: SourceKind
    start: int
    boot: str
    habits: Habits = field(default_factory=Habits)
    rules: Rules = field(default_factory=Rules)
    streams: dict[StreamName, Stream] = field(default_factory=dict)
    duplicates_sent: int = 0
    prefix: str = ""
    dice: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.prefix = f"pc/v1/{bucket(self.id)}/{self.kind}/{self.id}"
        self.dice.seed(self.id)

    def stream(self, name: StreamName) -> Stream:
        """The stream of that name, begun when first spoken of."""
        known = self.streams.get(name)
        if known is None:
            known = self.streams[name] = Stream(name, self.boot, self.rules)
        return known

    def topic(self, stream: str) -> str:
        """Where a stream is published."""
        return f"{self.prefix}/up/{stream}"

    def live(self, happenings: Iterable[Happening]) -> None:
        """Number what has happened; `send` decides when it leaves."""
        for at, _, name, kind, fields in happenings:
            stream = self.streams.get(name) or self.stream(name)
            stream.happen(at, kind, fields)

    def send(self, until: int, now: float, *, all_of_it: bool = False) -> Iterator[Packet]:
        """What leaves up to `until` (UTC second), marked as sent at `now` (monotonic).

        Args:
            all_of_it: whoever is online sends at once, not at the next wake: history ends.
        """
        for stream in self.streams.values():
            fresh = stream.fresh
            # Times of leaving rise with times of happening: the first tells whether any is due.
            if not fresh or self._leaves(stream.name, int(fresh[0].at), until, all_of_it) > until:
                continue
            due: dict[int, list[Entry]] = {}
            later = []
            for entry in stream.take_fresh():
                at = self._leaves(stream.name, int(entry.at), until, all_of_it)
                if at > until:
                    later.append(entry)
                elif at in due:
                    due[at].append(entry)
                else:
                    due[at] = [entry]
            stream.fresh = later
            for at, entries in due.items():
                for some in self._packets(stream.name, entries):
                    stream.sending(some, now)
                    yield Packet(at, stream, some, self.payload(stream, some, at))

    def resends(self, stream: Stream, sent: int, now: float) -> list[Packet]:
        """What was lost and may be sent again now."""
        entries = stream.take_resends(now)
        if not entries:
            return []
        stream.sending(entries, now)
        return [Packet(sent, stream, entries, self.payload(stream, entries, sent))]

    def payload(self, stream: Stream, entries: Sequence[Entry], sent: int) -> bytes:
        """JSON of one event, or of an array of them, as this source's clock tells the time."""
        off = self.habits.clock_off_s
        boot, sent_text = stream.boot, _moment(sent + off)
        elements = [_element(entry, boot, off, sent_text) for entry in entries]
        return _encode(elements[0] if len(elements) == 1 else elements)

    def dropped_report(self, stream: Stream, sent: int) -> bytes | None:
        """What the ring had to drop and ingest may not know yet; None: nothing."""
        if not stream.unreported:
            return None
        at = _moment(sent + self.habits.clock_off_s)
        return _encode(
            {
                "type": "dropped",
                "stream": stream.name,
                "boot": stream.boot,
                "at": at,
                "sent": at,
                "ranges": stream.unreported.pairs(),
            }
        )

    @property
    def has_fresh(self) -> bool:
        """Whether something waits to be sent for the first time."""
        return any(stream.fresh for stream in self.streams.values())

    def is_offline(self, at: int) -> bool:
        """Whether it has no network at this second."""
        return any(first <= at < end for first, end in self.habits.offline)

    def _leaves(self, stream: StreamName, at: int, until: int, hurry: bool) -> int:
        """UTC second at which an event of `at` is sent."""
        habits = self.habits
        if self.kind == "apps":
            leaves = (at // SESSION_S + 1) * SESSION_S
        elif habits.wake_s and stream == "usage":
            first = self.start + habits.phase_s
            leaves = int(first + -((first - at) // habits.wake_s) * habits.wake_s) + 1
        else:
            leaves = at + 1
        if hurry:
            leaves = min(leaves, until)
        for first, end in habits.offline:
            if first <= leaves < end:
                leaves = end + 5
        return leaves

    def _packets(self, stream: StreamName, entries: list[Entry]) -> Iterator[list[Entry]]:
        """One packet per event by mains; an array after a wake, a session or an outage."""
        in_order = entries[::-1] if self.habits.lifo else entries
        array = self.kind == "apps" or self.habits.wake_s or len(entries) > 1
        size = ARRAY if array and not (self.habits.lifo and stream != "usage") else 1
        for first in range(0, len(in_order), size):
            yield in_order[first : first + size]


def _element(entry: Entry, boot: str, off: float, sent: str) -> dict[str, Any]:
    return {
        "type": entry.kind,
        "boot": boot,
        "seq": entry.seq,
        "at": _moment(entry.at + off),
        "sent": sent,
        **entry.fields,
    }


def _moment(second: float) -> str:
    """RFC 3339 with `Z`.

    >>> _moment(1_772_349_150)
    '2026-03-01T07:12:30Z'
    """
    day, rest = divmod(int(second), 86_400)
    return f"{_date(day)}T{_MINUTES[rest // 60]}:{_SECONDS[rest % 60]}Z"


@lru_cache(maxsize=4096)
def _date(day: int) -> str:
    return (EPOCH + timedelta(days=day)).isoformat()


EPOCH = date(1970, 1, 1)
_MINUTES = tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(1440))
_SECONDS = tuple(f"{second:02d}" for second in range(60))
