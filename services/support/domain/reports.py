"""What a device's reports do to their fault key: the fold of a batch, one key at a time."""

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from services.support.domain import flapping, timers
from services.support.domain import ticket as tickets
from services.support.domain.dedupe import JoinTicket, OpenTicket, WakeTicket, Why, decide
from services.support.domain.floods import WIDE, Gate
from services.support.domain.order import Order
from services.support.domain.progress import SERVICE, Progress
from services.support.domain.receipt import believed, heard_at
from services.support.domain.rules import Rules
from services.support.domain.ticket import AUTOMATIC, PLAYCALLER, Resolution, Ticket
from shared import ids
from shared.events import Fault, Recovered

Report = Fault | Recovered


def fold(
    progress: Progress, reports: Iterable[tuple[str, Report]], rules: Rules, gate: Gate = WIDE
) -> None:
    """Apply one key's reports in the order they came.

    Args:
        progress: the key's state; changed in place.
        reports: identity and event, all of this key.
        rules: the spans that count.
        gate: whether the device may have one more open ticket.
    """
    for cause, told in reports:
        report = believed(told)
        order = Order.of(report)
        last = progress.episode.last
        if last is not None and not _is_newer(progress, report, order, last):
            _late(progress, cause, report, last, gate)
            continue
        timers.fire_due(progress, report.at, rules)
        match report:
            case Fault():
                _fault(progress, cause, report, order, rules, gate)
            case Recovered():
                _recovered(progress, cause, report, order, rules)
            case never:
                assert_never(never)


def _is_newer(progress: Progress, report: Report, order: Order, last: Order) -> bool:
    """Whether a report counts for the state.

    So does, whatever its clock says, a fault that a person's word about the ticket could not know
    of, unless the counter says that it is old.
    """
    received_at, ticket = report.received_at, progress.ticket
    if order.is_after(last, received_at):
        return True
    if order.counts_with(last) or isinstance(report, Recovered) or report.late:
        return False
    if received_at is None or ticket is None or ticket.resolved_at is None:
        return False
    return ticket.resolution not in AUTOMATIC and received_at > ticket.resolved_at


def _fault(
    progress: Progress, cause: str, fault: Fault, order: Order, rules: Rules, gate: Gate
) -> None:
    episode = progress.episode
    came_back = not episode.faulty
    progress.episode = replace(
        episode,
        last=order,
        last_seen=fault.at if episode.last_seen is None else max(episode.last_seen, fault.at),
        faults=episode.faults + 1,
        faulty=True,
        recovery_due=None,
    )
    match decide(fault, progress.ticket, rules.wake_within):
        case OpenTicket(why):
            _leave(progress, cause, fault)
            if gate.admits(progress, cause, fault, new=True):
                _open(progress, cause, fault, why)
        case JoinTicket(why):
            _join(progress, cause, fault, why)
        case WakeTicket(why):
            if gate.admits(progress, cause, fault, new=False):
                _wake(progress, cause, fault, why)
        case never:
            assert_never(never)
    if came_back and progress.ticket is not None and progress.ticket.is_open:
        changed = flapping.returned(progress.episode.flapping, fault.at)
        progress.episode = replace(progress.episode, flapping=changed)


def _leave(progress: Progress, cause: str, fault: Fault) -> None:
    """End the ticket of an owner who has the device no more."""
    previous = progress.ticket
    if previous is not None and previous.is_open:
        at = max(fault.at, previous.open_since)
        timers.resolve(progress, previous, Resolution.MOVED, at=at, cause=cause)
        progress.episode = replace(progress.episode, flapping=flapping.NOT_FLAPPING)


def _open(progress: Progress, cause: str, fault: Fault, why: Why) -> Ticket:
    episode, previous = progress.episode, progress.ticket
    ticket = tickets.opened(
        ids.derived(SERVICE, cause, "ticket"),
        fault,
        key=episode.key,
        code=episode.code,
        component=episode.component,
        previous=None if previous is None else previous.id,
    )
    progress.new.add(ticket.id)
    ticket = progress.put(tickets.counted(ticket, fault.at))
    _note_fault(progress, ticket, cause, fault, "opened", why)
    if not ticket.historical:
        progress.tell(ticket, "opened", at=fault.at, cause=cause)
    return ticket


def _join(progress: Progress, cause: str, fault: Fault, why: Why) -> None:
    ticket = progress.ticket
    if ticket is None:
        return
    if not ticket.is_open:
        progress.put(tickets.counted(ticket, fault.at))
        _note_fault(progress, ticket, cause, fault, "joined", why)
        return
    news = ticket.historical and not fault.late  # an old story turns out to go on
    ticket = tickets.joined(ticket, fault)
    if news:
        ticket = replace(ticket, historical=False, version=ticket.version + 1)
    progress.put(ticket)
    _note_fault(progress, ticket, cause, fault, "joined", why)
    if news:
        progress.tell(ticket, "opened", at=fault.at, cause=cause)


def _wake(progress: Progress, cause: str, fault: Fault, why: Why) -> None:
    ticket = progress.ticket
    if ticket is None:
        return
    ended_at = ticket.resolved_at
    at = fault.at if ended_at is None else max(fault.at, min(ended_at, heard_at(fault)))
    ticket = tickets.reopened(ticket, at, f"device:{fault.source}")
    ticket = replace(tickets.joined(ticket, fault), historical=ticket.historical and fault.late)
    progress.put(ticket)
    _note_fault(progress, ticket, cause, fault, "reopened", why, at=at)
    if not ticket.historical:
        progress.tell(ticket, "reopened", at=at, cause=cause)


def _recovered(
    progress: Progress, cause: str, report: Recovered, order: Order, rules: Rules
) -> None:
    episode, ticket = progress.episode, progress.ticket
    progress.episode = replace(episode, last=order, faulty=False)
    if ticket is None:
        return
    effect = "held" if ticket.is_open and episode.faulty else "noted"
    who = f"device:{report.source}"
    progress.note(ticket, "recovered", at=report.at, who=who, cause=cause, effect=effect)
    if effect == "noted":
        return
    state = flapping.recovered(episode.flapping, report.at)
    if state.since is None:
        due = report.at + rules.recovery_hold
        progress.episode = replace(progress.episode, flapping=state, recovery_due=due)
        return
    if flapping.note_due(state, report.at):
        count = len(state.recoveries)
        progress.note(
            ticket, "flapping", at=report.at, who=PLAYCALLER, cause=cause, recoveries_60min=count
        )
        state = flapping.noted(state, report.at)
    if not ticket.flapping:
        progress.put(replace(ticket, flapping=True))
    progress.episode = replace(progress.episode, flapping=state)


def _late(progress: Progress, cause: str, report: Report, last: Order, gate: Gate) -> None:
    """A report older than one already applied: kept and counted, no state changes."""
    ticket = progress.ticket
    if isinstance(report, Recovered):
        if ticket is not None:
            who = f"device:{report.source}"
            progress.note(ticket, "recovered", at=report.at, who=who, cause=cause, effect="late")
        return
    seen = progress.episode.last_seen
    progress.episode = replace(
        progress.episode,
        faults=progress.episode.faults + 1,
        last_seen=report.at if seen is None else max(seen, report.at),
    )
    if ticket is not None:
        progress.put(tickets.counted(ticket, report.at))
        _note_fault(progress, ticket, cause, report, "late", Why.LATE)
        return
    if not gate.admits(progress, cause, report, new=True):
        return
    # Only a recovery came before it: a story that was over before we heard of it.
    ticket = _open(progress, cause, replace(report, late=True), Why.LATE)
    timers.resolve(progress, ticket, Resolution.RECOVERED, at=last.at, cause=cause)


def _note_fault(
    progress: Progress,
    ticket: Ticket,
    cause: str,
    fault: Fault,
    effect: str,
    why: Why,
    at: datetime | None = None,
) -> None:
    told: dict[str, object] = {"why": why.value}
    if fault.code != ticket.fault_code:  # surplus of a device that floods
        told = {"why": Why.FLOOD.value, "code": fault.code, "component": fault.component}
    progress.note(
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
