"""Journey: customers and their stages."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found, or_none
from shared.web.client.client import Peer

MOST = 200  # customers of one question


class Stage(msgspec.Struct, frozen=True):
    """One stage of the journey map, and how many customers are in it."""

    stage: str
    says: str
    customers: int


class Known(msgspec.Struct, frozen=True):
    """What is known of a customer without personal data."""

    id: str
    kind: Literal["household", "business"]
    zone: str
    region: str
    stage: str | None
    stage_since: datetime | None


class Listed(Known, frozen=True):
    """A customer in a list; `name` None: nobody has told it, or who asks may not see it."""

    name: str | None
    plan: str | None


class Profile(msgspec.Struct, frozen=True):
    """Who it is, and how to reach them."""

    name: str
    email: str | None
    phone: str | None


class Subscription(msgspec.Struct, frozen=True):
    """What the customer pays for now."""

    plan: str
    status: Literal["trial", "active", "cancelled", "ended"]
    started_at: datetime
    renews_at: datetime | None


class Entry(msgspec.Struct, frozen=True):
    """A stage entered, and why."""

    stage: str
    at: datetime
    cause: str


class Customer(Known, frozen=True):
    """One customer; `profile` None: nobody has told it, or who asks may not see it."""

    profile: Profile | None
    subscription: Subscription | None
    history: list[Entry]


class Journey:
    """What pages ask journey."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def stages(self) -> list[Stage]:
        """How many customers are in each stage, in the order of the journey map?"""
        answer = await self._peer.get("/v1/stages", bearer=self._bearer)
        return answer.read(list[Stage])

    async def customers(self, wanted: Mapping[str, str]) -> Found[Listed]:
        """Who is as the filters ask, by id? In a stage that is no stage: nobody."""
        asked = self._peer.get("/v1/customers", bearer=self._bearer, params=wanted)
        return await or_none(asked, Found[Listed]) or Found([])

    async def names(self, ids: Iterable[str]) -> Mapping[str, str]:
        """What are they called? Without those whose name is not known, or not shown."""
        wanted = sorted(set(ids))[:MOST]
        if not wanted:
            return {}
        params = {"id": wanted, "limit": MOST}
        answer = await self._peer.get("/v1/customers", bearer=self._bearer, params=params)
        found = answer.read(Found[Listed]).items
        return {each.id: each.name for each in found if each.name}

    async def customer(self, id_: str) -> Customer | None:
        """Who is it? None: nobody has this id."""
        asked = self._peer.get("/v1/customers/{}", id_, bearer=self._bearer)
        return await or_none(asked, Customer)
