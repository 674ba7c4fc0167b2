"""Journey: people of business accounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from shared.web.client.client import Peer

Role = Literal["decision_maker", "user", "billing", "technical", "other"]


class Wish(msgspec.Struct, frozen=True):
    """What somebody said about what they get; `at` None: nobody has asked."""

    left: list[str]
    promotion: bool
    at: datetime | None
    who: str | None


class Listed(msgspec.Struct, frozen=True):
    """A person of an account, without address and number."""

    id: str
    name: str
    role: Role
    channel: Literal["email", "phone"]
    zone: str | None
    language: str | None
    has_email: bool
    has_phone: bool
    consent: Wish


class Person(msgspec.Struct, frozen=True):
    """All of one."""

    id: str
    name: str
    role: Role
    email: str | None
    phone: str | None
    zone: str | None
    channel: Literal["email", "phone"]
    language: str | None
    consent: Wish


class Contacts:
    """What pages ask about them."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def of(self, customer: str) -> list[Listed]:
        """Who is there, at an account?"""
        answer = await self._peer.get("/v1/customers/{}/contacts", customer, bearer=self._bearer)
        return answer.read(list[Listed])

    async def one(self, customer: str, id_: str) -> tuple[Person, str]:
        """Who is it and how to reach them, and by which ETag is that known?"""
        path = "/v1/customers/{}/contacts/{}"
        answer = await self._peer.get(path, customer, id_, bearer=self._bearer)
        return answer.read(Person), answer.etag or ""

    async def add(self, customer: str, body: Mapping[str, object], key: str) -> None:
        """There is one more, once for a `key`."""
        path = "/v1/customers/{}/contacts"
        await self._peer.post(path, customer, body=body, bearer=self._bearer, key=key)

    async def change(
        self, customer: str, id_: str, body: Mapping[str, object], seen: str | None
    ) -> None:
        """They are so now, if nobody has changed what was `seen`."""
        await self._put("/v1/customers/{}/contacts/{}", customer, id_, body, seen)

    async def want(
        self, customer: str, id_: str, body: Mapping[str, object], seen: str | None
    ) -> None:
        """They want this, if nobody has changed what was `seen`."""
        await self._put("/v1/customers/{}/contacts/{}/consent", customer, id_, body, seen)

    async def remove(self, customer: str, id_: str, seen: str | None) -> None:
        """They are forgotten, if nobody has changed what was `seen`."""
        path = "/v1/customers/{}/contacts/{}"
        await self._peer.send("DELETE", path, customer, id_, bearer=self._bearer, if_match=seen)

    async def _put(
        self, path: str, customer: str, id_: str, body: Mapping[str, object], seen: str | None
    ) -> None:
        await self._peer.send(
            "PUT", path, customer, id_, body=body, bearer=self._bearer, if_match=seen
        )
