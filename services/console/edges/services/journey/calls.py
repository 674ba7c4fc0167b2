"""Journey: calls and meetings at times that customers have chosen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found
from services.console.edges.services.client import Client


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


class Calls(Client):
    """What pages ask about them."""

    async def ahead(self, wanted: Mapping[str, str]) -> Found[Call]:
        """Which calls of my teams are booked, the next first?"""
        return await self._read(Found[Call], "/v1/calls", params=wanted)

    async def one(self, id_: str) -> Call | None:
        """Which call is it, and when could it be instead? None: none of my teams'."""
        return await self._known(Call, "/v1/calls/{}", id_)

    async def of(self, customer: str) -> list[Call]:
        """Which were offered to a customer, the newest first?"""
        return await self._read(list[Call], "/v1/customers/{}/calls", customer)

    async def move(self, id_: str, at: str) -> None:
        """To another time; the customer is told."""
        await self._post("/v1/calls/{}/move", id_, body={"starts_at": at})

    async def cancel(self, id_: str) -> None:
        """None of us can; the customer is told."""
        await self._post("/v1/calls/{}/cancel", id_, body={})
