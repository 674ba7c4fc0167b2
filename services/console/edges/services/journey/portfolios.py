"""Journey: which CSM looks after whom."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from services.console.edges.services.client import Client


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


class Portfolios(Client):
    """What pages ask about portfolios."""

    async def sizes(self) -> list[Portfolio]:
        """How many customers has each CSM?"""
        return await self._read(list[Portfolio], "/v1/portfolios")

    async def of(self, customer: str) -> tuple[Csm, str]:
        """Who looks after a customer, and by which ETag is it known?"""
        return await self._tagged(Csm, "/v1/customers/{}/csm", customer)

    async def give(self, customer: str, csm: str | None, seen: str | None) -> None:
        """This CSM looks after the customer, if nobody has changed what was `seen`."""
        path, body = "/v1/customers/{}/csm", {"csm": csm}
        await self._send("PUT", path, customer, body=body, if_match=seen)

    async def hand_over(self, body: Mapping[str, object], key: str) -> Moved:
        """A portfolio, or some customers, go to another CSM, once for a `key`."""
        return (await self._post("/v1/portfolios/hand-over", body=body, key=key)).read(Moved)

    async def undo(self, id_: str, key: str) -> Moved:
        """They go back to whom they had before, once for a `key`."""
        answer = await self._post("/v1/portfolios/hand-overs/{}/undo", id_, body={}, key=key)
        return answer.read(Moved)
