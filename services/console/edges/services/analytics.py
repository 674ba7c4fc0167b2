"""Analytics: risks and days of use."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found, or_none
from shared.web.client.client import Peer


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


class Day(msgspec.Struct, frozen=True):
    """A customer's local day; not `reported`: nothing was heard, so no use says nothing."""

    day: date
    uses: int
    reported: bool


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

    async def days_of(self, customer: str, last: int) -> list[Day]:
        """How much was used on each of the last days, the oldest first?"""
        asked = self._peer.get(
            "/v1/customers/{}/days", customer, bearer=self._bearer, params={"last": last}
        )
        return await or_none(asked, list[Day]) or []

    async def risks(self, wanted: Mapping[str, str]) -> Found[AtRisk]:
        """Who is at risk, of those that are wanted, the highest risk first?"""
        answer = await self._peer.get("/v1/risks", bearer=self._bearer, params=wanted)
        return answer.read(Found[AtRisk])

    async def tier_days(self) -> TierDays:
        """How many came into each tier on each of the last 14 days?"""
        answer = await self._peer.get("/v1/risks/days", bearer=self._bearer)
        return answer.read(TierDays)

    async def tiers(self) -> list[Tier]:
        """How many customers are in each tier?"""
        answer = await self._peer.get("/v1/risks/summary", bearer=self._bearer)
        return answer.read(list[Tier])
