"""What a closing makes of its members: numbers written, changes of tier told, a slice at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.analytics.domain.customers.members import Members
from services.analytics.domain.days.close import Closed, Roll
from services.analytics.domain.drops.findings import Change, changes
from services.analytics.domain.drops.state import States
from services.analytics.domain.risks.cancelling import cancels
from services.analytics.domain.risks.features import usual_gap
from services.analytics.domain.risks.numbers import numbers, row
from services.analytics.domain.risks.prior import Seen
from services.analytics.domain.risks.rating import Heads, rate
from services.analytics.handlers.ports import Store
from shared.events import RiskChanged
from shared.unit import Emit


@dataclass(frozen=True, slots=True)
class Closing:
    """A region's day as it has been folded.

    Attributes:
        at: T_close.
        states: of the members, after the day.
        heads: the region's.
    """

    region: str
    day: date
    at: datetime
    members: Members
    roll: Roll
    states: States
    closed: Closed
    heads: Heads


async def write_risks(closing: Closing, store: Store, emit: Emit) -> None:
    """Rate everybody, write what is new of them, and tell who has changed."""
    region, day, ordinal = closing.region, closing.day, closing.day.toordinal()
    usual = usual_gap(Seen.of(closing.states, ordinal))
    for part, these in closing.members.slices():
        states, roll = closing.states.part(part), closing.roll.part(part)
        rated = rate(closing.heads.silence, states, ordinal, these.told.tier, usual)
        changed = changes(these.told.tier, rated.tier, states, ordinal)
        provisional, expected = closing.closed.provisional, closing.closed.expected[part]
        paid = cancels(
            closing.heads.cancellation, states, ordinal, these.subscribed(ordinal), usual
        )
        columns = numbers(
            region, day, these, roll, states, provisional, expected, rated, changed, paid
        )
        await store.closings.copy_risks(columns)
        rows = [row(columns, change.index) for change in changed]
        await store.closings.add_findings(_tell(closing, changed, rows, emit))
    await store.closings.overwrite()


def _tell(
    closing: Closing, changed: Sequence[Change], rows: Sequence[dict[str, Any]], emit: Emit
) -> list[dict[str, Any]]:
    """Emit each change of tier; returns the findings to keep."""
    kept = []
    for change, n in zip(changed, rows, strict=True):
        event = RiskChanged(
            at=closing.at,
            customer=n["customer"],
            tier=change.tier,
            previous=change.previous,
            why=change.why,
            day=closing.day,
            onset=n["onset"],
            posterior=n["posterior"],
            severity=n["severity"],
            risk=n["risk"],
            expected_per_day=n["expected"],
            recent_per_day=n["recent"],
        )
        cause = f"close:{closing.region}:{closing.day.isoformat()}:{event.customer}"
        id_ = emit(event, key=f"c:{event.customer}", cause=cause, kind="risk_changed")
        kept.append(_finding(id_, event))
    return kept


def _finding(id_: str, event: RiskChanged) -> dict[str, Any]:
    return {
        "id": id_,
        "customer": event.customer,
        "at": event.at,
        "day": event.day,
        "tier": event.tier,
        "previous": event.previous,
        "why": event.why,
        "onset": event.onset,
        "posterior": event.posterior,
        "severity": event.severity,
        "risk": event.risk,
        "expected": event.expected_per_day,
        "recent": event.recent_per_day,
    }
