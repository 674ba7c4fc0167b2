"""What the HTTP interface shows of tickets and takes from people."""

from typing import Annotated, Any, Literal, Self

from fastapi import Path
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.support.domain.faults.facts import Facts, Severity
from services.support.domain.faults.summary import FaultSummary
from services.support.domain.tickets.actions import Audience
from services.support.domain.tickets.history import Entry, What
from services.support.domain.tickets.ticket import (
    PLAYCALLER,
    Channel,
    Origin,
    Priority,
    Resolution,
)
from services.support.handlers.ports import Seen
from services.support.handlers.tickets.read_ticket import Whole
from shared.masking import mask
from shared.web.bodies import Body, View
from shared.web.identities import StoredCustomer
from shared.web.times import Time

NO_NUL = r"^[^\x00]*$"  # PostgreSQL cannot store it
ONE_LINE = r"^[^\x00-\x1f\x7f\u2028\u2029]*$"


ASSIGNEE = r"^(account:[a-z0-9-]{1,64}|[a-z][a-z0-9-]{0,63})$"
"""One of our accounts, or a team: an id, no name of a person."""


def _nobodys_data(id_: str) -> str:
    digits = id_.removeprefix("account:").replace("-", "").isdigit()  # a telephone number
    if id_ == PLAYCALLER or digits or mask(id_) != id_:
        raise ValueError("an account or a team")
    return id_


Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=NO_NUL)]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=NO_NUL),
]
Assignee = Annotated[
    str,
    StringConstraints(pattern=ASSIGNEE),
    AfterValidator(_nobodys_data),
    Field(description="`account:<id>`, or the id of a team.", examples=["account:7f3a", "cameras"]),
]
TicketId = Annotated[str, Path(max_length=64, pattern=NO_NUL)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_NUL)]
Subject = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=ONE_LINE),
]
Ended = Literal[
    "fix",
    "config",
    "education",
    "workaround",
    "exchange",
    "refund",
    "none",
    "wont_fix",
    "duplicate",
]


def _shown(assignee: str | None) -> str | None:
    """An assignee from before ids were asked for may be words: without addresses and numbers."""
    return None if assignee is None else mask(assignee)


def _of_fault(facts: Facts | None) -> dict[str, Any]:
    if facts is None:
        return {}
    return {
        "fault_code": facts.code,
        "component": facts.component,
        "severity": facts.severity,
        "model": facts.model,
        "firmware": facts.firmware,
        "faults": facts.faults,
        "first_seen": facts.first_seen,
        "last_seen": facts.last_seen,
        "flapping": facts.flapping,
    }


class Wish(Body):
    """What somebody asks for; who it is, the token says."""


class TicketIn(Wish):
    """What a customer asks for, as one of us writes it down."""

    customer: StoredCustomer
    subject: Subject = Field(description="In a few words.")
    text: Text = Field(description="In the customer's words; it begins the history.")
    channel: Channel | None = Field(
        None, description="How the customer reached us; left out: nobody did, it was seen by us."
    )
    device: Id | None = Field(None, description="One of the customer's, if it is about one.")
    priority: Priority = Priority.NORMAL
    audience: Audience = Field(
        "internal", description="`shared`: partners with whom the ticket is shared read it too."
    )
    play: Subject | None = Field(None, description="Whose step asks for it; services alone say so.")


class Assign(Wish):
    """Give the ticket to somebody, or back."""

    assignee: Assignee | None = Field(description="null: it is nobody's again.")


class Comment(Wish):
    """Write something into the history."""

    text: Text
    audience: Audience = Field(
        "internal", description="`shared`: partners with whom the ticket is shared read it too."
    )


class Resolve(Wish):
    """End the ticket."""

    resolution: Ended = Field(description="`exchange`, `wont_fix`, `duplicate` are never reopened.")
    note: Text | None = None


class Reopen(Wish):
    """Open a resolved ticket again."""

    note: Text | None = None


class EntryView(BaseModel):
    """One line of a ticket's history."""

    id: str
    at: Time
    who: str = Field(
        description="`device:<id>`, `playcaller` for a timer, else `account:<id>`, `key:<id>`."
    )
    what: What
    detail: dict[str, Any]

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Show a line."""
        detail = entry.detail
        if entry.what == "assigned":  # words, before ids were asked for
            detail = {k: mask(v) if isinstance(v, str) else v for k, v in detail.items()}
        return cls(id=entry.id, at=entry.at, who=entry.who, what=entry.what, detail=detail)


class TicketView(BaseModel):
    """A ticket as lists show it."""

    id: str
    origin: Origin
    state: Literal["open", "resolved"]
    priority: Priority
    customer: str | None
    device: str | None
    subject: str | None = Field(description="In a few words of people; null: see the fault.")
    channel: Channel | None = Field(description="How the customer reached us; null: nobody did.")
    assignee: str | None
    team: str | None = Field(description="Whom it was given to last that is not one person.")
    opened_at: Time
    reopened_at: Time | None
    reopen_count: int
    resolved_at: Time | None
    resolution: Resolution | None
    previous_ticket: str | None
    historical: bool = Field(description="Its fault was already a day old on arrival.")
    version: int = Field(description="Also the ETag; give it as If-Match.")
    fault_code: str | None = Field(
        None,
        description="This and all below: null where the ticket is about no fault. "
        "`device_floods`: more faults than a device may have tickets of its own for.",
    )
    component: str | None = None
    severity: Severity | None = None
    model: str | None = None
    firmware: str | None = None
    faults: int | None = Field(None, description="How many faults it absorbed.")
    first_seen: Time | None = None
    last_seen: Time | None = None
    flapping: bool | None = Field(None, description="The fault comes and goes.")

    @classmethod
    def of(cls, seen: Seen) -> Self:
        """Show a ticket."""
        ticket, facts = seen
        return cls(
            id=ticket.id,
            origin=ticket.origin,
            state=ticket.state.value,
            priority=ticket.priority,
            customer=ticket.customer,
            device=ticket.device,
            subject=ticket.subject,
            channel=ticket.channel,
            assignee=_shown(ticket.assignee),
            team=ticket.team,
            opened_at=ticket.opened_at,
            reopened_at=ticket.reopened_at,
            reopen_count=ticket.reopen_count,
            resolved_at=ticket.resolved_at,
            resolution=ticket.resolution,
            previous_ticket=ticket.previous_ticket,
            historical=ticket.historical,
            version=ticket.version,
            **_of_fault(facts),
        )


class DeviceFacts(View):
    """The device as support knows it now."""

    id: str
    customer: str | None = Field(description="Its present owner.")
    model: str | None
    firmware: str | None
    firmware_at: Time | None
    retired_at: Time | None


class CustomerFacts(View):
    """The customer as support knows it now."""

    id: str
    kind: str | None
    zone: str
    region: str | None
    plan: str | None
    stage: str | None
    app_errors: int
    help_views: int
    app_seen_at: Time | None


class TicketDetail(TicketView):
    """A ticket with what an agent wants beside it."""

    device_facts: DeviceFacts | None = None
    customer_facts: CustomerFacts | None = None
    history: list[EntryView] = Field(default=[], description="The newest 200 lines.")
    history_count: int = 0
    shared_with: list[str] = Field(default=[], description="Organisations that see it.")

    @classmethod
    def whole(cls, whole: Whole) -> Self:
        """Show it with facts, history and whom it is shared with."""
        device, customer = whole.device, whole.customer
        return cls.of(whole.seen).model_copy(
            update={
                "device_facts": None if device is None else DeviceFacts.model_validate(device),
                "customer_facts": (
                    None if customer is None else CustomerFacts.model_validate(customer)
                ),
                "history": [EntryView.of(line) for line in whole.lines],
                "history_count": whole.count,
                "shared_with": list(whole.shared_with),
            }
        )


class SummaryView(BaseModel):
    """All tickets of one fault code."""

    fault_code: str
    tickets: int
    open: int
    faults: int

    @classmethod
    def of(cls, summary: FaultSummary) -> Self:
        """Show a summary."""
        return cls(
            fault_code=summary.fault_code,
            tickets=summary.tickets,
            open=summary.open,
            faults=summary.faults,
        )
