"""Sign-ins begun at the OpenID provider, and our table from its words to roles."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.store.tables import provider_attempt, provider_role
from shared.web.who import Role

# the whole table is one thing: two who replace it would collide on rows neither can see
_LOCK = text("LOCK TABLE provider_role IN SHARE ROW EXCLUSIVE MODE")


class Provider:
    """Both tables, on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin(self, digest: str, nonce: str, verifier: str, until: datetime) -> None:
        """Somebody was sent to the provider."""
        row = {"digest": digest, "nonce": nonce, "verifier": verifier, "expires_at": until}
        await self._connection.execute(insert(provider_attempt).values(row))

    async def take(self, digest: str, now: datetime) -> tuple[str, str] | None:
        """Nonce and verifier of an attempt, once."""
        query = (
            delete(provider_attempt)
            .where(provider_attempt.c.digest == digest, provider_attempt.c.expires_at > now)
            .returning(provider_attempt.c.nonce, provider_attempt.c.verifier)
        )
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else (row.nonce, row.verifier)

    async def roles(self, *, lock: bool = False) -> Mapping[str, Role]:
        """Our table: value of the claim to role; with `lock` nobody else changes it meanwhile."""
        if lock:
            await self._connection.execute(_LOCK)
        result = await self._connection.execute(select(provider_role))
        return {row.value: row.role for row in result}

    async def replace_roles(self, table: Mapping[str, Role]) -> None:
        """This is the whole table from now on."""
        await self._connection.execute(delete(provider_role))
        if table:
            rows = [{"value": value, "role": role} for value, role in sorted(table.items())]
            await self._connection.execute(insert(provider_role), rows)

    async def sweep(self, now: datetime) -> None:
        """Delete what was not finished."""
        query = delete(provider_attempt).where(provider_attempt.c.expires_at <= now)
        await self._connection.execute(query)
