"""Published, acked, in Kafka, in the databases: compared id by id, and the effects with the ids."""

import re
import struct
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tools.faults import kafka
from tools.faults.kafka import decoded
from tools.faults.rig import CONSUMERS, Rig

TOPIC_OF = {
    "usage": "device.usage",
    "fault": "device.fault",
    "lifecycle": "device.lifecycle",
    "app": "app.usage",
}
STREAM_OF = {topic: stream for stream, topic in TOPIC_OF.items()}
READS = {
    "journey": ("usage", "lifecycle", "app"),
    "support": ("fault", "lifecycle", "app"),
    "analytics": ("usage", "fault", "lifecycle", "app"),
}
OURS = "cust-%"  # customers of the fleet; whoever else the database has is not compared
_RANGE = re.compile(r"\[(\d+),(\d+)\)")
_ITEM = struct.Struct("<IIQIHHHH")  # services/analytics/domain/days/item.py

Id = tuple[str, str, str, int]  # source, stream, boot, seq


@dataclass
class Comparison:
    """What differs.

    Attributes:
        lost: events that were acked or in Kafka and are not where they must be.
        duplicate_effects: effects beyond one for each distinct event.
    """

    published: int = 0
    acked: int = 0
    kafka: int = 0
    lost: int = 0
    duplicate_effects: int = 0
    problems: list[str] = field(default_factory=list)

    def effect(self, what: str, got: int, wanted: int) -> None:
        """Compare a count of effects with the distinct events behind it."""
        self.duplicate_effects += max(0, got - wanted)
        self.lost += max(0, wanted - got)
        if got != wanted:
            self.problems.append(f"{what}: {got}, by Kafka {wanted}")


def numbers(multirange: str) -> set[int]:
    """All of an int8multirange.

    >>> sorted(numbers("{[1,4),[7,8)}"))
    [1, 2, 3, 7]
    """
    ids: set[int] = set()
    for first, end in _RANGE.findall(multirange):
        ids.update(range(int(first), int(end)))
    return ids


async def in_kafka(rig: Rig) -> dict[Id, dict[str, Any]]:
    """The distinct events of the rig's sources, as first written."""
    first: dict[Id, dict[str, Any]] = {}
    for record in await kafka.read(rig.bootstrap, list(STREAM_OF)):
        event = decoded(record.value)
        if event is None or event.get("seq") is None or event.get("source") not in rig.devices:
            continue
        id_ = (event["source"], STREAM_OF[record.topic], event["boot"], event["seq"])
        first.setdefault(id_, event)
    return first


async def in_ledger(rig: Rig, service: str) -> set[Id]:
    """What a service has counted of the rig's sources."""
    rows = await rig.rows(service, "SELECT source, stream, boot, seqs::text AS seqs FROM ledger")
    return {
        (row["source"], row["stream"], row["boot"], seq)
        for row in rows
        if row["source"] in rig.devices
        for seq in numbers(row["seqs"])
    }


async def compare(rig: Rig) -> Comparison:
    """Hold everything against everything; the rig must have settled."""
    comparison = Comparison()
    published: set[Id] = set()
    acked: set[Id] = set()
    for device in rig.devices.values():
        for stream in device.streams.values():
            whose = (device.source, stream.name, stream.boot)
            published |= {(*whose, seq) for seq in stream.published}
            acked |= {(*whose, seq) for seq in stream.acked}
    events = await in_kafka(rig)
    comparison.published, comparison.acked, comparison.kafka = (
        len(published),
        len(acked),
        len(events),
    )
    _missing(comparison, "acked events are not in Kafka", acked - events.keys())
    _missing(comparison, "published events are not in Kafka", published - events.keys())
    for service in CONSUMERS:
        await _service(rig, service, events, comparison)
    return comparison


def _missing(comparison: Comparison, what: str, ids: set[Id]) -> None:
    if ids:
        comparison.lost += len(ids)
        comparison.problems.append(f"{len(ids)} {what}, e.g. {sorted(ids)[:2]}")


async def _service(
    rig: Rig, service: str, events: dict[Id, dict[str, Any]], comparison: Comparison
) -> None:
    have = await in_ledger(rig, service)
    want = {id_ for id_ in events if id_[1] in READS[service]}
    aside = " ".join(row["id"] for row in await rig.rows(service, "SELECT id FROM quarantine"))
    missing = {id_ for id_ in want - have if not _is_aside(id_, aside)}
    _missing(comparison, f"of Kafka are not in {service}'s ledger", missing)
    if strangers := have - want:
        comparison.problems.append(f"{service} has {len(strangers)} that Kafka has not")
    counted = [events[id_] for id_ in want & have if events[id_].get("customer")]
    match service:
        case "journey":
            await _journey(rig, counted, comparison)
        case "support":
            await _support(rig, counted, comparison)
        case _:
            await _analytics(rig, counted, comparison)


def _is_aside(id_: Id, aside: str) -> bool:
    source, stream, boot, seq = id_
    return re.search(rf"/{source}/{stream}#{boot}:{seq}(?!\d)", aside) is not None


def _uses(events: list[dict[str, Any]]) -> int:
    return sum(
        event.get("count", 1)
        for event in events
        if event["type"] == "feature_used"
        or (event["type"] == "usage" and event.get("by") == "person")
    )


async def _journey(rig: Rig, events: list[dict[str, Any]], comparison: Comparison) -> None:
    (row,) = await rig.rows(
        "journey", "SELECT coalesce(sum(uses), 0)::bigint AS n FROM customer WHERE id LIKE $1", OURS
    )
    comparison.effect("uses counted by journey", row["n"], _uses(events))


async def _support(rig: Rig, events: list[dict[str, Any]], comparison: Comparison) -> None:
    faults = [event for event in events if event["type"] == "fault"]
    keys = {(event["source"], event["code"], event.get("component", "")) for event in faults}
    (row,) = await rig.rows(
        "support",
        "SELECT count(*) AS tickets, coalesce(sum(f.faults), 0)::bigint AS faults "
        "FROM ticket t JOIN ticket_fault f ON f.ticket = t.id WHERE t.customer LIKE $1",
        OURS,
    )
    comparison.effect("faults on support's tickets", row["faults"], len(faults))
    (lines,) = await rig.rows(
        "support",
        "SELECT count(*) AS n FROM ticket_history h JOIN ticket t ON t.id = h.ticket "
        "WHERE h.what = 'fault' AND t.customer LIKE $1",
        OURS,
    )
    comparison.effect("lines of history for a fault", lines["n"], len(faults))
    doubly = await rig.rows(
        "support",
        "SELECT 1 FROM ticket_fault WHERE is_open GROUP BY key HAVING count(*) > 1",
    )
    comparison.effect("problems with two open tickets", len(doubly), 0)
    if row["tickets"] < len(keys):
        comparison.problems.append(f"support: {row['tickets']} tickets for {len(keys)} problems")
    await _told(rig, comparison)


async def _told(rig: Rig, comparison: Comparison) -> None:
    """What the outbox says is published is in Kafka."""
    rows = await rig.rows(
        "support",
        "SELECT id FROM outbox WHERE topic = 'support.activity' AND published_at IS NOT NULL "
        "AND key IS NOT NULL",
    )
    records = await kafka.read(rig.bootstrap, ["support.activity"])
    seen = Counter(r.headers["ce_id"].decode() for r in records if "ce_id" in r.headers)
    if gone := {row["id"] for row in rows} - seen.keys():
        comparison.lost += len(gone)
        comparison.problems.append(
            f"{len(gone)} events of support are marked published, not in Kafka"
        )


async def _analytics(rig: Rig, events: list[dict[str, Any]], comparison: Comparison) -> None:
    uses = faults = 0
    for row in await rig.rows(
        "analytics", "SELECT items FROM recent_input WHERE customer LIKE $1", OURS
    ):
        for item in _ITEM.iter_unpack(row["items"]):
            uses, faults = uses + item[2], faults + item[4]
    (day,) = await rig.rows(
        "analytics",
        "SELECT coalesce(sum(uses), 0)::bigint AS uses, coalesce(sum(faults), 0)::bigint AS faults "
        "FROM day_input WHERE customer LIKE $1",
        OURS,
    )
    wanted = sum(event["type"] == "fault" for event in events)
    comparison.effect("uses counted by analytics", uses + day["uses"], _uses(events))
    comparison.effect("faults counted by analytics", faults + day["faults"], wanted)
