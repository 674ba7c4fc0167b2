"""The history of a ticket: who did what, when; and what of it the other services hear."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from services.support.domain.tickets.ticket import Ticket

SERVICE = "support"
Done = Literal["assigned", "commented", "resolved", "reopened"]
Told = Literal["opened", Done]
Reported = Literal["fault", "recovered", "flapping", "calm"]
What = Literal[Reported, "opened", "revealed", Done]


class Entry(msgspec.Struct, frozen=True):
    """One line of a ticket's history.

    Attributes:
        id: derived from the cause, so that a replay writes the same line again.
        who: `device:<id>`, `playcaller` for a timer, else a person.
    """

    id: str
    ticket: str
    at: datetime
    who: str
    what: What
    detail: dict[str, Any]


class Change(msgspec.Struct, frozen=True):
    """A change the other services hear of, with the ticket as it was right after it.

    Attributes:
        fault_code, model, firmware: of the fault, as they were right after it.
    """

    ticket: Ticket
    told: Told
    at: datetime
    cause: str
    fault_code: str | None = None
    model: str | None = None
    firmware: str | None = None
