"""Journey: tasks that teams offer to each other."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found, or_none
from shared.web.client.client import Peer

Answer = Literal["accept", "decline", "withdraw"]


class HandOff(msgspec.Struct, frozen=True):
    """A task that is offered; what partners are not shown of it is empty."""

    id: str
    task: str
    title: str
    says: str
    summary: str
    next_step: str
    state: Literal["offered", "accepted", "declined", "expired", "withdrawn"]
    offered_at: datetime
    expires_at: datetime
    settled_at: datetime | None
    customer: str = ""
    giver: str = ""
    taker: str = ""
    offered_by: str = ""
    settled_by: str | None = None
    why: str | None = None


class Cell(msgspec.Struct, frozen=True):
    """What was handed over from one team to another."""

    giver: str
    taker: str
    offers: int
    offered: int
    accepted: int
    declined: int
    expired: int
    withdrawn: int
    median_s: float | None


class Linkage(msgspec.Struct, frozen=True):
    """Where a team may hand tasks over to."""

    name: str
    giver: str
    taker: str
    what: str


class HandOffs:
    """What pages ask journey about hand-offs."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def listed(self, wanted: Mapping[str, str]) -> Found[HandOff]:
        """What is offered to my teams, or by them?"""
        answer = await self._peer.get("/v1/handoffs", bearer=self._bearer, params=wanted)
        return answer.read(Found[HandOff])

    async def one(self, id_: str) -> HandOff | None:
        """Which is it? None: none of my teams'."""
        asked = self._peer.get("/v1/handoffs/{}", id_, bearer=self._bearer)
        return await or_none(asked, HandOff)

    async def of_customer(self, id_: str) -> Sequence[HandOff]:
        """Between whom was this customer handed over?"""
        asked = self._peer.get("/v1/customers/{}/handoffs", id_, bearer=self._bearer)
        return (await asked).read(list[HandOff])

    async def matrix(self) -> Sequence[Cell]:
        """From which team to which, how many, and how long did it take?"""
        return (await self._peer.get("/v1/handoffs/matrix", bearer=self._bearer)).read(list[Cell])

    async def linkages(self) -> Sequence[Linkage]:
        """Where may my teams hand over to?"""
        return (await self._peer.get("/v1/linkages", bearer=self._bearer)).read(list[Linkage])

    async def offer(self, task: str, wish: Mapping[str, str], key: str) -> None:
        """Offer a task to another team."""
        path = "/v1/tasks/{}/offer"
        await self._peer.post(path, task, body=wish, bearer=self._bearer, key=key)

    async def answer(self, id_: str, answer: Answer, why: str | None = None) -> None:
        """Say yes or no, or take an offer back."""
        body = None if why is None else {"why": why}
        await self._peer.post(f"/v1/handoffs/{{}}/{answer}", id_, body=body, bearer=self._bearer)
