"""The parts of an export, asked of the other services; all of them, or none."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote

from services.journey.errors import PartMissing, PartsUnknown
from shared.errors import TryLater
from shared.web.client import ServiceClient


class Parts(Protocol):
    """Where the parts come from. Raises PartMissing, PartsUnknown."""

    async def of(self, customer: str) -> dict[str, Any]: ...


class OfServices:
    """The other services over HTTP, as ourselves."""

    def __init__(self, client: ServiceClient, urls: Mapping[str, str]) -> None:
        """Args: urls: by service."""
        self._client = client
        self._urls = urls

    async def of(self, customer: str) -> dict[str, Any]:
        """What each service holds of a customer, by service."""
        parts = await asyncio.gather(*(self._part(name, customer) for name in self._urls))
        return dict(zip(self._urls, parts, strict=True))

    async def _part(self, service: str, customer: str) -> Any:
        url = f"{self._urls[service]}/v1/personal/{quote(customer, safe='')}"
        try:
            found = await self._client.get(url)
        except TryLater as error:
            raise PartMissing(service) from error
        if not isinstance(found, dict) or found.get("service") != service:
            raise PartMissing(service)  # another one listens there
        return found


class Nowhere:
    """For an installation whose settings do not say where the others are."""

    async def of(self, customer: str) -> dict[str, Any]:
        """There is none."""
        del customer
        raise PartsUnknown
