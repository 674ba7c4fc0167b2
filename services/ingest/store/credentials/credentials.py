"""Credentials inside one transaction, and what the broker must know of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.ingest.domain.credentials.credentials import Admitted, Credential, Revoked
from services.ingest.errors import Away
from services.ingest.store.tables import broker_files, claim_code, credential
from shared.db import rows, trouble

_CHANGED = text(
    """INSERT INTO broker_files (one, changes) VALUES (1, 1)
    ON CONFLICT (one) DO UPDATE SET changes = broker_files.changes + 1"""
)


class Credentials:
    """Writes credentials and claim codes; the source's row is locked before."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Sequence[Credential]) -> None:
        """Store credentials; a new password replaces the one before."""
        if not new:
            return
        replaced = [
            new_credential.source for new_credential in new if new_credential.kind == "password"
        ]
        if replaced:
            await self._revoke(
                credential.c.source.in_(replaced) & (credential.c.kind == "password"),
                "replaced",
            )
        await rows.insert_new(
            self._connection,
            credential,
            [
                {
                    "id": new_credential.id,
                    "source": new_credential.source,
                    "kind": new_credential.kind,
                    "verifier": new_credential.verifier,
                    "serial": new_credential.serial,
                    "issued_at": new_credential.issued_at,
                    "expires_at": new_credential.expires_at,
                }
                for new_credential in new
            ],
        )
        await self._connection.execute(_CHANGED)

    async def revoke(self, sources: Iterable[str], why: str) -> list[str]:
        """End all credentials of these sources; returns the ids of those that were good."""
        wanted_sources = list(sources)
        codes = delete(claim_code).where(claim_code.c.source.in_(wanted_sources))
        await self._connection.execute(codes)
        return await self._ended(credential.c.source.in_(wanted_sources), why)

    async def revoke_one(self, id_: str, source: str, why: str) -> bool:
        """End one; False: it had ended already, or is not this source's."""
        mine = (credential.c.id == id_) & (credential.c.source == source)
        return bool(await self._ended(mine, why))

    async def of(self, source: str) -> list[Mapping[str, Any]]:
        """All of a source's, newest first, without what the broker verifies with."""
        query = (
            select(
                credential.c.id, credential.c.kind, credential.c.serial, credential.c.issued_at,
                credential.c.expires_at, credential.c.revoked_at, credential.c.why,
            )
            .where(credential.c.source == source)
            .order_by(credential.c.issued_at.desc(), credential.c.id)
            .limit(100)
        )  # fmt: skip
        return [dict(row) for row in (await self._connection.execute(query)).mappings()]

    async def set_code(self, source: str, digest: str, expires_at: datetime) -> None:
        """Give a source a claim code; an earlier one ends."""
        await self._connection.execute(delete(claim_code).where(claim_code.c.source == source))
        row = {"digest": digest, "source": source, "expires_at": expires_at}
        await rows.insert_new(self._connection, claim_code, [row])

    async def take_code(self, digest: str, now: datetime) -> str | None:
        """The source a code is for; the code is used up. None: there is none such, or it ended."""
        query = (
            delete(claim_code)
            .where(claim_code.c.digest == digest)
            .returning(claim_code.c.source, claim_code.c.expires_at)
        )
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None or row.expires_at <= now else str(row.source)

    async def _ended(self, which: Any, why: str) -> list[str]:
        ended = await self._revoke(which, why)
        if ended:
            await self._connection.execute(_CHANGED)
        return ended

    async def _revoke(self, which: Any, why: str) -> list[str]:
        query = (
            update(credential)
            .where(which, credential.c.revoked_at.is_(None))
            .values(revoked_at=func.now(), why=why)
            .returning(credential.c.id)
        )
        return sorted((await self._connection.execute(query)).scalars())


class Doorkeeping:
    """Reads for the gatekeeper. Raises Away: the database cannot be reached."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def changes(self) -> int:
        """How often credentials have changed, ever."""
        return int(await self._one(select(broker_files.c.changes)) or 0)

    async def admitted(self, now: datetime) -> tuple[int, Admitted]:
        """What the broker must know now, and the number of changes it comes from."""
        try:
            async with self._engine.connect() as connection:
                await connection.execution_options(isolation_level="REPEATABLE READ")
                number = await connection.execute(select(broker_files.c.changes))
                return int(number.scalar() or 0), await _admitted(connection, now)
        except Exception as error:
            raise _passing(error) from error

    async def revoked_since(self, at: datetime) -> dict[str, Revoked]:
        """Credentials that were revoked after `at`, by id."""
        c = credential.c
        query = select(c.id, c.source, c.kind).where(c.revoked_at > at)
        try:
            async with self._engine.connect() as connection:
                result = await connection.execute(query)
                return {row.id: Revoked(row.source, row.kind) for row in result}
        except Exception as error:
            raise _passing(error) from error

    async def _one(self, query: Any) -> Any:
        try:
            async with self._engine.connect() as connection:
                return (await connection.execute(query)).scalar()
        except Exception as error:
            raise _passing(error) from error


async def _admitted(connection: AsyncConnection, now: datetime) -> Admitted:
    c = credential.c
    lives = or_(c.expires_at.is_(None), c.expires_at > now)
    good = select(c.source, c.kind, c.verifier, c.serial).where(c.revoked_at.is_(None), lives)
    passwords: dict[str, str] = {}
    certificates: set[tuple[str, str]] = set()
    for source, kind, verifier, serial in await connection.execute(good.order_by(c.source)):
        if kind == "password":
            passwords[source] = verifier
        else:
            certificates.add((source, serial))
    gone = select(c.serial, c.revoked_at).where(
        c.kind == "certificate", c.revoked_at.is_not(None), lives
    )
    revoked = {row.serial: row.revoked_at for row in await connection.execute(gone)}
    ends = select(func.min(c.expires_at)).where(c.revoked_at.is_(None), c.expires_at > now)
    return Admitted(
        passwords, frozenset(certificates), revoked, (await connection.execute(ends)).scalar()
    )


def _passing(error: Exception) -> Exception:
    return Away(str(error)) if trouble.is_passing(error) else error
