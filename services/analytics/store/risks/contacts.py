"""Contacts: who of us spoke with which customer, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.risks.care import Contact
from services.analytics.store.tables import contact
from shared.db import rows


class Contacts:
    """Only ever added to."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, written: Contact) -> None:
        """Keep one; of the same id nothing is added."""
        await rows.insert_new(self._connection, contact, [asdict(written)])

    async def one(self, id_: str) -> Contact | None:
        """The contact of an id."""
        query = select(contact).where(contact.c.id == id_)
        row = (await self._connection.execute(query)).mappings().one_or_none()
        return None if row is None else Contact(**row)

    async def of(self, customer: str, limit: int) -> Sequence[Mapping[str, Any]]:
        """A customer's, the newest first."""
        query = (
            select(contact)
            .where(contact.c.customer == customer)
            .order_by(contact.c.at.desc(), contact.c.id)
            .limit(limit)
        )
        return [dict(row) for row in (await self._connection.execute(query)).mappings()]
