"""Who needs somebody: a sentence each, with what to do next."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tools.screens.advice import USUAL, Where, advised
from tools.screens.part import Part

# A group that is BEHIND is catching up; these need somebody.
UNHEALTHY_TOPICS = frozenset({"MISSING", "STALLED", "UNKNOWN"})
LONGEST_LIST = 4  # causes that are named; the others are one number

Groups = Mapping[str, Sequence[Mapping[str, Any]]]
"""What each service has in quarantine, by topic and reason."""

Facts = Mapping[str, Mapping[str, Any]]
"""What each service tells of itself at `/readyz`."""


def complaints(
    parts: Sequence[Part],
    topics: Sequence[Mapping[str, Any]],
    aside: Groups,
    now: datetime,
    where: Where = USUAL,
) -> list[str]:
    """Everything, the causes before what follows from them."""
    said = [f"{p.name}: {advised(p.name, p.state, where)}" for p in parts if not p.healthy]
    same: dict[str, list[Mapping[str, Any]]] = {}  # one cause, as Kafka away, is one sentence
    for line in topics:
        if line["state"] in UNHEALTHY_TOPICS:
            same.setdefault(f"{line['state']}, {line['why']}", []).append(line)
    for why, lines in same.items():
        group = lines[0]["group"] or "nobody"
        more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
        said.append(f"{lines[0]['topic']} read by {group}{more}: {advised(group, why, where)}")
    said += [
        f"{line['topic']} read by {line['group']}: {line['quarantine']} in quarantine"
        for line in topics
        if line["quarantine"] and line["group"] not in aside
    ]
    said += [quarantined(service, groups, now) for service, groups in aside.items() if groups]
    if not topics:
        said.append("topics: no service answered GET /v1/topics")
    return said


def quarantined(service: str, groups: Sequence[Mapping[str, Any]], now: datetime) -> str:
    """How much a service has set aside, of which topics and why, since when, and whether it grows."""
    largest = sorted(groups, key=lambda group: -int(group["count"]))
    named = [f"{group['count']} {group['reason']} of {group['topic']}" for group in largest]
    if len(named) > LONGEST_LIST:
        rest = sum(int(group["count"]) for group in largest[LONGEST_LIST:])
        named = [*named[:LONGEST_LIST], f"{rest} for other reasons"]
    oldest = min(datetime.fromisoformat(group["oldest_at"]) for group in groups)
    new = sum(int(group["last_hour"]) for group in groups)
    grows = f"it grows, {new} within the hour" if new else "none within the hour"
    return (
        f"{service}: {sum(int(group['count']) for group in groups)} in quarantine ({', '.join(named)}), "
        f"the oldest for {span(now, oldest)}; {grows}. Next: GET /v1/quarantine and "
        "docs/how-to/quarantine.md"
    )


def broker(told: Mapping[str, Any]) -> list[str]:
    """What the broker holds, and whom it refused or ended: worth knowing, when there is something."""
    held, counts = told.get("held") or {}, dict(told.get("counts") or {})
    said = []
    if held:
        said.append("broker: " + ", ".join(f"{held[what]} {what}" for what in sorted(held)))
    evicted = counts.pop("too_many_filters", 0)
    if evicted:
        who = sorted({str(e["client"]) for e in told["last"] if e["reason"] == "too_many_filters"})
        said.append(
            f"broker: {evicted} sessions ended for more filters than a device needs "
            f"({', '.join(who[:LONGEST_LIST])}). Next: is its software ours? If not: POST "
            "/v1/devices/{id}/credentials/revoke"
        )
    if counts:
        named = ", ".join(f"{count} {why}" for why, count in sorted(counts.items()))
        said.append(f"broker: refused or ended since ingest started: {named}. Who: GET /v1/broker/refused")  # fmt: skip
    return said


def unknown_effects(facts: Facts) -> list[str]:
    """Mails and the like of which nobody knows whether they went out."""
    return [
        f"{service}: effects of which nobody knows whether they happened: {told['effects_unknown']} "
        "and docs/how-to/effects.md"
        for service, told in facts.items()
        if "effects_unknown" in told
    ]


def waiting_effects(facts: Facts) -> list[str]:
    """What waits to go out, and whether there is nobody to take it: it goes on by itself."""
    return [f"{service}: effects: {told['effects']}" for service, told in facts.items() if "effects" in told]  # fmt: skip


def fragmented(facts: Facts) -> list[str]:
    """Whose numbers are full of holes, and how to see which."""
    return [
        f"{service}: fragmented_seq, {told['fragmented_seq']}. Which: ./playcaller logs {service}. "
        "Next: ./playcaller gaps <source>"
        for service, told in facts.items()
        if "fragmented_seq" in told
    ]


def span(now: datetime, since: datetime) -> str:
    """How long ago, in the largest unit that fits.

    >>> from datetime import UTC, timedelta
    >>> noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    >>> [span(noon, noon - timedelta(minutes=m)) for m in (0, 59, 150, 3_000)]
    ['0 min', '59 min', '2 h', '2 d']
    """
    minutes = int((now - since).total_seconds() // 60)
    if minutes < 60:
        return f"{max(0, minutes)} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"
