"""Journey: whom the start of a play holds of now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found
from services.console.edges.services.client import Client

Fate = Literal["enters", "compared", "ends", "already_in", "had_it", "too_early"]


class Audience(msgspec.Struct, frozen=True):
    """How many; not `exact`: what a sample says. `unreached` None: it writes no mails."""

    at: datetime
    exact: bool
    customers: int
    looked_at: int
    holds: int
    enters: int
    compared: int
    ends: int
    already_in: int
    had_it: int
    too_early: int
    unreached: int | None


class Member(msgspec.Struct, frozen=True):
    """A customer it holds of, and what would become of them."""

    customer: str
    stage: str | None
    fate: Fate
    unreached: bool


class Audiences(Client):
    """What pages ask journey about the audiences of plays."""

    async def of(self, play: str, wanted: Mapping[str, str]) -> Audience:
        """How many does it hold of, as it is played or drafted?"""
        return await self._read(Audience, "/v1/plays/{}/audience", play, params=wanted)

    async def typed(self, play: str, files: Mapping[str, str]) -> Audience:
        """How many would it hold of as it is written?"""
        body = {"play": play, "files": files}
        return (await self._post("/v1/plays/audience", body=body)).read(Audience)

    async def members(self, play: str, wanted: Mapping[str, str]) -> Found[Member]:
        """Who are they?"""
        path = "/v1/plays/{}/audience/customers"
        return await self._read(Found[Member], path, play, params=wanted)
