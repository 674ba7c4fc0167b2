"""API keys."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.programs.api_key import ApiKey
from services.console.store.tables import api_key

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7302, hashtext(:name))")


class Keys:
    """API keys, on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def by_id(self, id_: str) -> ApiKey | None:
        """One key, whether it is active or not."""
        row = (
            await self._connection.execute(select(api_key).where(api_key.c.id == id_))
        ).one_or_none()
        return None if row is None else _key(row)

    async def names(self, ids: Sequence[str]) -> dict[str, str]:
        """What the programs of these keys are called, by the keys' ids."""
        query = select(api_key.c.id, api_key.c.name).where(api_key.c.id.in_(ids))
        return {row.id: row.name for row in await self._connection.execute(query)}

    async def listed(self, after: str | None, limit: int) -> Sequence[ApiKey]:
        """Keys by id."""
        query = select(api_key).order_by(api_key.c.id).limit(limit)
        if after is not None:
            query = query.where(api_key.c.id > after)
        return [_key(row) for row in await self._connection.execute(query)]

    async def named(self, after: tuple[str, str] | None, limit: int) -> Sequence[ApiKey]:
        """Keys by name."""
        query = select(api_key).order_by(api_key.c.name, api_key.c.id).limit(limit)
        if after is not None:
            query = query.where(tuple_(api_key.c.name, api_key.c.id) > after)
        return [_key(row) for row in await self._connection.execute(query)]

    async def active(self, name: str, now: datetime) -> Sequence[ApiKey]:
        """Active keys of a name, the oldest first; nobody else adds one before we commit."""
        await self._connection.execute(_ONE_AT_A_TIME, {"name": name})
        query = select(api_key).where(
            api_key.c.name == name, api_key.c.revoked_at.is_(None), api_key.c.expires_at > now
        )
        rows = await self._connection.execute(query.order_by(api_key.c.created_at))
        return [_key(row) for row in rows]

    async def add(self, key: ApiKey) -> None:
        """A new key."""
        fields = {column.name: getattr(key, column.name) for column in api_key.columns}
        scopes = None if key.scopes is None else list(key.scopes)
        row = {**fields, "roles": sorted(key.roles), "scopes": scopes}
        await self._connection.execute(insert(api_key).values(row))

    async def revoke(self, id_: str, now: datetime) -> bool:
        """No token for it any more; False: it was revoked before."""
        query = update(api_key).where(api_key.c.id == id_, api_key.c.revoked_at.is_(None))
        return (await self._connection.execute(query.values(revoked_at=now))).rowcount == 1

    async def used(self, id_: str, day: date) -> None:
        """It was used on that day."""
        query = update(api_key).where(
            api_key.c.id == id_,
            or_(api_key.c.last_used_on.is_(None), api_key.c.last_used_on < day),
        )
        await self._connection.execute(query.values(last_used_on=day))


def _key(row: Row[Any]) -> ApiKey:
    fields = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    scopes = fields["scopes"]
    return ApiKey(
        **{
            **fields,
            "roles": frozenset(fields["roles"]),
            "scopes": None if scopes is None else tuple(scopes),
        }
    )
