"""Analytics: risks and days of use."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import NOBODY, Found
from services.console.edges.services.client import Client
from shared.web.client.answered import Refused


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


class Analytics(Client):
    """What pages ask analytics."""

    async def risk_of(self, customer: str) -> Risk | None:
        """How likely does a customer stop? None: no day with them was closed yet."""
        return await self._known(Risk, "/v1/customers/{}/risk", customer)

    async def findings_of(self, customer: str) -> list[Finding]:
        """When did the verdict about a customer change?"""
        answer = await self._read(
            Found[Finding], "/v1/findings", params={"customer": customer, "limit": 200}
        )
        return answer.items

    async def unreachable(
        self, *, customer: str | None = None, device: str | None = None
    ) -> list[Unreachable]:
        """Which devices were not heard while their owner was, the newest first?"""
        asked = {"customer": customer, "device": device}
        params = {name: value for name, value in asked.items() if value is not None}
        return await self._read(list[Unreachable], "/v1/risks/unreachable", params=params)

    async def days_of(self, customer: str, last: int) -> list[Day]:
        """How much was used on each of the last days, the oldest first?"""
        known = await self._known(
            list[Day], "/v1/customers/{}/days", customer, params={"last": last}
        )
        return known or []

    async def risks(self, wanted: Mapping[str, str | Sequence[str]]) -> Found[AtRisk]:
        """Who is at risk, of those that are wanted, in the order that is wanted?"""
        return await self._read(Found[AtRisk], "/v1/risks", params=wanted)

    async def tier_days(self) -> TierDays:
        """How many came into each tier on each of the last 14 days?"""
        return await self._read(TierDays, "/v1/risks/days")

    async def uses(self, customers: Sequence[str], last: int) -> Mapping[str, Uses]:
        """How much did they use on each of the last final days?"""
        if not customers:
            return {}
        params = {"customer": list(customers), "last": last}
        answer = await self._read(list[Uses], "/v1/risks/uses", params=params)
        return {used.customer: used for used in answer}

    async def outages(self) -> list[Outage]:
        """Of whom are no data collected now?"""
        return await self._read(list[Outage], "/v1/risks/outages")

    async def declines(self) -> list[Decline]:
        """Who uses less because many like them do?"""
        return await self._read(list[Decline], "/v1/risks/declines")

    async def contacts_of(self, customer: str) -> list[Contact]:
        """Who of us has contacted a customer, the newest first?"""
        return await self._known(list[Contact], "/v1/risks/{}/contacts", customer) or []

    async def contacted(self, customer: str, body: Mapping[str, str], key: str) -> None:
        """Somebody has contacted them, once for a `key`."""
        await self._post("/v1/risks/{}/contacts", customer, body=body, key=key)

    async def snooze_of(self, customer: str) -> Snooze | None:
        """Until when is a customer left out of the list?"""
        return await self._known(Snooze, "/v1/risks/{}/snooze", customer)

    async def snooze(self, customer: str, body: Mapping[str, str], key: str) -> None:
        """Leave them out for a while, once for a `key`."""
        await self._post("/v1/risks/{}/snooze", customer, body=body, key=key)

    async def wake(self, customer: str) -> None:
        """Put them into the list again."""
        try:
            await self._send("DELETE", "/v1/risks/{}/snooze", customer)
        except Refused as refused:
            if refused.status not in NOBODY:  # they are in it already
                raise

    async def tiers(self, wanted: Mapping[str, str] | None = None) -> list[Tier]:
        """How many customers are in each tier, of those that are wanted?"""
        return await self._read(list[Tier], "/v1/risks/summary", params=wanted)
