"""Journey: customers, who they are and what they pay for."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import FILE_S, Found
from services.console.edges.services.client import Client
from shared.web.client.answered import Refused

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


class Customers(Client):
    """What pages ask about customers."""

    async def some(self, wanted: Mapping[str, str]) -> Found[Listed]:
        """Who is as the filters ask, by id? In a stage that is no stage: nobody."""
        return await self._known(Found[Listed], "/v1/customers", params=wanted) or Found([])

    async def count(self, wanted: Mapping[str, str]) -> int:
        """How many are as the filters ask? In a stage that is no stage any more: none."""
        counted = await self._known(Counted, "/v1/customer-counts", params=wanted)
        return 0 if counted is None else counted.customers

    async def names(self, ids: Iterable[str]) -> Mapping[str, str]:
        """What are they called? Without those whose name is not known, or not shown."""
        wanted = sorted(set(ids))[:MOST]
        if not wanted:
            return {}
        answer = await self._read(
            Found[Listed], "/v1/customers", params={"id": wanted, "limit": MOST}
        )
        return {customer.id: customer.name for customer in answer.items if customer.name}

    async def known(self, id_: str) -> Customer | None:
        """Who is it? None: nobody has this id."""
        return await self._known(Customer, "/v1/customers/{}", id_)

    async def subscription(self, id_: str) -> tuple[Subscription | None, str]:
        """What does the customer pay for now, and by which ETag is it known?"""
        try:
            asked = self._get("/v1/customers/{}/subscription", id_)
            answer = await asked
        except Refused as refused:
            if refused.kind != "no_subscription":
                raise
            return None, ""
        return answer.read(Subscription), answer.etag or ""

    async def subscribe(self, id_: str, body: Mapping[str, object], seen: str | None) -> None:
        """It pays for something else from now on, if it is still as it was `seen`."""
        await self._send("PUT", "/v1/customers/{}/subscription", id_, body=body, if_match=seen)

    async def bought(self, id_: str, body: Mapping[str, object], key: str) -> None:
        """A customer bought something, once for a `key`."""
        await self._post("/v1/customers/{}/purchases", id_, body=body, key=key)

    async def profile(self, id_: str) -> tuple[WholeProfile, str]:
        """Who is it and how to reach them, and by which ETag is that known?"""
        return await self._tagged(WholeProfile, "/v1/customers/{}/profile", id_)

    async def put_profile(self, id_: str, body: Mapping[str, object], seen: str | None) -> None:
        """They are so now, if nobody has changed what was `seen`."""
        await self._send("PUT", "/v1/customers/{}/profile", id_, body=body, if_match=seen)

    async def import_customers(self, csv: bytes) -> None:
        """Create those of a file, as a job."""
        await self._send("POST", "/v1/customers/import", csv=csv, deadline_s=FILE_S)

    async def export(self, id_: str) -> bytes:
        """Everything of all services about a customer, as a file."""
        return (await self._get("/v1/customers/{}/export", id_)).content
