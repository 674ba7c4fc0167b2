"""What falls due on a fault key by itself, and what it does then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, assert_never

from msgspec.structs import replace

from services.support.domain.faults import flapping
from services.support.domain.faults.fault_key import FaultKey
from services.support.domain.faults.work import FaultWork
from services.support.domain.rules import Rules
from services.support.domain.tickets import actions
from services.support.domain.tickets.ticket import PLAYCALLER, Resolution, Ticket

Kind = Literal["retirement", "recovery", "calm"]


@dataclass(frozen=True, slots=True)
class Timer:
    """One thing that will happen at `due` unless a report prevents it."""

    due: datetime
    kind: Kind


def pending(state: FaultKey, ticket: Ticket | None) -> list[Timer]:
    """The key's timers; a key without an open ticket has none."""
    if ticket is None or not ticket.is_open:
        return []
    timers: list[tuple[datetime | None, Kind]] = [
        (_retirement(state, ticket), "retirement"),
        (state.recovery_due, "recovery"),
        (state.flapping.calm_at, "calm"),
    ]
    return [Timer(due, kind) for due, kind in timers if due is not None]


def next_due(state: FaultKey, ticket: Ticket | None) -> datetime | None:
    """When the key needs attention next; None: only when something happens."""
    return min((timer.due for timer in pending(state, ticket)), default=None)


def fire_due(work: FaultWork, until: datetime, rules: Rules) -> int:
    """Let every timer due at `until` or before act, in order, each at its own due time.

    Returns: how many did.
    """
    fired = 0
    while timers := pending(work.state, work.ticket):
        timer = min(timers, key=lambda timer: timer.due)  # of equals the first listed
        if timer.due > until:
            break
        _fire(work, timer, rules)
        fired += 1
    return fired


def resolve(
    work: FaultWork, ticket: Ticket, resolution: Resolution, *, at: datetime, cause: str
) -> Ticket:
    """A timer or a device ends a ticket, and all that waited on its key."""
    ended = actions.end(work.tickets, ticket, resolution, at=at, cause=cause)
    work.resolved(ended)
    return ended


def _retirement(state: FaultKey, ticket: Ticket) -> datetime | None:
    """When the open ticket of a retired device ends; never where a person reopened it since."""
    if state.retired_at is None:
        return None
    by_device = ticket.opened_by == f"device:{state.device}"
    if not by_device and ticket.open_since >= state.retired_at:
        return None
    return max(state.retired_at, ticket.open_since)


def _fire(work: FaultWork, timer: Timer, rules: Rules) -> None:
    ticket = work.ticket
    if ticket is None:
        return
    # a clock that was set back may bring the same moment again, after the ticket was reopened
    cause = f"timer:{ticket.id}:{timer.kind}@{timer.due.isoformat()}#{ticket.reopen_count}"
    match timer.kind:
        case "retirement":
            resolve(work, ticket, Resolution.RETIRED, at=timer.due, cause=cause)
        case "recovery":
            work.set(recovery_due=None)
            _recovery_held(work, ticket, timer.due, cause, rules)
        case "calm":
            work.set(flapping=flapping.ended(work.state.flapping))
            if work.facts is not None:
                work.put(replace(work.facts, flapping=False))
            work.tickets.note(ticket, "calm", at=timer.due, who=PLAYCALLER, cause=cause)
            if not work.state.faulty:
                _recovery_held(work, ticket, timer.due, cause, rules)
        case never:
            assert_never(never)


def _recovery_held(
    work: FaultWork, ticket: Ticket, due: datetime, cause: str, rules: Rules
) -> None:
    """The fault stayed away long enough: resolve, unless a person is at it."""
    if ticket.touched_at is not None and due - ticket.touched_at < rules.touched_within:
        work.tickets.note(
            ticket, "recovered", at=due, who=PLAYCALLER, cause=cause, effect="left_to_person"
        )
        return
    resolve(work, ticket, Resolution.RECOVERED, at=due, cause=cause)
