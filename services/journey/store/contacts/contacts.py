"""Contacts of accounts; whoever writes holds the customer."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.contacts.contact import Consent, Contact, Reach
from services.journey.store.tables import among, contact


class Contacts:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, customer: str) -> Sequence[Contact]:
        """All of an account, the first that was added first."""
        query = (
            select(contact)
            .where(contact.c.customer == customer)
            .order_by(contact.c.added_at, contact.c.id)
        )
        return [_contact(row) for row in (await self._connection.execute(query)).mappings()]

    async def of_accounts(self, customers: Iterable[str]) -> dict[str, list[Contact]]:
        """Those of several accounts, by account, the first that was added first."""
        people = await self.dated(customers)
        return {account: [person for _, person in listed] for account, listed in people.items()}

    async def dated(self, customers: Iterable[str]) -> dict[str, list[tuple[datetime, Contact]]]:
        """The same, each with when they were added."""
        query = (
            select(contact)
            .where(contact.c.customer == among(customers))
            .order_by(contact.c.added_at, contact.c.id)
        )
        people: dict[str, list[tuple[datetime, Contact]]] = {}
        for row in (await self._connection.execute(query)).mappings():
            people.setdefault(row["customer"], []).append((row["added_at"], _contact(row)))
        return people

    async def find(self, customer: str, id_: str) -> Contact | None:
        """One of an account."""
        query = select(contact).where(contact.c.customer == customer, contact.c.id == id_)
        row = (await self._connection.execute(query)).mappings().one_or_none()
        return None if row is None else _contact(row)

    async def add(self, added: Contact, at: datetime) -> None:
        """There is one more."""
        row = {"id": added.id, "customer": added.customer, "added_at": at, **_row(added)}
        await self._connection.execute(insert(contact).values(row))

    async def change(self, changed: Contact) -> None:
        """It is so now."""
        await self._connection.execute(
            update(contact).where(contact.c.id == changed.id).values(_row(changed))
        )

    async def remove(self, id_: str) -> None:
        """There is one less."""
        await self._connection.execute(delete(contact).where(contact.c.id == id_))


def _row(written: Contact) -> dict[str, Any]:
    said = written.consent
    return {
        **asdict(written.reach), "left_topics": list(said.left), "promotion": said.promotion,
        "said_at": said.at, "said_by": said.who,
    }  # fmt: skip


def _contact(row: RowMapping) -> Contact:
    return Contact(
        id=row["id"],
        customer=row["customer"],
        reach=Reach(**{name: row[name] for name in Reach.__slots__}),
        consent=Consent(
            tuple(row["left_topics"]), row["promotion"], row["said_at"], row["said_by"]
        ),
    )
