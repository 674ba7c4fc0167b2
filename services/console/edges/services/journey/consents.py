"""Journey: what customers said about what they get, and addresses that nothing is sent to."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from services.console.edges.services.answers import Found
from services.console.edges.services.client import Client


class LeftTopic(msgspec.Struct, frozen=True):
    """A topic somebody left; empty: all of them. `who` None: by a link of a mail."""

    topic: str
    channel: str
    at: datetime
    how: str
    who: str | None


class Agreed(msgspec.Struct, frozen=True):
    """Messages somebody agreed to get."""

    purpose: str
    at: datetime
    how: str
    who: str | None


class Suppressed(msgspec.Struct, frozen=True):
    """Why nothing is sent to an address; `who` None: a mail server said so."""

    id: str
    at: datetime
    why: str
    who: str | None


class Suppression(Suppressed, frozen=True):
    """The same in a list; `customer` None: erased."""

    customer: str | None


class Consent(msgspec.Struct, frozen=True):
    """All of it, of one customer."""

    left: list[LeftTopic]
    agreed: list[Agreed]
    suppressed: Suppressed | None
    topics: list[str]


class Consents(Client):
    """What pages ask about it."""

    async def of(self, customer: str) -> tuple[Consent, str]:
        """What have they said, and by which ETag is it known?"""
        return await self._tagged(Consent, "/v1/customers/{}/consent", customer)

    async def agree(self, customer: str, purpose: str, seen: str | None, *, agreed: bool) -> None:
        """They want such messages, or not, if nobody has said more since it was `seen`."""
        path = "/v1/customers/{}/consent/agreements/{}"
        await self._send("PUT", path, customer, purpose, body={"agreed": agreed}, if_match=seen)

    async def want(
        self, customer: str, topic: str, body: Mapping[str, object], seen: str | None
    ) -> None:
        """They want a topic, or no more of it, if nobody has said more since it was `seen`."""
        path = "/v1/customers/{}/consent/topics/{}"
        await self._send("PUT", path, customer, topic, body=body, if_match=seen)

    async def suppressions(self, wanted: Mapping[str, str]) -> Found[Suppression]:
        """Where is nothing sent to, the newest first?"""
        return await self._read(Found[Suppression], "/v1/suppressions", params=wanted)

    async def suppress(self, customer: str, why: str) -> None:
        """Nothing is sent to a customer's address any more."""
        await self._post("/v1/suppressions", body={"customer": customer, "why": why})

    async def lift(self, id_: str, reason: str) -> None:
        """Something may be sent there again."""
        await self._post("/v1/suppressions/{}/lift", id_, body={"reason": reason})
