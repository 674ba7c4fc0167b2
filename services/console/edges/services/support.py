"""Support: tickets, their queue and history; a partner is answered with what is shared with it."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from shared.web.client import Peer


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
    assignee: str | None = None
    team: str | None = None
    reopened_at: datetime | None = None
    resolved_at: datetime | None = None

    @property
    def since(self) -> datetime:
        """Since when it waits, or waited."""
        return self.reopened_at or self.opened_at


class Tickets(msgspec.Struct, frozen=True):
    """Some tickets, and where to go on."""

    items: list[Ticket]
    next: str | None = None


class Counts(msgspec.Struct, frozen=True):
    """How many open tickets there are."""

    tickets: int
    mine: int
    unassigned: int


class Support:
    """What pages ask support."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def tickets(self, wanted: Mapping[str, str]) -> Tickets:
        """Which tickets are there, in the order that is wanted?"""
        answer = await self._peer.get("/v1/tickets", bearer=self._bearer, params=wanted)
        return answer.read(Tickets)

    async def counts(self) -> Counts:
        """How many open ones, of mine and of nobody?"""
        answer = await self._peer.get("/v1/tickets/counts", bearer=self._bearer)
        return answer.read(Counts)
