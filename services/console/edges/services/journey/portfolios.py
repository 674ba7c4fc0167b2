"""Journey: which CSM looks after whom."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from shared.web.client.client import Peer


class Csm(msgspec.Struct, frozen=True):
    """Who looks after a customer; None: nobody."""

    csm: str | None
    since: datetime | None


class Portfolio(msgspec.Struct, frozen=True):
    """How many customers somebody has."""

    csm: str
    customers: int


class Moved(msgspec.Struct, frozen=True):
    """What a hand-over came to; of those `left` nothing changed."""

    id: str
    customers: int
    left: int


class Portfolios:
    """What pages ask about portfolios."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def sizes(self) -> list[Portfolio]:
        """How many customers has each CSM?"""
        answer = await self._peer.get("/v1/portfolios", bearer=self._bearer)
        return answer.read(list[Portfolio])

    async def of(self, customer: str) -> tuple[Csm, str]:
        """Who looks after a customer, and by which ETag is it known?"""
        answer = await self._peer.get("/v1/customers/{}/csm", customer, bearer=self._bearer)
        return answer.read(Csm), answer.etag or ""

    async def give(self, customer: str, csm: str | None, seen: str | None) -> None:
        """This CSM looks after the customer, if nobody has changed what was `seen`."""
        path, body = "/v1/customers/{}/csm", {"csm": csm}
        await self._peer.send("PUT", path, customer, body=body, bearer=self._bearer, if_match=seen)

    async def hand_over(self, body: Mapping[str, object], key: str) -> Moved:
        """A portfolio, or some customers, go to another CSM, once for a `key`."""
        path = "/v1/portfolios/hand-over"
        answer = await self._peer.post(path, body=body, bearer=self._bearer, key=key)
        return answer.read(Moved)

    async def undo(self, id_: str, key: str) -> Moved:
        """They go back to whom they had before, once for a `key`."""
        path = "/v1/portfolios/hand-overs/{}/undo"
        answer = await self._peer.post(path, id_, body={}, bearer=self._bearer, key=key)
        return answer.read(Moved)
