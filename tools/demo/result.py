"""What the demo found out: gathered, compared, and written as demo.json."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from shared.events.topics import BY_NAME
from tools.demo import sets
from tools.demo.ask import Asker, ledger_ids
from tools.demo.lived import lived
from tools.demo.naive import naive
from tools.demo.plays import Plays
from tools.demo.readback import ReadBack
from tools.demo.scoring import Flag, Score, score
from tools.demo.sets import Difference
from tools.fleet.fleet import Fleet
from tools.fleet.ledger import TOPICS

SERVICES = ("journey", "support", "analytics")


@dataclass
class Found:
    """Everything the summary says.

    Attributes:
        published, acked, kafka: distinct sequenced ids, by topic.
        counted: the same in each service's ledger; None where the topic is not consumed.
        faults: per fault code, how many tickets absorbed how many faults.
        naive: by tier, the rule with no more false alarms, and how it does.
        drops: the true ones, with what caused them, that reasons can be graded against.
    """

    published: dict[str, int]
    acked: dict[str, int]
    kafka: dict[str, int]
    counted: dict[str, dict[str, int | None]]
    differences: list[Difference]
    duplicates_sent: int
    resent: int
    duplicates_removed: int
    unsequenced: int
    rejected: dict[str, int]
    stages: dict[str, int]
    tickets: int
    faults: list[dict[str, Any]]
    scores: dict[str, Score]
    apart: dict[str, int]
    naive: dict[str, tuple[int, Score]] = field(default_factory=dict)
    drops: list[dict[str, Any]] = field(default_factory=list)
    plays: Plays = field(default_factory=Plays)
    console: str = ""  # where the pages are
    seconds: float = 0.0
    setup_seconds: float = 0.0
    live_seconds: float = 0.0
    peak_memory_mb: float = 0.0
    memory_by_process: dict[str, float] = field(default_factory=dict)
    cpu_s: dict[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Every published event was acked, is in Kafka, and was counted once by each service."""
        return not self.differences and all(
            len({self.published[t], self.acked[t], self.kafka[t]} | _counts(self.counted, t)) == 1
            for t in TOPICS
        )

    @property
    def events_per_s(self) -> float:
        """Distinct events per second of history."""
        return (
            round(sum(self.published.values()) / self.live_seconds, 1) if self.live_seconds else 0
        )

    def plain(self) -> dict[str, Any]:
        """`demo.json`."""
        return {
            "ok": self.ok,
            "console": self.console,
            "seconds": self.seconds,
            "setup_seconds": self.setup_seconds,
            "events_per_s": self.events_per_s,
            "peak_memory_mb": self.peak_memory_mb,
            "memory_mb": self.memory_by_process,
            "cpu_s": self.cpu_s,
            "published": self.published,
            "acked": self.acked,
            "kafka": self.kafka,
            "counted": self.counted,
            "differences": [str(difference) for difference in self.differences],
            "duplicates_sent": self.duplicates_sent,
            "resent": self.resent,
            "duplicates_removed": self.duplicates_removed,
            "unsequenced": self.unsequenced,
            "rejected": self.rejected,
            "apart": self.apart,
            "stages": self.stages,
            "tickets": self.tickets,
            **self.plays.plain(),
            "faults": sum(fault["faults"] for fault in self.faults),
            "risk": {tier: _score(score) for tier, score in self.scores.items()},
            "naive_rule": {
                tier: {"days_without_use": days, **_score(score)}
                for tier, (days, score) in self.naive.items()
            },
            "drops": self.drops,
        }

    def write(self, path: Path) -> None:
        """Write it, readable."""
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self.plain()), indent=1))


def _counts(counted: Mapping[str, Mapping[str, int | None]], topic: str) -> set[int]:
    return {n for service in counted.values() if (n := service[topic]) is not None}


def _score(score: Score) -> dict[str, Any]:
    return {
        "recall": score.recall,
        "precision": score.precision,
        "median_delay_days": score.median_delay_days,
        "found": score.found,
        "missed": score.missed,
        "false": dict(score.false),
        "left_out": score.left_out,
        "too_late": score.too_late,
        "false_alarms_per_1000_customer_months": score.false_alarms,
        "by_kind": {kind: {"found": n, "drops": of} for kind, (n, of) in score.kinds.items()},
    }


def wanted(kafka: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Ids each service has to count, by topic it consumes."""
    return {
        service: {t: n for t, n in kafka.items() if service in BY_NAME[t].consumers}
        for service in SERVICES
    }


async def gather(
    fleet: Fleet,
    kafka: ReadBack,
    counted: Mapping[str, Mapping[str, int]],
    databases: Mapping[str, str],
    asker: Asker,
) -> Found:
    """Ask everybody and compare."""
    ledger = fleet.ledger
    by_service: dict[str, dict[str, int | None]] = {
        service: {
            topic: counts.get(topic, 0) if service in BY_NAME[topic].consumers else None
            for topic in TOPICS
        }
        for service, counts in counted.items()
    }
    published, acked, in_kafka = ledger.counts(), ledger.counts("acked"), kafka.counts()
    unequal = [
        t for t in TOPICS if len({published[t], acked[t], in_kafka[t]} | _counts(by_service, t)) > 1
    ]
    tickets = await asker.get("support", "/v1/tickets/summary")
    rejects = await asker.get("ingest", "/v1/rejects/summary")
    return Found(
        published=published,
        acked=acked,
        kafka=in_kafka,
        counted=by_service,
        differences=await _differences(unequal, fleet, kafka, databases),
        duplicates_sent=ledger.duplicates_sent,
        resent=ledger.resent,
        duplicates_removed=kafka.repeated,
        unsequenced=ledger.unsequenced,
        rejected=dict(sorted(rejects.items(), key=lambda item: -item[1])),
        stages={
            stage["stage"]: stage["customers"] for stage in await asker.get("journey", "/v1/stages")
        },
        tickets=sum(ticket["tickets"] for ticket in tickets),
        faults=tickets,
        apart={
            "unsequenced events in Kafka": kafka.unsequenced,
            "bad payloads sent": sum(ledger.bad_sent.values()),
            "rejects answered": sum(ledger.rejected.values()),
            "strangers turned away by the broker": ledger.turned_away,
            "events of a copied device": ledger.copied,
        },
        **await _risk(fleet, asker),
    )


async def _differences(
    unequal: list[str], fleet: Fleet, kafka: ReadBack, databases: Mapping[str, str]
) -> list[Difference]:
    if not unequal:
        return []
    ledgers = {service: await ledger_ids(databases[service]) for service in SERVICES}
    differences: list[Difference] = []
    for topic in unequal:
        places: list[tuple[str, sets.Ids]] = [
            ("published", fleet.ledger.published[topic]),
            ("acked", fleet.ledger.acked[topic]),
            ("kafka", kafka.ids[topic]),
        ]
        for service in SERVICES:
            if service in BY_NAME[topic].consumers:
                stream = "app" if topic == "app.usage" else topic.partition(".")[2]
                places.append((service, ledgers[service].get(stream, {})))
        differences += sets.differences(topic, places)
    return differences[: sets.FIRST]


async def _risk(fleet: Fleet, asker: Asker) -> dict[str, Any]:
    """Scores by tier, of the service and of the naive rule."""
    customers: dict[str, Any] = fleet.truth["customers"]
    last = _day(fleet.truth["end"])
    reporting = await asker.reporting_days(
        {n: _day(c["drop"]["at"]) for n, c in customers.items() if c["drop"] is not None}
    )
    lives = lived(fleet.truth, reporting)
    findings = await asker.pages("analytics", "/v1/findings")
    scores = {
        "watch": score(_flags(findings, {"watch", "at_risk"}, {"none"}), lives, last),
        "at_risk": score(_flags(findings, {"at_risk"}, {"none", "watch"}), lives, last),
    }
    return {
        "scores": scores,
        "naive": {
            tier: naive(fleet.used, lives, last, score.false_alarms)
            for tier, score in scores.items()
        },
        "drops": [
            {"customer": name, **told["drop"]}
            for name, told in customers.items()
            if told["drop"] is not None
        ],
    }


def _flags(findings: list[Any], tiers: set[str], before: set[str]) -> list[Flag]:
    return [
        Flag(finding["customer"], date.fromisoformat(finding["day"]))
        for finding in findings
        if finding["tier"] in tiers and finding["previous"] in before
    ]


def _day(moment: str) -> date:
    return datetime.fromisoformat(moment).date()
