"""Support: tickets, their queue and history; a partner is answered with what is shared with it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from services.console.edges.services.answers import MANY, Found
from services.console.edges.services.client import Client

Act = Literal["assign", "comment", "resolve", "reopen", "share", "unshare"]

MOST_IDS = 500  # of one question


class Ticket(msgspec.Struct, frozen=True):
    """A ticket as lists show it; what a partner is not shown is None.

    Attributes:
        device_ends: of the serial, for partners.
    """

    id: str
    state: str
    priority: str
    opened_at: datetime
    subject: str | None = None
    fault_code: str | None = None
    device: str | None = None
    device_ends: str | None = None
    customer: str | None = None
    assignee: str | None = None
    team: str | None = None
    reopened_at: datetime | None = None
    resolved_at: datetime | None = None
    version: int = 0

    @property
    def since(self) -> datetime:
        """Since when it waits, or waited."""
        return self.reopened_at or self.opened_at


Tickets = Found[Ticket]


class Done(msgspec.Struct, frozen=True):
    """A ticket that something was done with; partners are told no version."""

    version: int = 0


class Counts(msgspec.Struct, frozen=True):
    """How many open tickets there are."""

    tickets: int
    mine: int
    unassigned: int
    teams: dict[str, int] = {}


class Entry(msgspec.Struct, frozen=True):
    """A line of a ticket's history; a partner's has `words` and `facts`, ours `detail`."""

    at: datetime
    who: str
    what: str
    words: str | None = msgspec.field(name="text", default=None)
    facts: dict[str, Any] = {}
    detail: dict[str, Any] = {}

    @property
    def text(self) -> str:
        """What was said; empty: nothing."""
        return str(self.words or self.detail.get("text") or self.detail.get("note") or "")

    @property
    def resolution(self) -> str:
        """How it ended, if it did with this line."""
        return str({**self.facts, **self.detail}.get("resolution") or "")

    @property
    def given_to(self) -> str:
        """Who has it from this line on; empty: it does not say."""
        return str(self.detail.get("assignee") or "")

    @property
    def had_it(self) -> str:
        """Who had it before this line; empty: nobody, or it does not say."""
        return str(self.detail.get("before") or "")

    @property
    def why(self) -> str:
        """Why a fault did what it did; empty: it is no fault."""
        return str({**self.facts, **self.detail}.get("why") or "")

    @property
    def play(self) -> str:
        """Whose step asked for the ticket; empty: none did."""
        return str(self.detail.get("play") or "")

    @property
    def is_shared(self) -> bool:
        """Whether we have written it for partners too."""
        return self.detail.get("audience") == "shared"


class Device(msgspec.Struct, frozen=True):
    """A device as support knows it now."""

    id: str
    model: str | None = None
    firmware: str | None = None
    firmware_at: datetime | None = None
    retired_at: datetime | None = None


class Customer(msgspec.Struct, frozen=True):
    """A customer as support knows it now."""

    zone: str
    region: str | None = None
    plan: str | None = None
    stage: str | None = None
    app_errors: int = 0
    help_views: int = 0
    app_seen_at: datetime | None = None


class Organisation(msgspec.Struct, frozen=True):
    """A partner."""

    id: str
    name: str
    active: bool = True


class Contact(msgspec.Struct, frozen=True):
    """Who somebody is and how to reach them."""

    name: str
    email: str | None = None
    phone: str | None = None


class Beside(msgspec.Struct, frozen=True):
    """The tickets above and below one in a list."""

    before: str | None = None
    after: str | None = None


class Whole(Ticket, frozen=True):
    """A ticket with its newest history and what is known of its device."""

    model: str | None = None
    firmware: str | None = None
    faults: int | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    flapping: bool | None = None
    resolution: str | None = None
    previous_ticket: str | None = None
    device_facts: Device | None = None
    customer_facts: Customer | None = None
    history: list[Entry] = []
    history_count: int = 0
    shared_with: list[str] = []


class Days(msgspec.Struct, frozen=True):
    """Tickets opened and resolved on days of UTC, the oldest first; the last is not over."""

    opened: list[int]
    resolved: list[int]


class Faults(msgspec.Struct, frozen=True):
    """All tickets of one fault code."""

    fault_code: str
    tickets: int
    open: int
    faults: int


class Support(Client):
    """What pages ask support."""

    async def tickets(self, wanted: Mapping[str, str | list[str]]) -> Tickets:
        """Which tickets are there, in the order that is wanted?"""
        return await self._read(Tickets, "/v1/tickets", params=wanted)

    async def found(self, text: str, most: int) -> list[Ticket]:
        """Which tickets does a text lead to?"""
        return await self._read(
            list[Ticket], "/v1/tickets/search", params={"text": text, "limit": most}
        )

    async def visible(self, ids: Collection[str]) -> list[str]:
        """Which of these tickets may be seen?"""
        return await self._read(
            list[str], "/v1/tickets/visible", params={"id": sorted(ids)[:MOST_IDS]}
        )

    async def days(self) -> Days:
        """How many were opened and resolved on each of the last 14 days?"""
        return await self._read(Days, "/v1/tickets/days")

    async def faults(self) -> list[Faults]:
        """Which fault codes are there, the most tickets first?"""
        return await self._read(list[Faults], "/v1/tickets/summary")

    async def counts(self, wanted: Mapping[str, str] | None = None) -> Counts:
        """How many are there, of mine and of nobody? Open ones, unless something else is wanted."""
        return await self._read(Counts, "/v1/tickets/counts", params=wanted)

    async def beside(self, id_: str, wanted: Mapping[str, str]) -> Beside:
        """What stands above and below a ticket in a list?"""
        return await self._read(Beside, "/v1/tickets/{}/neighbours", id_, params=wanted)

    async def organisations(self) -> list[Organisation]:
        """Which partners are there?"""
        answer = await self._read(Found[Organisation], "/v1/organisations", params={"limit": MANY})
        return answer.items

    async def add_organisation(self, id_: str, name: str) -> None:
        """A new partner."""
        await self._post("/v1/organisations", body={"id": id_, "name": name})

    async def change_organisation(
        self, id_: str, wish: Mapping[str, object], seen: str | None
    ) -> None:
        """Other name, or no access any more, of a partner as it was `seen`."""
        await self._send("PATCH", "/v1/organisations/{}", id_, body=wish, if_match=seen)

    async def ticket(self, id_: str) -> tuple[Whole, str]:
        """What is there to know of a ticket, and its ETag; partners have none."""
        return await self._tagged(Whole, "/v1/tickets/{}", id_)

    async def reveal(self, id_: str, body: Mapping[str, str], key: str) -> None:
        """Let who asks read the contact of a ticket's customer for a while, for a reason."""
        await self._post("/v1/tickets/{}/reveal", id_, body=body, key=key)

    async def contact(self, id_: str) -> Contact:
        """How is the ticket's customer reached? Refused: it is hidden."""
        return await self._read(Contact, "/v1/tickets/{}/contact", id_)

    async def act(
        self, id_: str, act: Act, body: Mapping[str, str | None], *, key: str, seen: str | None
    ) -> Done:
        """Do something with a ticket as it was `seen`, once for a `key`; its version after it."""
        answer = await self._post(f"/v1/tickets/{{}}/{act}", id_, body=body, key=key, if_match=seen)
        return answer.read(Done)
