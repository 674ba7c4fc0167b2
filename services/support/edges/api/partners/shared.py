"""What a partner is shown: the one projection that every route of a partner uses.

A field stands here or it is not shown; nothing is copied over from what our own people see.
"""

from collections.abc import Collection, Sequence
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from services.support.domain.faults.facts import Facts, Severity
from services.support.domain.partners.organisation import (
    FACTS,
    Author,
    Partner,
    author,
    plain,
    says,
    tail,
)
from services.support.domain.tickets.history import Entry
from services.support.domain.tickets.queue import Wanted
from services.support.domain.tickets.ticket import Channel, Origin, Priority, Resolution
from services.support.handlers.ports import Seen
from shared.masking import mask
from shared.web.problems import Problem
from shared.web.times import Time

FILTERS = frozenset({"state", "fault_code", "ids"})


class SharedTicket(BaseModel):
    """A ticket shared with the caller's organisation."""

    id: str
    origin: Origin
    state: Literal["open", "resolved"]
    priority: Priority
    subject: str | None = Field(description="Of people; mail addresses and numbers hidden.")
    channel: Channel | None
    customer_reference: str | None = Field(description="Of this organisation's own; no id of ours.")
    device_ends: str | None = Field(description="The last characters of the serial.")
    opened_at: Time
    reopened_at: Time | None
    resolved_at: Time | None
    resolution: Resolution | None
    fault_code: str | None = Field(
        None, description="This and all below: null where it is about none."
    )
    component: str | None = None
    severity: Severity | None = None
    model: str | None = None
    firmware: str | None = None
    faults: int | None = None
    first_seen: Time | None = None
    last_seen: Time | None = None
    flapping: bool | None = None

    @classmethod
    def of(cls, seen: Seen, partner: Partner) -> Self:
        """Show a ticket to a partner."""
        ticket, facts = seen
        return cls(
            id=ticket.id,
            origin=ticket.origin,
            state=ticket.state.value,
            priority=ticket.priority,
            subject=None if ticket.subject is None else mask(ticket.subject),
            channel=ticket.channel,
            customer_reference=(
                None if ticket.customer is None else partner.reference(ticket.customer)
            ),
            device_ends=None if ticket.device is None else tail(ticket.device),
            opened_at=ticket.opened_at,
            reopened_at=ticket.reopened_at,
            resolved_at=ticket.resolved_at,
            resolution=ticket.resolution,
            **_of_fault(facts),
        )


class SharedEntry(BaseModel):
    """A line of a shared ticket's history."""

    id: str
    at: Time
    who: Author = Field(description="`us`: our own people and timers, nobody else.")
    what: Literal[
        "opened", "fault", "recovered", "flapping", "calm", "commented", "resolved", "reopened"
    ]
    text: str | None = Field(None, description="What was said; mail addresses and numbers hidden.")
    facts: dict[str, str | int | bool | None] = {}

    @classmethod
    def of(cls, entry: Entry, organisation: str) -> Self:
        """Show a line that `is_shown` permits."""
        text = entry.detail.get("text") if says(entry, organisation) else None
        return cls(
            id=entry.id,
            at=entry.at,
            who=author(entry, organisation),
            what=entry.what,
            text=None if text is None else mask(str(text)),
            facts={
                name: plain(value) if isinstance(value, str) else value
                for name, value in entry.detail.items()
                if name in FACTS and isinstance(value, str | int | bool | None)
            },
        )


class SharedDetail(SharedTicket):
    """A shared ticket with the newest lines of its history."""

    history: list[SharedEntry] = []

    def with_history(self, lines: Sequence[Entry], partner: Partner) -> Self:
        """The same with lines that are this partner's to see."""
        shown = [SharedEntry.of(line, partner.organisation) for line in lines]
        return self.model_copy(update={"history": shown})


def _of_fault(facts: Facts | None) -> dict[str, Any]:
    if facts is None:
        return {}
    return {
        "fault_code": facts.code,
        "component": plain(facts.component),
        "severity": facts.severity,
        "model": None if facts.model is None else plain(facts.model),
        "firmware": None if facts.firmware is None else plain(facts.firmware),
        "faults": facts.faults,
        "first_seen": facts.first_seen,
        "last_seen": facts.last_seen,
        "flapping": facts.flapping,
    }


def refuse_filters(wanted: Wanted) -> None:
    """Partners filter by what they are shown: a filter is a question, and its answer is data.

    Raises: Problem 422.
    """
    given = {name for name in Wanted.__slots__ if getattr(wanted, name) is not None}
    unknown = sorted(given - FILTERS)
    if unknown:
        raise Problem(
            422,
            "not_your_filter",
            "A partner filters by state, fault_code and id",
            f"query.{unknown[0]}: leave it out",
        )


def refuse_guard(if_match: str | None) -> None:
    """A partner is shown no version, so it cannot say which one it has read.

    Raises: Problem 422, whether the ticket is there or not.
    """
    if if_match is not None:
        raise Problem(
            422,
            "not_your_header",
            "A partner changes a ticket whatever its version is",
            "header.If-Match: leave it out",
        )


def refuse_audience(given: Collection[str]) -> None:
    """Who reads a comment is for our own people to say; a partner's is for it and us.

    Args:
        given: the fields that were sent.

    Raises: Problem 422, whether the ticket is there or not.
    """
    if "audience" in given:
        raise Problem(
            422,
            "not_your_field",
            "A partner's comment is read by it and by us",
            "body.audience: leave it out",
        )
