"""What people do to tickets; each action is one line of history and one change told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from services.support.domain.tickets import ticket as tickets
from services.support.domain.tickets.history import SERVICE, Done
from services.support.domain.tickets.ticket import (
    Channel,
    Origin,
    Priority,
    Resolution,
    State,
    Ticket,
)
from services.support.domain.tickets.work import TicketWork
from services.support.errors import TicketOpen, TicketResolved
from shared import ids


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
Action = Callable[[TicketWork, Ticket, By], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What a customer asks for.

    Attributes:
        text: in the customer's words, or those of whoever wrote them down.
        channel: how they reached us; None: nobody did, we saw it ourselves.
        audience: `shared`: partners with whom the ticket is shared read the text too.
    """

    customer: str
    subject: str
    text: str
    channel: Channel | None
    device: str | None = None
    priority: Priority = Priority.NORMAL
    audience: Audience = "internal"
    play: str | None = None


def opened_by(by: By) -> str:
    """The id of the ticket that a wish opens."""
    return ids.derived(SERVICE, by.cause, "ticket")


def open_for(request: Request, by: By, work: TicketWork) -> Ticket:
    """A customer's ticket, as one of us wrote it down, or as a step of a play asked for it."""
    ticket = Ticket(
        id=opened_by(by),
        origin=Origin.PERSON if request.play is None else Origin.PLAY,
        customer=request.customer,
        device=request.device,
        state=State.OPEN,
        opened_at=by.at,
        opened_by=by.who,
        subject=request.subject,
        channel=request.channel,
        priority=request.priority,
        touched_at=by.at,
    )
    work.open(ticket)
    told = {"channel": request.channel, "text": request.text, **_marked(request.audience)}
    if request.play is not None:
        told["play"] = request.play
    work.note(ticket, "opened", at=by.at, who=by.who, cause=by.cause, **by.mark, **told)
    work.tell(ticket, "opened", at=by.at, cause=by.cause)
    return ticket


def assign(assignee: str | None) -> Action:
    """Somebody takes the ticket, is given it, or gives it back (None)."""

    def act(work: TicketWork, ticket: Ticket, by: By) -> None:
        _require_open(ticket)
        changed = tickets.assigned(ticket, assignee)
        _write(work, changed, by, "assigned", assignee=assignee, before=ticket.assignee)

    return act


def comment(text: str, audience: Audience = "internal") -> Action:
    """Somebody writes something down; a resolved ticket takes comments too.

    Args:
        audience: `shared`: partners with whom the ticket is shared read it too.
    """

    def act(work: TicketWork, ticket: Ticket, by: By) -> None:
        _write(work, ticket, by, "commented", text=text, **_marked(audience))

    return act


def resolve(resolution: Resolution, note: str | None) -> Action:
    """Somebody ends the ticket."""

    def act(work: TicketWork, ticket: Ticket, by: By) -> None:
        _require_open(ticket)
        changed = replace(ticket, touched_at=by.at)
        end(work, changed, resolution, at=by.at, cause=by.cause, who=by.who, **_noted(by, note))

    return act


def reopen(note: str | None) -> Action:
    """Somebody opens a resolved ticket again."""

    def act(work: TicketWork, ticket: Ticket, by: By) -> None:
        if ticket.is_open:
            raise TicketOpen(ticket.id)
        changed = replace(
            tickets.reopened(ticket, by.at, by.who), touched_at=by.at, historical=False
        )
        work.put(changed)
        work.note(changed, "reopened", at=by.at, who=by.who, cause=by.cause, **_noted(by, note))
        work.tell(changed, "reopened", at=by.at, cause=by.cause)

    return act


def end(
    work: TicketWork,
    ticket: Ticket,
    resolution: Resolution,
    *,
    at: datetime,
    cause: str,
    who: str = tickets.PLAYCALLER,
    **detail: object,
) -> Ticket:
    """A person or a timer ends a ticket; of the end of what nobody was told of nobody is told."""
    ended = work.put(tickets.resolved(ticket, at, resolution))
    told = {"resolution": resolution.value, **detail}
    work.note(ended, "resolved", at=at, who=who, cause=cause, **told)
    if who != tickets.PLAYCALLER or not ended.historical:
        work.tell(ended, "resolved", at=at, cause=cause)
    return ended


def _require_open(ticket: Ticket) -> None:
    if ticket.resolved_at is not None:
        raise TicketResolved(ticket.id, ticket.resolved_at)


def _marked(audience: Audience) -> dict[str, object]:
    return {"audience": audience} if audience == "shared" else {}


def _noted(by: By, note: str | None) -> dict[str, object]:
    return by.mark if note is None else {**by.mark, "note": note}


def _write(work: TicketWork, ticket: Ticket, by: By, what: Done, **detail: object) -> None:
    changed = work.put(tickets.touched(ticket, by.at))
    work.note(changed, what, at=by.at, who=by.who, cause=by.cause, **by.mark, **detail)
    work.tell(changed, what, at=by.at, cause=by.cause)
