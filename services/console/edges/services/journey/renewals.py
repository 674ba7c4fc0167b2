"""Journey's terms that end soon, and what came of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found
from shared.web.client.client import Peer


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


class Renewals:
    """What pages ask about terms."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def soon(self, wanted: Mapping[str, str]) -> Found[Renewal]:
        """Whose term ends soon, the next one first?"""
        answer = await self._peer.get("/v1/renewals", bearer=self._bearer, params=wanted)
        return answer.read(Found[Renewal])

    async def decide(self, id_: str, body: Mapping[str, object], seen: str | None) -> None:
        """This came of a customer's term, if nobody has said more since it was `seen`."""
        path = "/v1/renewals/{}"
        await self._peer.send("PUT", path, id_, body=body, bearer=self._bearer, if_match=seen)
