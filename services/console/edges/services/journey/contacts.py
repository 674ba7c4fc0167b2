"""Journey: people of business accounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.client import Client

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


class Contacts(Client):
    """What pages ask about them."""

    async def of(self, customer: str) -> list[Listed]:
        """Who is there, at an account?"""
        return await self._read(list[Listed], "/v1/customers/{}/contacts", customer)

    async def one(self, customer: str, id_: str) -> tuple[Person, str]:
        """Who is it and how to reach them, and by which ETag is that known?"""
        return await self._tagged(Person, "/v1/customers/{}/contacts/{}", customer, id_)

    async def add(self, customer: str, body: Mapping[str, object], key: str) -> None:
        """There is one more, once for a `key`."""
        await self._post("/v1/customers/{}/contacts", customer, body=body, key=key)

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
        await self._send("DELETE", "/v1/customers/{}/contacts/{}", customer, id_, if_match=seen)

    async def _put(
        self, path: str, customer: str, id_: str, body: Mapping[str, object], seen: str | None
    ) -> None:
        await self._send("PUT", path, customer, id_, body=body, if_match=seen)
