"""Contact data of a customer, asked of journey when somebody may read it; never kept here."""

from typing import Protocol
from urllib.parse import quote

from pydantic import BaseModel

from shared.web.client import ServiceClient


class Contact(BaseModel):
    """Personal data, in clear."""

    name: str
    email: str | None
    phone: str | None


class Contacts(Protocol):
    """Where contact data comes from. Raises TryLater."""

    async def of(self, customer: str) -> Contact | None: ...


class OfJourney:
    """Journey over HTTP."""

    def __init__(self, client: ServiceClient, journey_url: str) -> None:
        self._client = client
        self._journey = journey_url.rstrip("/")

    async def of(self, customer: str) -> Contact | None:
        """The contact; None: journey knows none."""
        found = await self._client.get(
            f"{self._journey}/v1/customers/{quote(customer, safe='')}/contact"
        )
        return None if found is None else Contact.model_validate(found)
