"""Journey: customers and their stages."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import FILE_S, NOBODY, Found, or_none
from services.console.edges.services.renewals import Renewal
from shared.web.client.answered import Refused
from shared.web.client.client import Peer

MOST = 200  # customers of one question


class Stage(msgspec.Struct, frozen=True):
    """One stage of the journey map, and how many customers are in it."""

    stage: str
    says: str
    customers: int


class Way(msgspec.Struct, frozen=True):
    """How many went from one stage to another; `before` None: it was their first."""

    before: str | None
    stage: str
    customers: int


class Stayed(msgspec.Struct, frozen=True):
    """How long customers were in a stage that they have left."""

    median_s: float
    p90_s: float


class Flow(msgspec.Struct, frozen=True):
    """How customers moved between stages since a moment."""

    since: datetime
    ways: list[Way]
    stayed: dict[str, Stayed]


class Condition(msgspec.Struct, frozen=True):
    """A fact compared with a value."""

    fact: str
    op: str
    value: bool | int | float | str


class TouchPoint(msgspec.Struct, frozen=True):
    """A contact with customers in a stage, and what came of it."""

    moment: str
    channel: str
    message: str
    goal: str | None
    play: str | None
    gives: str | None
    look_up: list[str]
    reached: int
    missed: int
    waiting: int


class MapStage(msgspec.Struct, frozen=True):
    """A stage of the journey map: from where it is entered, and when."""

    stage: str
    says: str
    before: list[str]
    all: list[Condition]
    any: list[Condition]
    touch_points: list[TouchPoint] = []


class StageDays(msgspec.Struct, frozen=True):
    """How many customers entered each stage on days of UTC, the oldest first."""

    entered: dict[str, list[int]]


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


class Part(msgspec.Struct, frozen=True):
    """How far one service is with an erasure; None: not done yet."""

    service: str
    done_at: datetime | None


class Erasure(msgspec.Struct, frozen=True):
    """A customer who is to be forgotten, by id."""

    customer: str
    state: Literal["running", "done"]
    asked_at: datetime
    asked_by: str
    reason: str
    services: list[Part]


class Journey:
    """What pages ask journey."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def stages(self) -> list[Stage]:
        """How many customers are in each stage, in the order of the journey map?"""
        answer = await self._peer.get("/v1/stages", bearer=self._bearer)
        return answer.read(list[Stage])

    async def stage_days(self) -> StageDays:
        """How many entered each stage on each of the last 14 days?"""
        answer = await self._peer.get("/v1/stages/days", bearer=self._bearer)
        return answer.read(StageDays)

    async def flow(self, last: int) -> Flow:
        """How did customers move in the last days?"""
        params = {"last": last}
        answer = await self._peer.get("/v1/stages/flow", bearer=self._bearer, params=params)
        return answer.read(Flow)

    async def map(self) -> list[MapStage]:
        """What is the journey map, as it is in force?"""
        answer = await self._peer.get("/v1/stages/map", bearer=self._bearer)
        return answer.read(list[MapStage])

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
        customers = answer.read(Found[Listed]).items
        return {customer.id: customer.name for customer in customers if customer.name}

    async def customer(self, id_: str) -> Customer | None:
        """Who is it? None: nobody has this id."""
        asked = self._peer.get("/v1/customers/{}", id_, bearer=self._bearer)
        return await or_none(asked, Customer)

    async def products(self, wanted: Mapping[str, str]) -> Found[Product]:
        """What is sold, as the filters ask, by id?"""
        asked = self._peer.get("/v1/products", bearer=self._bearer, params=wanted)
        return await or_none(asked, Found[Product]) or Found([])

    async def product(self, id_: str) -> tuple[Product | None, str]:
        """What is it, and its ETag? None: there is none of this id."""
        try:
            answer = await self._peer.get("/v1/products/{}", id_, bearer=self._bearer)
        except Refused as error:
            if error.status in NOBODY:
                return None, ""
            raise
        return answer.read(Product), answer.etag or ""

    async def put_product(self, id_: str, body: Mapping[str, object], seen: str | None) -> None:
        """A product is this, as it was `seen`."""
        await self._peer.send(
            "PUT", "/v1/products/{}", id_, body=body, bearer=self._bearer, if_match=seen
        )

    async def offers(self, customer: str) -> list[Offer]:
        """What may be offered to a customer, and why the rest may not?"""
        asked = self._peer.get("/v1/customers/{}/offers", customer, bearer=self._bearer)
        return await or_none(asked, list[Offer]) or []

    async def erasures(self, after: str | None) -> Found[Erasure]:
        """Who was erased, or is being erased, by customer?"""
        params = {"after": after}
        answer = await self._peer.get("/v1/erasures", bearer=self._bearer, params=params)
        return answer.read(Found[Erasure])

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

    async def erase(self, id_: str, reason: str, key: str) -> None:
        """Forget a customer everywhere."""
        path, body = "/v1/customers/{}/erasure", {"reason": reason}
        await self._peer.post(path, id_, body=body, bearer=self._bearer, key=key)

    async def renewals(self, wanted: Mapping[str, str]) -> Found[Renewal]:
        """Whose term ends soon, the next one first?"""
        answer = await self._peer.get("/v1/renewals", bearer=self._bearer, params=wanted)
        return answer.read(Found[Renewal])

    async def decide_renewal(self, id_: str, body: Mapping[str, object], seen: str | None) -> None:
        """This came of a customer's term, if nobody has said more since it was `seen`."""
        path = "/v1/renewals/{}"
        await self._peer.send("PUT", path, id_, body=body, bearer=self._bearer, if_match=seen)

    async def export(self, id_: str) -> bytes:
        """Everything of all services about a customer, as a file."""
        path = "/v1/customers/{}/export"
        return (await self._peer.get(path, id_, bearer=self._bearer)).content
