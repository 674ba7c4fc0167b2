"""What falls due on a fault key by itself, and what it does then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, assert_never

from msgspec.structs import replace

from services.support.domain import flapping
from services.support.domain.episode import Episode
from services.support.domain.progress import Progress
from services.support.domain.rules import Rules
from services.support.domain.ticket import PLAYCALLER, Resolution, Ticket, resolved

Kind = Literal["retirement", "recovery", "calm"]


@dataclass(frozen=True, slots=True)
class Timer:
    """One thing that will happen at `due` unless a report prevents it."""

    due: datetime
    kind: Kind


def pending(episode: Episode, ticket: Ticket | None) -> list[Timer]:
    """The key's timers; a key without an open ticket has none."""
    if ticket is None or not ticket.is_open:
        return []
    found: list[tuple[datetime | None, Kind]] = [
        (_retirement(episode, ticket), "retirement"),
        (episode.recovery_due, "recovery"),
        (episode.flapping.calm_at, "calm"),
    ]
    return [Timer(due, kind) for due, kind in found if due is not None]


def next_due(episode: Episode, ticket: Ticket | None) -> datetime | None:
    """When the key needs attention next; None: only when something happens."""
    return min((timer.due for timer in pending(episode, ticket)), default=None)


def fire_due(progress: Progress, until: datetime, rules: Rules) -> int:
    """Let every timer due at `until` or before act, in order, each at its own due time.

    Returns: how many did.
    """
    fired = 0
    while timers := pending(progress.episode, progress.ticket):
        timer = min(timers, key=lambda one: one.due)  # of equals the first listed
        if timer.due > until:
            break
        _fire(progress, timer, rules)
        fired += 1
    return fired


def resolve(
    progress: Progress,
    ticket: Ticket,
    resolution: Resolution,
    *,
    at: datetime,
    cause: str,
    who: str = PLAYCALLER,
    note: str | None = None,
    organisation: str | None = None,
) -> Ticket:
    """End a ticket and all that waited on its key."""
    ticket = progress.put(resolved(ticket, at, resolution))
    progress.episode = replace(
        progress.episode, recovery_due=None, flapping=flapping.ended(progress.episode.flapping)
    )
    told = {"note": note, "organisation": organisation}
    detail = {"resolution": resolution.value} | {k: v for k, v in told.items() if v is not None}
    progress.note(ticket, "resolved", at=at, who=who, cause=cause, **detail)
    if who != PLAYCALLER or not ticket.historical:
        progress.tell(ticket, "resolved", at=at, cause=cause)
    return ticket


def _retirement(episode: Episode, ticket: Ticket) -> datetime | None:
    """When the open ticket of a retired device ends; never where a person reopened it since."""
    if episode.retired_at is None:
        return None
    by_device = ticket.opened_by == f"device:{ticket.device}"
    if not by_device and ticket.open_since >= episode.retired_at:
        return None
    return max(episode.retired_at, ticket.open_since)


def _fire(progress: Progress, timer: Timer, rules: Rules) -> None:
    ticket = progress.ticket
    if ticket is None:
        return
    episode = progress.episode
    # a clock that was set back may bring the same moment again, after the ticket was reopened
    cause = f"timer:{ticket.id}:{timer.kind}@{timer.due.isoformat()}#{ticket.reopen_count}"
    match timer.kind:
        case "retirement":
            resolve(progress, ticket, Resolution.RETIRED, at=timer.due, cause=cause)
        case "recovery":
            progress.episode = replace(episode, recovery_due=None)
            _recovery_held(progress, ticket, timer.due, cause, rules)
        case "calm":
            progress.episode = replace(episode, flapping=flapping.ended(episode.flapping))
            ticket = progress.put(replace(ticket, flapping=False))
            progress.note(ticket, "calm", at=timer.due, who=PLAYCALLER, cause=cause)
            if not episode.faulty:
                _recovery_held(progress, ticket, timer.due, cause, rules)
        case never:
            assert_never(never)


def _recovery_held(
    progress: Progress, ticket: Ticket, due: datetime, cause: str, rules: Rules
) -> None:
    """The fault stayed away long enough: resolve, unless a person is at it."""
    if ticket.touched_at is not None and due - ticket.touched_at < rules.touched_within:
        progress.note(
            ticket, "recovered", at=due, who=PLAYCALLER, cause=cause, effect="left_to_person"
        )
        return
    resolve(progress, ticket, Resolution.RECOVERED, at=due, cause=cause)
