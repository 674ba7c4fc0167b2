"""Ingest: the registry of devices."""

from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import Found
from shared.web.client.client import Peer


class Device(msgspec.Struct, frozen=True):
    """A device as the registry knows it."""

    id: str
    model: str | None
    firmware: str | None
    status: Literal["registered", "claimed", "retired"]
    last_seen: datetime | None


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
