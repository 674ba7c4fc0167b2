"""Journey: tasks that teams offer to each other."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found
from services.console.edges.services.client import Client

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


class HandOffs(Client):
    """What pages ask journey about hand-offs."""

    async def listed(self, wanted: Mapping[str, str]) -> Found[HandOff]:
        """What is offered to my teams, or by them?"""
        return await self._read(Found[HandOff], "/v1/handoffs", params=wanted)

    async def one(self, id_: str) -> HandOff | None:
        """Which is it? None: none of my teams'."""
        return await self._known(HandOff, "/v1/handoffs/{}", id_)

    async def of_customer(self, id_: str) -> Sequence[HandOff]:
        """Between whom was this customer handed over?"""
        return await self._read(list[HandOff], "/v1/customers/{}/handoffs", id_)

    async def matrix(self) -> Sequence[Cell]:
        """From which team to which, how many, and how long did it take?"""
        return await self._read(list[Cell], "/v1/handoffs/matrix")

    async def linkages(self) -> Sequence[Linkage]:
        """Where may my teams hand over to?"""
        return await self._read(list[Linkage], "/v1/linkages")

    async def offer(self, task: str, wish: Mapping[str, str], key: str) -> None:
        """Offer a task to another team."""
        await self._post("/v1/tasks/{}/offer", task, body=wish, key=key)

    async def answer(self, id_: str, answer: Answer, why: str | None = None) -> None:
        """Say yes or no, or take an offer back."""
        body = None if why is None else {"why": why}
        await self._post(f"/v1/handoffs/{{}}/{answer}", id_, body=body)
