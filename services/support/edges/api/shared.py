"""What a partner is shown: the one projection that every route of a partner uses.

A field stands here or it is not shown; nothing is copied over from what our own people see.
"""

from collections.abc import Collection, Mapping
from typing import Literal, Self

from pydantic import BaseModel, Field

from services.support.domain.organisation import FACTS, Author, Partner, author, plain, tail
from services.support.domain.progress import Entry
from services.support.domain.ticket import Resolution, Severity, Ticket
from shared.masking import mask
from shared.web.problems import Problem
from shared.web.times import Time

FILTERS = frozenset({"state", "fault_code"})


class SharedTicket(BaseModel):
    """A ticket shared with the caller's organisation."""

    id: str
    state: Literal["open", "resolved"]
    customer_reference: str | None = Field(description="Of this organisation's own; no id of ours.")
    device_ends: str = Field(description="The last characters of the serial.")
    fault_code: str
    component: str
    severity: Severity
    model: str | None
    firmware: str | None
    faults: int
    first_seen: Time
    last_seen: Time
    opened_at: Time
    reopened_at: Time | None
    resolved_at: Time | None
    resolution: Resolution | None
    flapping: bool

    @classmethod
    def of(cls, ticket: Ticket, partner: Partner) -> Self:
        """Show a ticket to a partner."""
        return cls(
            id=ticket.id,
            state=ticket.state.value,
            customer_reference=(
                None if ticket.customer is None else partner.reference(ticket.customer)
            ),
            device_ends=tail(ticket.device),
            fault_code=ticket.fault_code,
            component=plain(ticket.component),
            severity=ticket.severity,
            model=None if ticket.model is None else plain(ticket.model),
            firmware=None if ticket.firmware is None else plain(ticket.firmware),
            faults=ticket.faults,
            first_seen=ticket.first_seen,
            last_seen=ticket.last_seen,
            opened_at=ticket.opened_at,
            reopened_at=ticket.reopened_at,
            resolved_at=ticket.resolved_at,
            resolution=ticket.resolution,
            flapping=ticket.flapping,
        )


class SharedEntry(BaseModel):
    """A line of a shared ticket's history."""

    id: str
    at: Time
    who: Author = Field(description="`us`: our own people and timers, nobody else.")
    what: Literal["fault", "recovered", "flapping", "calm", "commented", "resolved", "reopened"]
    text: str | None = Field(None, description="Of a comment; mail addresses and numbers hidden.")
    facts: dict[str, str | int | bool | None] = {}

    @classmethod
    def of(cls, entry: Entry, organisation: str) -> Self:
        """Show a line that `is_shown` permits."""
        text = entry.detail.get("text") if entry.what == "commented" else None
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

    def with_history(self, lines: list[Entry], partner: Partner) -> Self:
        """The same with lines that are this partner's to see."""
        shown = [SharedEntry.of(line, partner.organisation) for line in lines]
        return self.model_copy(update={"history": shown})


def refuse_filters(given: Mapping[str, str]) -> None:
    """Partners filter by what they are shown: a filter is a question, and its answer is data.

    Raises: Problem 422.
    """
    unknown = sorted(set(given) - FILTERS)
    if unknown:
        raise Problem(
            422,
            "not_your_filter",
            "A partner filters by state and fault_code",
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
