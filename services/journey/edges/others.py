"""The parts of an export, asked of the other services; all of them, or none."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from services.journey.errors import PartMissing, PartsUnknown
from shared.errors import TryLater
from shared.web.client.answered import Refused
from shared.web.client.client import Peer


class Others(Protocol):
    """Where the parts come from. Raises PartMissing, PartsUnknown."""

    async def of(self, customer: str) -> dict[str, Any]: ...


class OtherServices:
    """The other services over HTTP, as ourselves."""

    def __init__(self, services: Sequence[Peer]) -> None:
        self._services = services

    async def of(self, customer: str) -> dict[str, Any]:
        """What each service holds of a customer, by service."""
        parts = await asyncio.gather(*(self._part(service, customer) for service in self._services))
        names = (service.name for service in self._services)
        return dict(zip(names, parts, strict=True))

    @staticmethod
    async def _part(service: Peer, customer: str) -> Any:
        try:
            body = (await service.get("/v1/personal/{}", customer)).json()
        except (TryLater, Refused) as error:
            raise PartMissing(service.name) from error
        if not isinstance(body, dict) or body.get("service") != service.name:
            raise PartMissing(service.name)  # another one listens there
        return body


class NoServices:
    """For an installation whose settings do not say where the others are."""

    async def of(self, customer: str) -> dict[str, Any]:
        """There is none."""
        del customer
        raise PartsUnknown
