"""Journey: what shops sent that could not be done."""

from datetime import datetime

import msgspec

from services.console.edges.services.answers import MANY, Found
from shared.web.client.client import Peer


class Delivery(msgspec.Struct, frozen=True):
    """Something a shop sent; `kind` None: it could not be read; `customer` None: nor whom it is about."""

    id: str
    shop: str
    kind: str | None
    received_at: datetime
    why: str | None
    customer: str | None


class Deliveries:
    """What pages ask about it."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def kept(self) -> Found[Delivery]:
        """What is kept, the oldest first?"""
        params = {"limit": str(MANY)}
        answer = await self._peer.get("/v1/deliveries", bearer=self._bearer, params=params)
        return answer.read(Found[Delivery])

    async def replay(self, id_: str) -> None:
        """Do it, as it is understood now."""
        await self._peer.send("POST", "/v1/deliveries/{}/replay", id_, bearer=self._bearer)

    async def discard(self, id_: str) -> None:
        """It will never be done."""
        await self._peer.send("POST", "/v1/deliveries/{}/discard", id_, bearer=self._bearer)
