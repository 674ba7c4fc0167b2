"""What a person does to a ticket; each action is one line of history and one change told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from services.support.domain import flapping, timers
from services.support.domain import ticket as tickets
from services.support.domain.progress import Done, Progress
from services.support.domain.ticket import Resolution, Ticket
from services.support.errors import NewerTicketOpen, TicketOpen, TicketResolved


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, when, and the identity of the wish (an Idempotency-Key or a random id).

    Attributes:
        organisation: of a partner's people and keys; None for our own.
    """

    who: str
    at: datetime
    cause: str
    organisation: str | None = None

    @property
    def mark(self) -> dict[str, object]:
        """What a line of history keeps of it, beside `who`."""
        return {} if self.organisation is None else {"organisation": self.organisation}


Audience = Literal["internal", "shared"]
Action = Callable[[Progress, Ticket, By], None]


def assign(assignee: str) -> Action:
    """Somebody takes the ticket, or is given it."""

    def act(progress: Progress, ticket: Ticket, by: By) -> None:
        _require_open(ticket)
        changed = replace(ticket, assignee=assignee)
        _write(progress, changed, by, "assigned", assignee=assignee, before=ticket.assignee)

    return act


def comment(text: str, audience: Audience = "internal") -> Action:
    """Somebody writes something down; a resolved ticket takes comments too.

    Args:
        audience: `shared`: partners with whom the ticket is shared read it too.
    """

    def act(progress: Progress, ticket: Ticket, by: By) -> None:
        marked = {"audience": audience} if audience == "shared" else {}
        _write(progress, ticket, by, "commented", text=text, **marked)

    return act


def resolve(resolution: Resolution, note: str | None) -> Action:
    """Somebody ends the ticket."""

    def act(progress: Progress, ticket: Ticket, by: By) -> None:
        _require_open(ticket)
        timers.resolve(
            progress,
            replace(ticket, touched_at=by.at),
            resolution,
            at=by.at,
            cause=by.cause,
            who=by.who,
            note=note,
            organisation=by.organisation,
        )

    return act


def reopen(note: str | None) -> Action:
    """Somebody opens a resolved ticket again, unless a newer one of its fault is open."""

    def act(progress: Progress, ticket: Ticket, by: By) -> None:
        if ticket.is_open:
            raise TicketOpen(ticket.id)
        current = progress.ticket
        if current is not None and current.is_open:
            raise NewerTicketOpen(ticket.id, current.id)
        changed = replace(
            tickets.reopened(ticket, by.at, by.who), touched_at=by.at, historical=False
        )
        progress.put(changed)
        progress.episode = replace(
            progress.episode,
            recovery_due=None,
            flapping=flapping.ended(progress.episode.flapping),
        )
        detail = by.mark if note is None else {**by.mark, "note": note}
        progress.note(changed, "reopened", at=by.at, who=by.who, cause=by.cause, **detail)
        progress.tell(changed, "reopened", at=by.at, cause=by.cause)

    return act


def _require_open(ticket: Ticket) -> None:
    if ticket.resolved_at is not None:
        raise TicketResolved(ticket.id, ticket.resolved_at)


def _write(progress: Progress, ticket: Ticket, by: By, what: Done, **detail: object) -> None:
    changed = replace(
        ticket,
        version=ticket.version + 1,
        touched_at=by.at,
        historical=False,
    )
    if progress.ticket is not None and progress.ticket.id == ticket.id:
        progress.put(changed)
    else:
        progress.changed[changed.id] = changed  # an older ticket stays an older one
    progress.note(changed, what, at=by.at, who=by.who, cause=by.cause, **by.mark, **detail)
    progress.tell(changed, what, at=by.at, cause=by.cause)
