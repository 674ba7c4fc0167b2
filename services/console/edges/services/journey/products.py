"""Journey: what is sold, and what may be offered to whom."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import NOBODY, Found
from services.console.edges.services.client import Client
from shared.web.client.answered import Refused


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


class Products(Client):
    """What pages ask about products."""

    async def some(self, wanted: Mapping[str, str]) -> Found[Product]:
        """What is sold, as the filters ask, by id?"""
        return await self._known(Found[Product], "/v1/products", params=wanted) or Found([])

    async def known(self, id_: str) -> tuple[Product | None, str]:
        """What is it, and its ETag? None: there is none of this id."""
        try:
            return await self._tagged(Product, "/v1/products/{}", id_)
        except Refused as error:
            if error.status in NOBODY:
                return None, ""
            raise

    async def put(self, id_: str, body: Mapping[str, object], seen: str | None) -> None:
        """A product is this, as it was `seen`."""
        await self._send("PUT", "/v1/products/{}", id_, body=body, if_match=seen)

    async def made(self, customer: str, wanted: Mapping[str, str]) -> Found[Made]:
        """What was offered to a customer, the newest first?"""
        known = await self._known(
            Found[Made], "/v1/customers/{}/offers/made", customer, params=wanted
        )
        return known or Found([])

    async def offers(self, customer: str) -> list[Offer]:
        """What may be offered to a customer, and why the rest may not?"""
        return await self._known(list[Offer], "/v1/customers/{}/offers", customer) or []
