"""Journey: conversations outside plays."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found
from shared.web.client.client import Peer


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


class Talks:
    """What pages ask about them."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def of(self, customer: str) -> list[Talk]:
        """What was said with a customer, the newest first?"""
        answer = await self._peer.get("/v1/customers/{}/talks", customer, bearer=self._bearer)
        return answer.read(list[Talk])

    async def add(self, customer: str, body: Mapping[str, object], key: str) -> None:
        """They talked, once for a `key`."""
        path = "/v1/customers/{}/talks"
        await self._peer.post(path, customer, body=body, bearer=self._bearer, key=key)

    async def ahead(self) -> list[Talk]:
        """Whose next step has whoever looks still to do?"""
        answer = await self._peer.get("/v1/talks/ahead", bearer=self._bearer)
        return answer.read(list[Talk])

    async def done(self, id_: str) -> None:
        """The next step of it is done."""
        await self._peer.send("POST", "/v1/talks/{}/done", id_, body={}, bearer=self._bearer)

    async def discoveries(self, wanted: Mapping[str, str]) -> Found[Discovery]:
        """What did we learn, the newest first?"""
        answer = await self._peer.get("/v1/discoveries", bearer=self._bearer, params=wanted)
        return answer.read(Found[Discovery])
