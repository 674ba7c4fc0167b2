"""What the handlers need of contacts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.journey.domain.contacts.contact import Contact


class Contacts(Protocol):
    """People of accounts; see store/contacts/contacts.py."""

    async def of(self, customer: str) -> Sequence[Contact]: ...
    async def find(self, customer: str, id_: str) -> Contact | None: ...
    async def add(self, added: Contact, at: datetime) -> None: ...
    async def change(self, changed: Contact) -> None: ...
    async def remove(self, id_: str) -> None: ...
