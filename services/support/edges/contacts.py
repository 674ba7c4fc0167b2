"""Contact data of a customer, asked of journey when somebody may read it; never kept here."""

from typing import Protocol

from httpx import codes
from pydantic import BaseModel

from shared.errors import TryLater
from shared.web.client.answered import Refused
from shared.web.client.client import Peer


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

    def __init__(self, journey: Peer) -> None:
        self._journey = journey

    async def of(self, customer: str) -> Contact | None:
        """The contact; None: journey knows none."""
        try:
            answer = await self._journey.get("/v1/customers/{}/contact", customer)
        except Refused as refused:
            if refused.status == codes.NOT_FOUND:
                return None
            raise TryLater(f"journey answered {refused.status}") from refused
        return Contact.model_validate(answer.json())
