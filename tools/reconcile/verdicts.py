"""What a service's database says, against what is in Kafka: pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.db.offsets import Position
from shared.db.outbox import Published
from shared.events.topics import BY_NAME
from shared.stream.log_check import Span


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes:
        what: a place that is read, or a topic that is written.
        wrong: somebody has to decide or do something.
    """

    service: str
    what: str
    verdict: str
    wrong: bool = False


@dataclass(frozen=True)
class Told:
    """A record of a service's own, as it stands in Kafka."""

    id: str
    topic: str
    appended_at: datetime


def read_lines(
    service: str,
    positions: Sequence[Position],
    spans: Mapping[tuple[str, int], Span],
    wrong: Mapping[tuple[str, int], str],
) -> list[Line]:
    """Where a service stands: a line for every partition that is wrong, one for the others of a topic.

    Args:
        spans: first and end offset of the partitions that exist.
        wrong: what the log check says of a partition.
    """
    lines: list[Line] = []
    fine: dict[str, list[Position]] = {}
    for position in sorted(positions, key=lambda p: p.key):
        place = f"reads {position.topic}[{position.partition}]"
        if position.key not in spans:
            lines.append(Line(service, place, "it does not exist: ./playcaller topics", wrong=True))
        elif position.key in wrong:
            last = f"last applied: {position.last_id} of {position.last_at:%Y-%m-%d %H:%M:%S}"
            lines.append(Line(service, place, f"log_diverged: {wrong[position.key]}; {last}", wrong=True))  # fmt: skip
        else:
            fine.setdefault(position.topic, []).append(position)
    for topic, all_of in fine.items():
        behind = sum(spans[p.key].end - p.next_offset for p in all_of)
        applied = max((p.last_at for p in all_of if p.last_at is not None), default=None)
        last = "nothing applied yet" if applied is None else f"last applied {applied:%Y-%m-%d %H:%M:%S}"  # fmt: skip
        lines.append(Line(service, f"reads {topic}", f"the log is the one it has read; {last}, {behind} to go"))  # fmt: skip
    return lines


def lost(rows: Sequence[Published], there: Mapping[str, Collection[str]]) -> list[Published]:
    """Events that were published and are not in Kafka, oldest first.

    A compacted topic keeps the newest record of a key: only the newest of each has to be there.

    Args:
        there: ids of the records in Kafka, by topic.
    """
    newest: dict[tuple[str, str], Published] = {}
    wanted: list[Published] = []
    for row in sorted(rows, key=lambda r: r.position):
        if BY_NAME[row.topic].compacted:
            newest[row.topic, row.key] = row
        else:
            wanted.append(row)
    wanted += newest.values()
    missing = [row for row in wanted if row.id not in there.get(row.topic, ())]
    return sorted(missing, key=lambda r: r.position)


def written_lines(
    service: str, rows: Sequence[Published], missing: Sequence[Published], *, applied: bool
) -> list[Line]:
    """What became of what a service has published, a line per topic."""
    gone: dict[str, int] = {}
    for row in missing:
        gone[row.topic] = gone.get(row.topic, 0) + 1
    lines = []
    for topic in sorted({row.topic for row in rows}):
        count = sum(row.topic == topic for row in rows)
        verdict = f"all of {count} events of the last days are in Kafka"
        if topic in gone:
            verdict = f"{gone[topic]} of {count} events that were published are not in Kafka"
            verdict += "; they are published again" if applied else ". Next: reconcile --apply"
        lines.append(Line(service, f"writes {topic}", verdict, wrong=topic in gone and not applied))
    return lines


def unknown_lines(service: str, told: Sequence[Told], known: Collection[str]) -> list[Line]:
    """Records of a service that its database does not know: it was restored to before them."""
    of: dict[str, list[Told]] = {}
    for record in told:
        if record.id not in known:
            of.setdefault(record.topic, []).append(record)
    return [
        Line(
            service,
            f"writes {topic}",
            f"{len(ids_of_topic)} events in Kafka are not in its database, the first of "
            f"{min(e.appended_at for e in ids_of_topic):%Y-%m-%d %H:%M:%S} ({min(ids_of_topic, key=lambda e: e.appended_at).id}): "
            "it was restored to before them. Who has read them keeps them; docs/how-to/at-3-am.md",
            wrong=True,
        )
        for topic, ids_of_topic in sorted(of.items())
    ]
