"""The closing of a region's day: once all its records have arrived, exactly once."""

from datetime import date, datetime
from typing import Any

from services.analytics.domain.customers.at_closing import cohort_name
from services.analytics.domain.customers.members import Members
from services.analytics.domain.days.close import OPEN_DAYS, REGION, Closed, Roll, close
from services.analytics.domain.days.day_calendar import DayCalendar
from services.analytics.domain.days.local_day import DAY, quarter_of
from services.analytics.domain.drops.cohort import START
from services.analytics.domain.drops.findings import Change, changes
from services.analytics.domain.risks.rating import rate
from services.analytics.handlers.days.closing_inputs import KEPT, add_final, read_inputs
from services.analytics.handlers.days.learning import learn
from services.analytics.handlers.ports import Store, Unit
from shared.events import CohortDropped, DataOutage, RiskChanged
from shared.unit import Emit


async def close_days(unit: Unit, limit: int = 1) -> int:
    """Close the region's day that has been due longest; returns 1, or 0 when none is due.

    One at a time, whatever `limit` says: a closing reads and writes a whole region.

    Whoever else wants to close it waits for the region's row, then finds the next day there.
    Everything written follows from the inputs that arrived in time: a replay writes the same bits.
    """
    del limit
    store = unit.store
    due = await store.day_calendars.hold_due(unit.now)
    if due is None:
        return 0
    region, clock = due
    if clock.next_day is None or clock.due_at is None:
        return 0
    members = await store.closings.members(region, clock.next_day)
    empty = not members.all
    if not empty or clock.closed is not None:
        await _close(region, clock, members, store, unit.emit)
    await store.day_calendars.write({region: clock.after_closing(empty=empty)})
    return 1


async def _close(
    region: str, clock: DayCalendar, members: Members, store: Store, emit: Emit
) -> None:
    assert clock.next_day is not None  # noqa: S101 - it is due
    day, at = clock.next_day, clock.closes(clock.next_day)
    oldest = day - (OPEN_DAYS - 1) * DAY
    inputs = await read_inputs(region, day, members, store)
    before = await store.closings.final(region, oldest - DAY)
    roll = members.roll()
    days = members.open_days(day, inputs.placed, quarter_of(at))
    closed = close(members.base, days, roll, before)
    row = {
        "region": region,
        "day": day,
        "closed_at": at,
        "members": len(members.all),
        "provisional": closed.provisional,
    }
    final = members.final().after(oldest, at)
    await add_final(inputs, members, final, clock, store)
    # a region that is behind may still close the day before an erasure: a day's grace
    await store.recent_inputs.forget(day - DAY, at - KEPT)
    await store.closings.freeze(row, oldest, closed.final)
    await store.closings.write_states([m.id for m in members.all], final, closed.base)
    fitted = await learn(region, oldest, members, closed.base, store)
    rated = rate(fitted, closed.present, day.toordinal(), members.before())
    told = [m.told for m in members.all]
    changed = changes(told, rated.tier, closed.present, day.toordinal())
    numbers = members.numbers(region, day, roll, closed, rated, changed)
    await store.closings.write_risks(numbers)
    await store.closings.add_findings(_tell(region, day, at, changed, numbers, emit))
    _tell_cohorts(region, day, at, closed, emit)
    _tell_outages(region, day, at, closed, roll, emit)


def _tell(
    region: str,
    day: date,
    at: datetime,
    changed: list[Change],
    numbers: dict[str, list[Any]],
    emit: Emit,
) -> list[dict[str, Any]]:
    """Emit each change of tier; returns the findings to keep."""
    kept = []
    for change in changed:
        n = {name: values[change.index] for name, values in numbers.items()}
        event = RiskChanged(
            at=at,
            customer=n["customer"],
            tier=change.tier,
            previous=change.previous,
            why=change.why,
            day=day,
            onset=n["onset"],
            posterior=n["posterior"],
            severity=n["severity"],
            risk=n["risk"],
            expected_per_day=n["expected"],
            recent_per_day=n["recent"],
        )
        cause = f"close:{region}:{day.isoformat()}:{event.customer}"
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


def _tell_cohorts(region: str, day: date, at: datetime, closed: Closed, emit: Emit) -> None:
    """One event for a cohort that dropped as a whole, on the first day it did."""
    for cohort, seen in sorted(closed.provisional.items()):
        if not seen.dropped or closed.yesterday.get(cohort, START).dropped:
            continue
        if cohort != REGION and closed.provisional[REGION].dropped:
            continue  # the region's event says it for all its cohorts
        name = cohort_name(cohort, region)
        event = CohortDropped(at=at, cohort=name, day=day, factor=seen.factor, members=seen.members)
        cause = f"close:{region}:{day.isoformat()}:{name}"
        emit(event, key=f"cohort:{name}", cause=cause, kind="cohort_dropped")


def _tell_outages(
    region: str, day: date, at: datetime, closed: Closed, roll: Roll, emit: Emit
) -> None:
    """One event for a cohort that is not heard any more, on the first day it was not."""
    for n, cohort in enumerate(roll.names):
        seen = closed.provisional.get(cohort, START)
        if not seen.outage or closed.yesterday.get(cohort, START).outage:
            continue
        if cohort != REGION and closed.provisional[REGION].outage:
            continue  # likewise
        many = len(roll.of) if cohort == REGION else int((roll.of == n).sum())
        name = cohort_name(cohort, region)
        event = DataOutage(at=at, cohort=name, day=day, customers=many)
        cause = f"close:{region}:{day.isoformat()}:{name}"
        emit(event, key=f"cohort:{name}", cause=cause, kind="data_outage")
