"""Journey: customers who are to be forgotten everywhere."""

from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found
from shared.web.client.client import Peer


class Part(msgspec.Struct, frozen=True):
    """How far one service is with an erasure; None: not done yet."""

    service: str
    done_at: datetime | None


class Erasure(msgspec.Struct, frozen=True):
    """A customer who is to be forgotten, by id."""

    customer: str
    state: Literal["running", "done"]
    asked_at: datetime
    asked_by: str
    reason: str
    services: list[Part]


class Erasures:
    """What pages ask about erasures."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def some(self, after: str | None) -> Found[Erasure]:
        """Who was erased, or is being erased, by customer?"""
        params = {"after": after}
        answer = await self._peer.get("/v1/erasures", bearer=self._bearer, params=params)
        return answer.read(Found[Erasure])

    async def erase(self, id_: str, reason: str, key: str) -> None:
        """Forget a customer everywhere."""
        path, body = "/v1/customers/{}/erasure", {"reason": reason}
        await self._peer.post(path, id_, body=body, bearer=self._bearer, key=key)
