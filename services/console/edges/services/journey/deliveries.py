"""Journey: what shops sent that could not be done."""

from datetime import datetime

import msgspec

from services.console.edges.services.answers import MANY, Found
from services.console.edges.services.client import Client


class Delivery(msgspec.Struct, frozen=True):
    """Something a shop sent; `kind` None: it could not be read; `customer` None: nor whom it is about."""

    id: str
    shop: str
    kind: str | None
    received_at: datetime
    why: str | None
    customer: str | None


class Deliveries(Client):
    """What pages ask about it."""

    async def kept(self) -> Found[Delivery]:
        """What is kept, the oldest first?"""
        return await self._read(Found[Delivery], "/v1/deliveries", params={"limit": str(MANY)})

    async def replay(self, id_: str) -> None:
        """Do it, as it is understood now."""
        await self._post("/v1/deliveries/{}/replay", id_)

    async def discard(self, id_: str) -> None:
        """It will never be done."""
        await self._post("/v1/deliveries/{}/discard", id_)
