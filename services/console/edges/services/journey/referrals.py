"""Journey: rewards of who recommended us and of who bought."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found
from services.console.edges.services.client import Client


class Reward(msgspec.Struct, frozen=True):
    """A reward of one of both; `redemption` is that of the other, too."""

    id: str
    redemption: str
    customer: str
    side: Literal["customer", "friend"]
    product: str
    order: str
    amount: float
    state: Literal["pending", "final", "reversed"]
    redeemed_at: datetime
    due_at: datetime | None
    settled_at: datetime | None


class Referrals(Client):
    """What pages ask about referrals."""

    async def rewards(self, wanted: Mapping[str, str]) -> Found[Reward]:
        """Which rewards are there, the newest first?"""
        return await self._read(Found[Reward], "/v1/referrals", params=wanted)
