"""Analytics: risks and days of use."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import NOBODY, Found, or_none
from shared.web.client.answered import Refused
from shared.web.client.client import Peer


class Contacted(msgspec.Struct, frozen=True):
    """The newest contact with a customer; `who` is `account:<id>`."""

    at: datetime
    who: str
    outcome: str


class Contact(Contacted, frozen=True, kw_only=True):
    """The same, with what was written about it."""

    note: str


class Snoozed(msgspec.Struct, frozen=True):
    """Until when somebody is left out of the list; `who` is `account:<id>`."""

    until: date
    who: str


class Snooze(Snoozed, frozen=True, kw_only=True):
    """The same, with why; `holds` False: it is over."""

    at: datetime
    reason: str
    holds: bool


class Outage(msgspec.Struct, frozen=True):
    """Customers not judged as collection failed; None: whatever it is."""

    region: str
    model: str | None
    plan: str | None
    customers: int
    since: date | None


class Decline(msgspec.Struct, frozen=True):
    """Customers who use less because many like them do; None: whatever it is."""

    region: str
    model: str | None
    plan: str | None
    customers: int
    share: float
    since: date


class Unreachable(msgspec.Struct, frozen=True):
    """A device that was not heard any more, though its owner was."""

    device: str
    since: date
    told_at: datetime
    over_at: datetime | None


class Uses(msgspec.Struct, frozen=True):
    """Hours with use a day, the oldest first; the newest number is of `last`."""

    customer: str
    last: date
    hours: list[int]


class Cancels(msgspec.Struct, frozen=True):
    """How likely a subscription is cancelled; a `prior` says the same of everybody."""

    basis: Literal["prior", "fitted"]
    within_30_days: float
    within_90_days: float


class Risk(msgspec.Struct, frozen=True):
    """What the numbers of a customer come to, as of the last closed day.

    With a `risk_range` that is all that is known yet; `risk` only orders a list.
    """

    tier: Literal["learning", "none", "watch", "at_risk"]
    state: Literal["learning", "steady", "away", "dropped", "lapsed", "unreachable"]
    outlook: str
    risk: float
    since: date | None
    day: date
    risk_range: tuple[float, float] | None
    onset: date | None = None
    why: str | None = None
    basis: str = "prior"
    head: date | None = None
    recent: float = 0.0
    usual: float = 0.0
    silent_days: int = 0
    outage: bool = False
    region: str = ""
    plan: str = ""
    model: str = ""
    price_month: float | None = None
    at_stake: float = 0.0
    cancels: Cancels | None = None
    contacted: Contacted | None = None
    snoozed: Snoozed | None = None


class AtRisk(Risk, frozen=True, kw_only=True):
    """The same, of a customer in a list."""

    customer: str


class Finding(msgspec.Struct, frozen=True):
    """A change of tier."""

    at: datetime
    tier: Literal["learning", "none", "watch", "at_risk"]


class Tier(msgspec.Struct, frozen=True):
    """How many customers are in a tier, and the last day that was closed for any of them."""

    tier: str
    customers: int
    day: date
    snoozed: int = 0


class Day(msgspec.Struct, frozen=True):
    """A customer's local day; not `reported`: nothing was heard, so no use says nothing.

    Attributes:
        outage: nothing was heard of many at once.
        away: of an absence, e.g. a vacation.
    """

    day: date
    uses: int
    reported: bool
    outage: bool = False
    away: bool = False


class TierDays(msgspec.Struct, frozen=True):
    """How many customers came into each tier on days of UTC, the oldest first."""

    entered: dict[str, list[int]]


class Analytics:
    """What pages ask analytics."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def risk_of(self, customer: str) -> Risk | None:
        """How likely does a customer stop? None: no day with them was closed yet."""
        asked = self._peer.get("/v1/customers/{}/risk", customer, bearer=self._bearer)
        return await or_none(asked, Risk)

    async def findings_of(self, customer: str) -> list[Finding]:
        """When did the verdict about a customer change?"""
        params = {"customer": customer, "limit": 200}
        answer = await self._peer.get("/v1/findings", bearer=self._bearer, params=params)
        return answer.read(Found[Finding]).items

    async def unreachable(
        self, *, customer: str | None = None, device: str | None = None
    ) -> list[Unreachable]:
        """Which devices were not heard while their owner was, the newest first?"""
        asked = {"customer": customer, "device": device}
        params = {name: value for name, value in asked.items() if value is not None}
        answer = await self._peer.get("/v1/risks/unreachable", bearer=self._bearer, params=params)
        return answer.read(list[Unreachable])

    async def days_of(self, customer: str, last: int) -> list[Day]:
        """How much was used on each of the last days, the oldest first?"""
        asked = self._peer.get(
            "/v1/customers/{}/days", customer, bearer=self._bearer, params={"last": last}
        )
        return await or_none(asked, list[Day]) or []

    async def risks(self, wanted: Mapping[str, str | Sequence[str]]) -> Found[AtRisk]:
        """Who is at risk, of those that are wanted, in the order that is wanted?"""
        answer = await self._peer.get("/v1/risks", bearer=self._bearer, params=wanted)
        return answer.read(Found[AtRisk])

    async def tier_days(self) -> TierDays:
        """How many came into each tier on each of the last 14 days?"""
        answer = await self._peer.get("/v1/risks/days", bearer=self._bearer)
        return answer.read(TierDays)

    async def uses(self, customers: Sequence[str], last: int) -> Mapping[str, Uses]:
        """How much did they use on each of the last final days?"""
        if not customers:
            return {}
        params = {"customer": list(customers), "last": last}
        answer = await self._peer.get("/v1/risks/uses", bearer=self._bearer, params=params)
        return {used.customer: used for used in answer.read(list[Uses])}

    async def outages(self) -> list[Outage]:
        """Of whom are no data collected now?"""
        answer = await self._peer.get("/v1/risks/outages", bearer=self._bearer)
        return answer.read(list[Outage])

    async def declines(self) -> list[Decline]:
        """Who uses less because many like them do?"""
        answer = await self._peer.get("/v1/risks/declines", bearer=self._bearer)
        return answer.read(list[Decline])

    async def contacts_of(self, customer: str) -> list[Contact]:
        """Who of us has contacted a customer, the newest first?"""
        asked = self._peer.get("/v1/risks/{}/contacts", customer, bearer=self._bearer)
        return await or_none(asked, list[Contact]) or []

    async def contacted(self, customer: str, body: Mapping[str, str], key: str) -> None:
        """Somebody has contacted them, once for a `key`."""
        path = "/v1/risks/{}/contacts"
        await self._peer.post(path, customer, body=body, bearer=self._bearer, key=key)

    async def snooze_of(self, customer: str) -> Snooze | None:
        """Until when is a customer left out of the list?"""
        asked = self._peer.get("/v1/risks/{}/snooze", customer, bearer=self._bearer)
        return await or_none(asked, Snooze)

    async def snooze(self, customer: str, body: Mapping[str, str], key: str) -> None:
        """Leave them out for a while, once for a `key`."""
        path = "/v1/risks/{}/snooze"
        await self._peer.post(path, customer, body=body, bearer=self._bearer, key=key)

    async def wake(self, customer: str) -> None:
        """Put them into the list again."""
        try:
            await self._peer.send("DELETE", "/v1/risks/{}/snooze", customer, bearer=self._bearer)
        except Refused as refused:
            if refused.status not in NOBODY:  # they are in it already
                raise

    async def tiers(self, wanted: Mapping[str, str] | None = None) -> list[Tier]:
        """How many customers are in each tier, of those that are wanted?"""
        answer = await self._peer.get("/v1/risks/summary", bearer=self._bearer, params=wanted)
        return answer.read(list[Tier])
