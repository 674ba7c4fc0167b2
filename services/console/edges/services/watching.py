"""What on-call asks of any of our services: is it well, how far has it read, what has it set aside."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from services.console.edges.services.client import Client
from shared.web.client.client import Peer

NEWEST = 50
SAMPLE_S = 15.0  # Kafka is asked anew every five seconds, while somebody looks


class Readiness(msgspec.Struct, frozen=True):
    """Whether it can work; `waiting`: for what it waits, a sentence for each."""

    state: str
    waiting: Mapping[str, str] = {}
    facts: Mapping[str, str] = {}


class Reading(msgspec.Struct, frozen=True):
    """A topic and a group that reads it; None: not known."""

    topic: str
    group: str | None
    state: str
    why: str
    lag_messages: int | None = None
    lag_seconds: float | None = None
    members: int | None = None
    last_progress: datetime | None = None


class Readings(msgspec.Struct, frozen=True):
    """All of a group, as they were a moment ago."""

    sampled_at: datetime
    topics: list[Reading]


class Group(msgspec.Struct, frozen=True):
    """Records set aside for one reason."""

    topic: str
    reason: str
    count: int
    oldest_at: datetime
    last_hour: int


class Content(msgspec.Struct, frozen=True):
    """What a record carried."""

    key: str | None
    headers: list[tuple[str, str]]
    value: str | None


class Record(msgspec.Struct, frozen=True):
    """A record set aside; `detail` and `content` only where they were asked for."""

    id: str
    topic: str
    partition: int
    offset: int
    reason: str
    attempts: int
    quarantined_at: datetime
    appended_at: datetime
    detail: str = ""
    size: int | None = None
    content: Content | None = None


class Quarantine(msgspec.Struct, frozen=True):
    """What waits for somebody to decide."""

    groups: list[Group]
    newest: list[Record]


class Replayed(msgspec.Struct, frozen=True):
    """What a replay did, or would do: how many match, and records by what became of them."""

    matching: int
    outcomes: Mapping[str, int]


class _Discarded(msgspec.Struct, frozen=True):
    discarded: int


class Gaps(msgspec.Struct, frozen=True):
    """Numbers of a stream that were never counted, within what was."""

    source: str
    stream: str
    gaps: int
    missing: int
    last_at: datetime


class Watching(Client):
    """What on-call asks one service."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        super().__init__(peer, bearer)
        self.name = peer.name

    async def ready(self) -> Readiness:
        """Can it work, and what does it wait for?"""
        return (await self._peer.ready()).read(Readiness)

    async def readings(self) -> Readings:
        """How far behind is its group, by topic?"""
        return await self._read(
            Readings, "/v1/topics", params={"group": self.name, "within_s": SAMPLE_S}
        )

    async def aside(
        self, wanted: Mapping[str, str], *, reveal: bool = False, limit: int = NEWEST
    ) -> Quarantine:
        """What has it set aside, of the topic and reason that are wanted?"""
        params = {**wanted, "limit": limit, "reveal": "true" if reveal else None}
        return await self._read(Quarantine, "/v1/quarantine", params=params)

    async def replay(self, wanted: Mapping[str, str], *, dry_run: bool) -> Replayed:
        """Put back what matches, or only count it."""
        params = {**wanted, "dry_run": "true" if dry_run else "false"}
        return (await self._send("POST", "/v1/quarantine/replay", params=params)).read(Replayed)

    async def discard(self, wanted: Mapping[str, str]) -> int:
        """Remove what matches for good, 500 at the most; returns how many are gone."""
        answer = await self._send(
            "POST", "/v1/quarantine/discard", params={**wanted, "dry_run": "false"}
        )
        return answer.read(_Discarded).discarded

    async def decide(self, record: str, verb: str) -> None:
        """`replay` or `discard` one record."""
        await self._post(f"/v1/quarantine/{{}}/{verb}", record)

    async def gaps(self, source: str | None = None) -> list[Gaps]:
        """Whose numbers have holes, the most first; with a `source`, which of its own?"""
        params = None if source is None else {"source": source, "days": 90}
        return await self._read(list[Gaps], "/v1/ledger/gaps", params=params)
