"""What a device's reports do to their fault key: the fold of a batch, one key at a time."""

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from services.support.domain.faults import flapping, timers
from services.support.domain.faults.dedupe import JoinTicket, OpenTicket, WakeTicket, Why, decide
from services.support.domain.faults.facts import PRIORITIES, Facts, counted, joined, opened
from services.support.domain.faults.floods import WIDE, Gate
from services.support.domain.faults.order import Order
from services.support.domain.faults.work import FaultWork
from services.support.domain.receipt import believed, heard_at
from services.support.domain.rules import Rules
from services.support.domain.tickets import ticket as tickets
from services.support.domain.tickets.history import SERVICE
from services.support.domain.tickets.ticket import (
    AUTOMATIC,
    PLAYCALLER,
    Origin,
    Resolution,
    State,
    Ticket,
)
from shared import ids
from shared.events import Fault, Recovered

Report = Fault | Recovered


def fold(
    work: FaultWork, reports: Iterable[tuple[str, Report]], rules: Rules, gate: Gate = WIDE
) -> None:
    """Apply one key's reports in the order they came.

    Args:
        work: the key's; changed in place.
        reports: identity and event, all of this key.
        rules: the spans that count.
        gate: whether the device may have one more open ticket.
    """
    for cause, told in reports:
        report = believed(told)
        order = Order.of(report)
        last = work.state.last
        if last is not None and not _is_newer(work, report, order, last):
            _late(work, cause, report, last, gate)
            continue
        timers.fire_due(work, report.at, rules)
        match report:
            case Fault():
                _fault(work, cause, report, order, rules, gate)
            case Recovered():
                _recovered(work, cause, report, order, rules)
            case never:
                assert_never(never)


def _is_newer(work: FaultWork, report: Report, order: Order, last: Order) -> bool:
    """Whether a report counts for the state.

    So does, whatever its clock says, a fault that a person's word about the ticket could not know
    of, unless the counter says that it is old.
    """
    received_at, ticket = report.received_at, work.ticket
    if order.is_after(last, received_at):
        return True
    if order.counts_with(last) or isinstance(report, Recovered) or report.late:
        return False
    if received_at is None or ticket is None or ticket.resolved_at is None:
        return False
    return ticket.resolution not in AUTOMATIC and received_at > ticket.resolved_at


def _fault(
    work: FaultWork, cause: str, fault: Fault, order: Order, rules: Rules, gate: Gate
) -> None:
    state = work.state
    came_back = not state.faulty
    work.set(
        last=order,
        last_seen=fault.at if state.last_seen is None else max(state.last_seen, fault.at),
        faults=state.faults + 1,
        faulty=True,
        recovery_due=None,
    )
    match decide(fault, work.ticket, rules.wake_within):
        case OpenTicket(why):
            _leave(work, cause, fault)
            if gate.admits(work, cause, fault, new=True):
                _open(work, cause, fault, why)
        case JoinTicket(why):
            _join(work, cause, fault, why)
        case WakeTicket(why):
            if gate.admits(work, cause, fault, new=False):
                _wake(work, cause, fault, why)
        case never:
            assert_never(never)
    if came_back and work.ticket is not None and work.ticket.is_open:
        work.set(flapping=flapping.returned(work.state.flapping, fault.at))


def _leave(work: FaultWork, cause: str, fault: Fault) -> None:
    """End the ticket of an owner who has the device no more."""
    previous = work.ticket
    if previous is not None and previous.is_open:
        at = max(fault.at, previous.open_since)
        timers.resolve(work, previous, Resolution.MOVED, at=at, cause=cause)
        work.set(flapping=flapping.NOT_FLAPPING)


def _open(work: FaultWork, cause: str, fault: Fault, why: Why) -> Ticket:
    previous, id_ = work.ticket, ids.derived(SERVICE, cause, "ticket")
    ticket = Ticket(
        id=id_,
        origin=Origin.FAULT,
        customer=fault.customer,
        device=fault.source,
        state=State.OPEN,
        opened_at=fault.at,
        opened_by=f"device:{fault.source}",
        priority=PRIORITIES[fault.severity],
        previous_ticket=None if previous is None else previous.id,
        historical=fault.late,
    )
    work.open(ticket, counted(opened(id_, fault, work.state), fault.at))
    _note_fault(work, ticket, cause, fault, "opened", why)
    if not ticket.historical:
        work.tickets.tell(ticket, "opened", at=fault.at, cause=cause)
    return ticket


def _join(work: FaultWork, cause: str, fault: Fault, why: Why) -> None:
    ticket, facts = work.ticket, work.facts
    if ticket is None or facts is None:
        return
    if not ticket.is_open:
        work.put(counted(facts, fault.at))
        _note_fault(work, ticket, cause, fault, "joined", why)
        return
    news = ticket.historical and not fault.late  # an old story turns out to go on
    after = _absorb(work, ticket, facts, fault)
    if news:
        after = replace(after, historical=False, version=ticket.version + 1)
    if after != ticket:
        work.tickets.put(after)
    _note_fault(work, after, cause, fault, "joined", why)
    if news:
        work.tickets.tell(after, "opened", at=fault.at, cause=cause)


def _wake(work: FaultWork, cause: str, fault: Fault, why: Why) -> None:
    ticket, facts = work.ticket, work.facts
    if ticket is None or facts is None:
        return
    ended_at = ticket.resolved_at
    at = fault.at if ended_at is None else max(fault.at, min(ended_at, heard_at(fault)))
    ticket = tickets.reopened(ticket, at, f"device:{fault.source}")
    ticket = _absorb(work, ticket, replace(facts, is_open=True), fault)
    ticket = work.tickets.put(replace(ticket, historical=ticket.historical and fault.late))
    _note_fault(work, ticket, cause, fault, "reopened", why, at=at)
    if not ticket.historical:
        work.tickets.tell(ticket, "reopened", at=at, cause=cause)


def _absorb(work: FaultWork, ticket: Ticket, facts: Facts, fault: Fault) -> Ticket:
    """The newest fault of an open ticket; what it adds to its urgency stays."""
    after = work.put(joined(facts, fault))
    if after.severity == facts.severity:
        return ticket
    return tickets.raised(ticket, PRIORITIES[after.severity])


def _recovered(work: FaultWork, cause: str, report: Recovered, order: Order, rules: Rules) -> None:
    faulty, ticket, facts = work.state.faulty, work.ticket, work.facts
    work.set(last=order, faulty=False)
    if ticket is None or facts is None:
        return
    effect = "held" if ticket.is_open and faulty else "noted"
    who = f"device:{report.source}"
    work.tickets.note(ticket, "recovered", at=report.at, who=who, cause=cause, effect=effect)
    if effect == "noted":
        return
    state = flapping.recovered(work.state.flapping, report.at)
    if state.since is None:
        work.set(flapping=state, recovery_due=report.at + rules.recovery_hold)
        return
    if flapping.note_due(state, report.at):
        count = len(state.recoveries)
        work.tickets.note(
            ticket, "flapping", at=report.at, who=PLAYCALLER, cause=cause, recoveries_60min=count
        )
        state = flapping.noted(state, report.at)
    if not facts.flapping:
        work.put(replace(facts, flapping=True))
    work.set(flapping=state)


def _late(work: FaultWork, cause: str, report: Report, last: Order, gate: Gate) -> None:
    """A report older than one already applied: kept and counted, no state changes."""
    ticket, facts = work.ticket, work.facts
    if isinstance(report, Recovered):
        if ticket is not None:
            who = f"device:{report.source}"
            work.tickets.note(
                ticket, "recovered", at=report.at, who=who, cause=cause, effect="late"
            )
        return
    seen = work.state.last_seen
    work.set(
        faults=work.state.faults + 1,
        last_seen=report.at if seen is None else max(seen, report.at),
    )
    if ticket is not None and facts is not None:
        work.put(counted(facts, report.at))
        _note_fault(work, ticket, cause, report, "late", Why.LATE)
        return
    if not gate.admits(work, cause, report, new=True):
        return
    # Only a recovery came before it: a story that was over before we heard of it.
    ticket = _open(work, cause, replace(report, late=True), Why.LATE)
    timers.resolve(work, ticket, Resolution.RECOVERED, at=last.at, cause=cause)


def _note_fault(
    work: FaultWork,
    ticket: Ticket,
    cause: str,
    fault: Fault,
    effect: str,
    why: Why,
    at: datetime | None = None,
) -> None:
    told: dict[str, object] = {"why": why.value}
    if fault.code != work.state.code:  # surplus of a device that floods
        told = {"why": Why.FLOOD.value, "code": fault.code, "component": fault.component}
    work.tickets.note(
        ticket,
        "fault",
        at=fault.at if at is None else at,
        who=f"device:{fault.source}",
        cause=cause,
        effect=effect,
        severity=fault.severity,
        firmware=fault.firmware,
        **told,
    )
