"""Addresses that nothing is sent to any more, known by their hashes alone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, delete, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import among, suppressed_address

_SUPPRESS = text(
    """INSERT INTO suppressed_address (hash, at, why, customer, who)
    VALUES (:hash, :at, :why, :customer, :who) ON CONFLICT DO NOTHING"""
)


class Suppressions:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def among(self, addresses: Iterable[str]) -> set[str]:
        """To which of these addresses nothing is to be sent any more."""
        hashes = {address: hash_of(address) for address in addresses}
        query = select(suppressed_address.c.hash).where(
            suppressed_address.c.hash == among(set(hashes.values()))
        )
        suppressed = set((await self._connection.execute(query)).scalars())
        return {address for address, hashed in hashes.items() if hashed in suppressed}

    async def add(self, address: str, said: Mapping[str, Any]) -> str | None:
        """Nothing is to be sent there any more. Returns its hash; None: it was so before.

        Args:
            said: `at`, `why`, `customer`, `who`.
        """
        given = {"hash": hash_of(address), **said}
        added = (await self._connection.execute(_SUPPRESS, given)).rowcount
        return given["hash"] if added else None

    async def of(self, address: str) -> Row[Any] | None:
        """Why nothing is sent there; None: something may be."""
        return await self.one(hash_of(address))

    async def one(self, id_: str) -> Row[Any] | None:
        """One of them, by its hash."""
        query = select(suppressed_address).where(suppressed_address.c.hash == id_)
        return (await self._connection.execute(query)).one_or_none()

    async def drop(self, id_: str) -> bool:
        """Something may be sent there again; False: it might before."""
        gone = delete(suppressed_address).where(suppressed_address.c.hash == id_)
        return bool((await self._connection.execute(gone)).rowcount)

    async def listed(
        self, why: str | None, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Row[Any]]:
        """The newest first.

        Args:
            after: moment and hash of the last one seen.
        """
        s = suppressed_address.c
        query = select(suppressed_address).order_by(s.at.desc(), s.hash.desc()).limit(limit)
        if why is not None:
            query = query.where(s.why == why)
        if after is not None:
            query = query.where(tuple_(s.at, s.hash) < tuple_(*after))
        return (await self._connection.execute(query)).all()


def hash_of(address: str) -> str:
    """By which an address is known without keeping it: it stays so after an erasure."""
    return sha256(address.strip().lower().encode()).hexdigest()
