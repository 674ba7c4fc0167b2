"""Journey: calls and meetings at times that customers have chosen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found, or_none
from shared.web.client.client import Peer


class Call(msgspec.Struct, frozen=True):
    """A call; `owner` None: nobody of the team has taken it yet."""

    id: str
    customer: str
    team: str
    title: str
    state: Literal["offered", "booked", "cancelled", "held", "no_show"]
    offered_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    task: str | None
    changed_at: datetime
    owner: str | None = None
    zone: str = ""
    free: list[datetime] = msgspec.field(default_factory=list)


class Calls:
    """What pages ask about them."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def ahead(self, wanted: Mapping[str, str]) -> Found[Call]:
        """Which calls of my teams are booked, the next first?"""
        answer = await self._peer.get("/v1/calls", bearer=self._bearer, params=wanted)
        return answer.read(Found[Call])

    async def one(self, id_: str) -> Call | None:
        """Which call is it, and when could it be instead? None: none of my teams'."""
        return await or_none(self._peer.get("/v1/calls/{}", id_, bearer=self._bearer), Call)

    async def of(self, customer: str) -> list[Call]:
        """Which were offered to a customer, the newest first?"""
        answer = await self._peer.get("/v1/customers/{}/calls", customer, bearer=self._bearer)
        return answer.read(list[Call])

    async def move(self, id_: str, at: str) -> None:
        """To another time; the customer is told."""
        body = {"starts_at": at}
        await self._peer.post("/v1/calls/{}/move", id_, body=body, bearer=self._bearer)

    async def cancel(self, id_: str) -> None:
        """None of us can; the customer is told."""
        await self._peer.post("/v1/calls/{}/cancel", id_, body={}, bearer=self._bearer)
