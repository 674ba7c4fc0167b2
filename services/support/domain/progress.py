"""One fault key being worked on: its state, and what has to be written and said afterwards."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from services.support.domain.episode import Episode
from services.support.domain.ticket import Ticket
from shared import ids

SERVICE = "support"
Done = Literal["assigned", "commented", "resolved", "reopened"]
Told = Literal["opened", Done]
What = Literal["fault", "recovered", "flapping", "calm", "revealed", Done]


class Entry(msgspec.Struct, frozen=True):
    """One line of a ticket's history: who did what, when.

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


@dataclass(frozen=True, slots=True)
class Change:
    """A change the other services hear of, with the ticket as it was right after it."""

    ticket: Ticket
    told: Told
    at: datetime
    cause: str


@dataclass(slots=True)
class Progress:
    """One key's work within one transaction; the only thing in this room that changes in place.

    Attributes:
        ticket: the key's open ticket, or its newest one.
        changed: every ticket this work changed, by id, as it is now.
        new: ids among them that this work opened.
    """

    episode: Episode
    ticket: Ticket | None
    changed: dict[str, Ticket] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def put(self, ticket: Ticket) -> Ticket:
        """Make `ticket` the key's current one."""
        self.changed[ticket.id] = self.ticket = ticket
        if self.episode.ticket != ticket.id:
            self.episode = replace(self.episode, ticket=ticket.id)
        return ticket

    def note(
        self, ticket: Ticket, what: What, *, at: datetime, who: str, cause: str, **detail: object
    ) -> None:
        """Add a line to the history; a cause writes one line of a kind."""
        id_ = ids.derived(SERVICE, cause, f"history:{what}")
        self.entries.append(Entry(id_, ticket.id, at, who, what, dict(detail)))

    def tell(self, ticket: Ticket, told: Told, *, at: datetime, cause: str) -> None:
        """Let the other services know."""
        self.changes.append(Change(ticket, told, at, cause))
