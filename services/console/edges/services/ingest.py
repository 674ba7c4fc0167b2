"""Ingest: the registry of devices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found, or_none
from shared.web.client.client import Peer


class Device(msgspec.Struct, frozen=True):
    """A device as the registry knows it."""

    id: str
    model: str | None
    firmware: str | None
    status: Literal["registered", "claimed", "retired"]
    last_seen: datetime | None


class RefusedSource(msgspec.Struct, frozen=True):
    """A source of which something was refused."""

    source: str
    refused: int
    reasons: list[str]
    last_at: datetime


class Reject(msgspec.Struct, frozen=True):
    """Something that was refused."""

    id: str
    source: str
    stream: str
    reason: str
    detail: str
    size: int
    elements: int
    times: int
    received_at: datetime
    cured_at: datetime | None = None
    emptied_at: datetime | None = None


class RejectBytes(Reject, frozen=True):
    """A reject with its bytes as text, and what its reason means."""

    payload_text: str = ""
    sentence: str = ""


class Refused(msgspec.Struct, frozen=True):
    """A client that the broker turned away, in the broker's own words."""

    at: datetime
    reason: str
    line: str
    client: str | None = None


class Broker(msgspec.Struct, frozen=True):
    """What the broker refused since ingest started, and what it holds."""

    counts: dict[str, int]
    held: dict[str, int]
    last: list[Refused]
    unread: int | None = None


class Ingest:
    """What pages ask ingest."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def devices_called(self, beginning: str, most: int) -> list[Device]:
        """Which devices' ids begin so?"""
        params = {"beginning": beginning, "limit": most}
        answer = await self._peer.get("/v1/devices", bearer=self._bearer, params=params)
        return answer.read(Found[Device]).items

    async def devices_of(self, customer: str, most: int) -> Found[Device]:
        """Which devices are a customer's?"""
        params = {"customer": customer, "limit": most}
        answer = await self._peer.get("/v1/devices", bearer=self._bearer, params=params)
        return answer.read(Found[Device])

    async def rejects_by_reason(self) -> dict[str, int]:
        """How much was refused and not taken since, by reason?"""
        answer = await self._peer.get("/v1/rejects/summary", bearer=self._bearer)
        return answer.read(dict[str, int])

    async def rejects_by_source(self) -> list[RefusedSource]:
        """Whose events were refused, the most first?"""
        answer = await self._peer.get("/v1/rejects/sources", bearer=self._bearer)
        return answer.read(list[RefusedSource])

    async def rejects(self, wanted: Mapping[str, str | None]) -> Found[Reject]:
        """What was refused, the newest first?"""
        answer = await self._peer.get("/v1/rejects", bearer=self._bearer, params=wanted)
        return answer.read(Found[Reject])

    async def reject(self, id_: str) -> RejectBytes | None:
        """What was refused there, with its bytes? None: it is not kept any more."""
        asked = self._peer.get("/v1/rejects/{}", id_, bearer=self._bearer)
        return await or_none(asked, RejectBytes)

    async def broker(self) -> Broker:
        """Whom has the broker turned away, and what does it hold?"""
        answer = await self._peer.get("/v1/broker/refused", bearer=self._bearer)
        return answer.read(Broker)
