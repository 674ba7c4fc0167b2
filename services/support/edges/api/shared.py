"""What a partner is shown: the one projection that every route of a partner uses.

A field stands here or it is not shown; nothing is copied over from what our own people see.
"""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, Field

from services.support.domain.organisation import FACTS, is_own, reference, tail
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
    def of(cls, ticket: Ticket, organisation: str) -> Self:
        """Show a ticket to an organisation."""
        return cls(
            id=ticket.id,
            state=ticket.state.value,
            customer_reference=(
                None if ticket.customer is None else reference(organisation, ticket.customer)
            ),
            device_ends=tail(ticket.device),
            fault_code=ticket.fault_code,
            component=ticket.component,
            severity=ticket.severity,
            model=ticket.model,
            firmware=ticket.firmware,
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
    who: Literal["device", "us", "your organisation"]
    what: Literal["fault", "recovered", "flapping", "calm", "commented", "resolved", "reopened"]
    text: str | None = Field(None, description="Of a comment; mail addresses and numbers hidden.")
    facts: dict[str, str | int | bool | None] = {}

    @classmethod
    def of(cls, entry: Entry, organisation: str) -> Self:
        """Show a line that `is_shown` permits."""
        own = is_own(entry, organisation)
        by_us: Literal["us", "your organisation"] = "your organisation" if own else "us"
        text = entry.detail.get("text") if entry.what == "commented" else None
        return cls(
            id=entry.id,
            at=entry.at,
            who="device" if entry.who.startswith("device:") else by_us,
            what=entry.what,
            text=None if text is None else mask(str(text)),
            facts={
                name: value
                for name, value in entry.detail.items()
                if name in FACTS and isinstance(value, str | int | bool | None)
            },
        )


class SharedDetail(SharedTicket):
    """A shared ticket with the newest lines of its history."""

    history: list[SharedEntry] = []

    def with_history(self, lines: list[Entry], organisation: str) -> Self:
        """The same with lines that are this organisation's to see."""
        shown = [SharedEntry.of(line, organisation) for line in lines]
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
