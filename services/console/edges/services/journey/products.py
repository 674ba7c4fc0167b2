"""Journey: what is sold, and what may be offered to whom."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import NOBODY, Found, or_none
from shared.web.client.answered import Refused
from shared.web.client.client import Peer


class Product(msgspec.Struct, frozen=True):
    """What is sold; `kind` None: nobody has described it."""

    id: str
    name: str
    kind: Literal["device", "accessory", "subscription", "service"] | None
    price: float | None
    margin: float | None
    exchange_cost: float | None
    limits: dict[str, float]
    works_with: list[str]
    replaces: str | None
    sold_from: datetime | None
    sold_until: datetime | None


class Offer(msgspec.Struct, frozen=True):
    """A product, and why it may not be offered to a customer; `refusal` None: it may."""

    product: str
    name: str
    kind: Literal["device", "accessory", "subscription", "service"] | None
    price: float | None
    refusal: str | None
    instead: list[str]


class Made(msgspec.Struct, frozen=True):
    """An offer that was made; `play` None: a person made it."""

    id: str
    kind: Literal["promotion", "upgrade"]
    product: str
    name: str
    list_price: float
    price: float
    made_at: datetime
    made_by: str
    valid_until: datetime
    state: Literal["open", "accepted", "declined", "expired"]
    settled_at: datetime | None
    settled_by: str | None
    play: str | None


class Products:
    """What pages ask about products."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def some(self, wanted: Mapping[str, str]) -> Found[Product]:
        """What is sold, as the filters ask, by id?"""
        asked = self._peer.get("/v1/products", bearer=self._bearer, params=wanted)
        return await or_none(asked, Found[Product]) or Found([])

    async def known(self, id_: str) -> tuple[Product | None, str]:
        """What is it, and its ETag? None: there is none of this id."""
        try:
            answer = await self._peer.get("/v1/products/{}", id_, bearer=self._bearer)
        except Refused as error:
            if error.status in NOBODY:
                return None, ""
            raise
        return answer.read(Product), answer.etag or ""

    async def put(self, id_: str, body: Mapping[str, object], seen: str | None) -> None:
        """A product is this, as it was `seen`."""
        await self._peer.send(
            "PUT", "/v1/products/{}", id_, body=body, bearer=self._bearer, if_match=seen
        )

    async def made(self, customer: str, wanted: Mapping[str, str]) -> Found[Made]:
        """What was offered to a customer, the newest first?"""
        path = "/v1/customers/{}/offers/made"
        asked = self._peer.get(path, customer, bearer=self._bearer, params=wanted)
        return await or_none(asked, Found[Made]) or Found([])

    async def offers(self, customer: str) -> list[Offer]:
        """What may be offered to a customer, and why the rest may not?"""
        asked = self._peer.get("/v1/customers/{}/offers", customer, bearer=self._bearer)
        return await or_none(asked, list[Offer]) or []
