"""Journey's terms that end soon, and what came of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found
from services.console.edges.services.client import Client


class Decided(msgspec.Struct, frozen=True):
    """What came of a term, and who says so."""

    outcome: Literal["renewed", "expanded", "reduced", "cancelled"]
    reason: str | None
    who: str
    at: datetime


class Renewal(msgspec.Struct, frozen=True):
    """A term that ends soon, or has ended and was not renewed; `name` None: not known, or not shown."""

    customer: str
    name: str | None
    kind: Literal["household", "business"]
    region: str
    stage: str | None
    plan: str
    price_month: float
    status: Literal["trial", "active", "cancelled"]
    term_ends: datetime
    decided: Decided | None
    etag: str


class Renewals(Client):
    """What pages ask about terms."""

    async def soon(self, wanted: Mapping[str, str]) -> Found[Renewal]:
        """Whose term ends soon, the next one first?"""
        return await self._read(Found[Renewal], "/v1/renewals", params=wanted)

    async def decide(self, id_: str, body: Mapping[str, object], seen: str | None) -> None:
        """This came of a customer's term, if nobody has said more since it was `seen`."""
        await self._send("PUT", "/v1/renewals/{}", id_, body=body, if_match=seen)
