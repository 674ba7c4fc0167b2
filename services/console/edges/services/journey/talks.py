"""Journey: conversations outside plays."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found
from services.console.edges.services.client import Client


class Talk(msgspec.Struct, frozen=True):
    """A conversation; `contact` None: with the customer."""

    id: str
    customer: str
    kind: Literal["call", "meeting", "mail", "visit"]
    at: datetime
    outcome: Literal["talked", "agreed", "declined", "not_reached"]
    contact: str | None
    note: str | None
    discovery: str | None
    next_step: str | None
    due_at: datetime | None
    who: str
    done_at: datetime | None = None


class Discovery(msgspec.Struct, frozen=True):
    """What was learned in one."""

    id: str
    at: datetime
    customer: str
    kind: Literal["call", "meeting", "mail", "visit"]
    discovery: str
    who: str


class Talks(Client):
    """What pages ask about them."""

    async def of(self, customer: str) -> list[Talk]:
        """What was said with a customer, the newest first?"""
        return await self._read(list[Talk], "/v1/customers/{}/talks", customer)

    async def add(self, customer: str, body: Mapping[str, object], key: str) -> None:
        """They talked, once for a `key`."""
        await self._post("/v1/customers/{}/talks", customer, body=body, key=key)

    async def ahead(self) -> list[Talk]:
        """Whose next step has whoever looks still to do?"""
        return await self._read(list[Talk], "/v1/talks/ahead")

    async def done(self, id_: str) -> None:
        """The next step of it is done."""
        await self._post("/v1/talks/{}/done", id_, body={})

    async def discoveries(self, wanted: Mapping[str, str]) -> Found[Discovery]:
        """What did we learn, the newest first?"""
        return await self._read(Found[Discovery], "/v1/discoveries", params=wanted)
