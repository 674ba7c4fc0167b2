"""What the HTTP interface shows of tickets and takes from people."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.support.domain.customer import Customer
from services.support.domain.device import Device
from services.support.domain.progress import Entry, What
from services.support.domain.summary import FaultSummary
from services.support.domain.ticket import PLAYCALLER, Resolution, Severity, Ticket
from shared.masking import mask
from shared.web.times import Time

NO_NUL = r"^[^\x00]*$"  # PostgreSQL cannot store it


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
Given = Literal[
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


class Wish(BaseModel):
    """What somebody asks for; who it is, the token says."""

    model_config = ConfigDict(extra="forbid")


class Assign(Wish):
    """Give the ticket to somebody."""

    assignee: Assignee


class Comment(Wish):
    """Write something into the history."""

    text: Text
    audience: Literal["internal", "shared"] = Field(
        "internal", description="`shared`: partners with whom the ticket is shared read it too."
    )


class Resolve(Wish):
    """End the ticket."""

    resolution: Given = Field(description="`exchange`, `wont_fix`, `duplicate` are never reopened.")
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

    model_config = ConfigDict(from_attributes=True)

    id: str
    state: Literal["open", "resolved"]
    customer: str | None
    device: str
    fault_code: str = Field(
        description="`device_floods`: more faults than a device may have tickets of its own for."
    )
    component: str
    severity: Severity
    model: str | None
    firmware: str | None
    assignee: Annotated[str | None, AfterValidator(_shown)]
    faults: int = Field(description="How many faults it absorbed.")
    first_seen: Time
    last_seen: Time
    opened_at: Time
    reopened_at: Time | None
    reopen_count: int
    resolved_at: Time | None
    resolution: Resolution | None
    previous_ticket: str | None
    historical: bool = Field(description="Its fault was already a day old on arrival.")
    flapping: bool = Field(description="The fault comes and goes.")
    version: int = Field(description="Also the ETag; give it as If-Match.")

    @classmethod
    def of(cls, ticket: Ticket) -> Self:
        """Show a ticket."""
        return cls.model_validate(ticket)


class DeviceFacts(BaseModel):
    """The device as support knows it now."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    customer: str | None = Field(description="Its present owner.")
    model: str | None
    firmware: str | None
    firmware_at: Time | None
    retired_at: Time | None


class CustomerFacts(BaseModel):
    """The customer as support knows it now."""

    model_config = ConfigDict(from_attributes=True)

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

    def beside(
        self,
        device: Device | None,
        customer: Customer | None,
        lines: list[Entry],
        count: int,
        shared_with: list[str],
    ) -> Self:
        """The same with facts, history and whom it is shared with."""
        return self.model_copy(
            update={
                "device_facts": None if device is None else DeviceFacts.model_validate(device),
                "customer_facts": (
                    None if customer is None else CustomerFacts.model_validate(customer)
                ),
                "history": [EntryView.of(line) for line in lines],
                "history_count": count,
                "shared_with": shared_with,
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
