"""Journey: customers, who they are and what they pay for."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import FILE_S, Found, or_none
from shared.web.client.answered import Refused
from shared.web.client.client import Peer

MOST = 200  # customers of one question


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
    csm: str | None = None


class Counted(msgspec.Struct, frozen=True):
    """How many customers filters find."""

    customers: int


class Profile(msgspec.Struct, frozen=True):
    """Who it is, and how to reach them."""

    name: str
    email: str | None
    phone: str | None


class WholeProfile(Profile, frozen=True):
    """All that is known of a person."""

    address: str | None = None
    locale: str | None = None


class Subscription(msgspec.Struct, frozen=True):
    """What the customer pays for now."""

    plan: str
    status: Literal["trial", "active", "cancelled", "ended"]
    started_at: datetime
    renews_at: datetime | None
    price_month: float = 0.0


class Entry(msgspec.Struct, frozen=True):
    """A stage entered, and why."""

    stage: str
    at: datetime
    cause: str


class Purchase(msgspec.Struct, frozen=True):
    """Something bought."""

    product: str
    at: datetime


class Term(msgspec.Struct, frozen=True):
    """Something billing said of the subscription, and what it led to."""

    kind: Literal["subscription", "renewal"]
    at: datetime
    subscription: Subscription | None


class Customer(Known, frozen=True):
    """One customer; `profile` None: nobody has told it, or who asks may not see it."""

    profile: Profile | None
    subscription: Subscription | None
    history: list[Entry]
    purchases: list[Purchase] = []
    terms: list[Term] = []


class Customers:
    """What pages ask about customers."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def some(self, wanted: Mapping[str, str]) -> Found[Listed]:
        """Who is as the filters ask, by id? In a stage that is no stage: nobody."""
        asked = self._peer.get("/v1/customers", bearer=self._bearer, params=wanted)
        return await or_none(asked, Found[Listed]) or Found([])

    async def count(self, wanted: Mapping[str, str]) -> int:
        """How many are as the filters ask? In a stage that is no stage any more: none."""
        path = "/v1/customer-counts"
        asked = self._peer.get(path, bearer=self._bearer, params=wanted)
        counted = await or_none(asked, Counted)
        return 0 if counted is None else counted.customers

    async def names(self, ids: Iterable[str]) -> Mapping[str, str]:
        """What are they called? Without those whose name is not known, or not shown."""
        wanted = sorted(set(ids))[:MOST]
        if not wanted:
            return {}
        params = {"id": wanted, "limit": MOST}
        answer = await self._peer.get("/v1/customers", bearer=self._bearer, params=params)
        customers = answer.read(Found[Listed]).items
        return {customer.id: customer.name for customer in customers if customer.name}

    async def known(self, id_: str) -> Customer | None:
        """Who is it? None: nobody has this id."""
        asked = self._peer.get("/v1/customers/{}", id_, bearer=self._bearer)
        return await or_none(asked, Customer)

    async def subscription(self, id_: str) -> tuple[Subscription | None, str]:
        """What does the customer pay for now, and by which ETag is it known?"""
        try:
            asked = self._peer.get("/v1/customers/{}/subscription", id_, bearer=self._bearer)
            answer = await asked
        except Refused as refused:
            if refused.kind != "no_subscription":
                raise
            return None, ""
        return answer.read(Subscription), answer.etag or ""

    async def subscribe(self, id_: str, body: Mapping[str, object], seen: str | None) -> None:
        """It pays for something else from now on, if it is still as it was `seen`."""
        path = "/v1/customers/{}/subscription"
        await self._peer.send("PUT", path, id_, body=body, bearer=self._bearer, if_match=seen)

    async def bought(self, id_: str, body: Mapping[str, object], key: str) -> None:
        """A customer bought something, once for a `key`."""
        path = "/v1/customers/{}/purchases"
        await self._peer.post(path, id_, body=body, bearer=self._bearer, key=key)

    async def profile(self, id_: str) -> tuple[WholeProfile, str]:
        """Who is it and how to reach them, and by which ETag is that known?"""
        answer = await self._peer.get("/v1/customers/{}/profile", id_, bearer=self._bearer)
        return answer.read(WholeProfile), answer.etag or ""

    async def put_profile(self, id_: str, body: Mapping[str, object], seen: str | None) -> None:
        """They are so now, if nobody has changed what was `seen`."""
        path = "/v1/customers/{}/profile"
        await self._peer.send("PUT", path, id_, body=body, bearer=self._bearer, if_match=seen)

    async def import_customers(self, csv: bytes) -> None:
        """Create those of a file, as a job."""
        path = "/v1/customers/import"
        await self._peer.send("POST", path, csv=csv, bearer=self._bearer, deadline_s=FILE_S)

    async def export(self, id_: str) -> bytes:
        """Everything of all services about a customer, as a file."""
        path = "/v1/customers/{}/export"
        return (await self._peer.get(path, id_, bearer=self._bearer)).content
