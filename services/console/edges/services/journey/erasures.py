"""Journey: customers who are to be forgotten everywhere."""

from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found
from services.console.edges.services.client import Client


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


class Erasures(Client):
    """What pages ask about erasures."""

    async def some(self, after: str | None) -> Found[Erasure]:
        """Who was erased, or is being erased, by customer?"""
        return await self._read(Found[Erasure], "/v1/erasures", params={"after": after})

    async def erase(self, id_: str, reason: str, key: str) -> None:
        """Forget a customer everywhere."""
        path, body = "/v1/customers/{}/erasure", {"reason": reason}
        await self._post(path, id_, body=body, key=key)
