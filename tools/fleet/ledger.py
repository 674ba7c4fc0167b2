"""What the fleet published and what was acked, as sets of ids: the demo compares them to the end."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tools.fleet.ranges import Ranges
from tools.fleet.source import TOPIC, Stream

Key = tuple[str, str, str]  # source, stream, boot
TOPICS = ("device.usage", "device.fault", "device.lifecycle", "app.usage")


@dataclass
class Ledger:
    """Distinct sequenced ids per topic, and everything that is counted apart from them.

    Attributes:
        published: valid ids that left at least once.
        acked: ids that ingest says Kafka has.
        dropped: ids that a full ring dropped.
        duplicates_sent: events sent a second time on purpose (resends are counted in `resent`).
        bad_sent: bad payloads sent on purpose, by the reason they deserve.
        copied: events of a copied device, under numbers that the device itself has used.
        turned_away: strangers that the broker did not let in.
        rejected: rejects received, by reason.
    """

    published: dict[str, dict[Key, Ranges]] = field(default_factory=lambda: {t: {} for t in TOPICS})
    acked: dict[str, dict[Key, Ranges]] = field(default_factory=lambda: {t: {} for t in TOPICS})
    dropped: dict[str, dict[Key, Ranges]] = field(default_factory=lambda: {t: {} for t in TOPICS})
    duplicates_sent: int = 0
    resent: int = 0
    unsequenced: int = 0
    bad_sent: Counter[str] = field(default_factory=Counter)
    copied: int = 0
    turned_away: int = 0
    rejected: Counter[str] = field(default_factory=Counter)

    def take(self, source: str, streams: Iterable[Stream]) -> None:
        """Enter what these streams of a source know; called once per source, at the end."""
        for stream in streams:
            topic, key = TOPIC[stream.name], (source, stream.name, stream.boot)
            self.published[topic][key] = stream.published
            self.acked[topic][key] = stream.acked
            if stream.dropped:
                self.dropped[topic][key] = stream.dropped
            self.resent += stream.resent

    def counts(self, which: str = "published") -> dict[str, int]:
        """Distinct ids per topic of `published`, `acked` or `dropped`."""
        topics: dict[str, dict[Key, Ranges]] = getattr(self, which)
        return {topic: sum(map(len, streams.values())) for topic, streams in topics.items()}

    @property
    def is_complete(self) -> bool:
        """Whether every published id was acked."""
        return not any(self.missing(topic, limit=1) for topic in TOPICS)

    def missing(self, topic: str, *, limit: int = 10) -> list[tuple[str, str, str, int]]:
        """The first published ids that were not acked: (source, stream, boot, seq)."""
        rows: list[tuple[str, str, str, int]] = []
        for key, ranges in sorted(self.published[topic].items()):
            acked = self.acked[topic].get(key, Ranges())
            if len(rows) < limit and ranges != acked:
                rows += [(*key, seq) for seq in ranges.without(acked)]
        return rows[:limit]

    def plain(self) -> dict[str, Any]:
        """JSON-ready: ids as `{topic: {"source/stream/boot": [[first, last], ...]}}`."""
        document: dict[str, Any] = {
            which: {
                topic: {"/".join(key): ranges.pairs() for key, ranges in streams.items()}
                for topic, streams in getattr(self, which).items()
            }
            for which in ("published", "acked", "dropped")
        }
        document["counts"] = {
            which: self.counts(which) for which in ("published", "acked", "dropped")
        }
        document |= {
            "duplicates_sent": self.duplicates_sent,
            "resent": self.resent,
            "unsequenced": self.unsequenced,
            "bad_sent": dict(self.bad_sent),
            "copied": self.copied,
            "turned_away": self.turned_away,
            "rejected": dict(self.rejected),
        }
        return document

    def write(self, path: Path) -> None:
        """Write `published.json`."""
        path.write_bytes(msgspec.json.encode(self.plain()))
