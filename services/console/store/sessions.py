"""Sessions, and the links that are good once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.accounts.account import Account
from services.console.domain.accounts.link import Kind, Link
from services.console.domain.sessions.session import Session
from services.console.store.accounts import account_of
from services.console.store.tables import account, link, session

_OF_SESSION = {column.name: f"session_{column.name}" for column in session.columns}
_WITH_ACCOUNT = select(
    *(session.c[name].label(label) for name, label in _OF_SESSION.items()), *account.columns
).join_from(session, account, account.c.id == session.c.account)


class Sessions:
    """Sessions, on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new_session: Session) -> None:
        """A new session."""
        row = {column.name: getattr(new_session, column.name) for column in session.columns}
        await self._connection.execute(insert(session).values(row))

    async def by_digest(self, digest: str) -> tuple[Session, Account] | None:
        """The session of a cookie, and whose it is."""
        query = _WITH_ACCOUNT.where(session.c.digest == digest)
        row = (await self._connection.execute(query)).mappings().one_or_none()
        if row is None:
            return None
        return Session(**{name: row[label] for name, label in _OF_SESSION.items()}), account_of(
            {column.name: row[column.name] for column in account.columns}
        )

    async def of(self, account: str) -> Sequence[Session]:
        """All of an account, the newest first."""
        query = select(session).where(session.c.account == account)
        result = await self._connection.execute(query.order_by(session.c.created_at.desc()))
        return [_session(row) for row in result]

    async def touch(self, id_: str, now: datetime) -> None:
        """It is in use."""
        query = update(session).where(session.c.id == id_, session.c.seen_at < now)
        await self._connection.execute(query.values(seen_at=now))

    async def end(self, account: str, id_: str) -> bool:
        """End one session; False: the account has no such session."""
        query = delete(session).where(session.c.id == id_, session.c.account == account)
        return (await self._connection.execute(query)).rowcount == 1

    async def end_all(self, account: str, *, but: str = "") -> int:
        """End all of an account's, one excepted."""
        query = delete(session).where(session.c.account == account, session.c.id != but)
        return (await self._connection.execute(query)).rowcount

    async def sweep(self, created_before: datetime, seen_before: datetime) -> None:
        """Delete what is too old to be live."""
        query = delete(session).where(
            (session.c.created_at < created_before) | (session.c.seen_at < seen_before)
        )
        await self._connection.execute(query)


class Links:
    """Links, on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new_link: Link) -> None:
        """A new link."""
        row = {column.name: getattr(new_link, column.name) for column in link.columns}
        await self._connection.execute(insert(link).values(row))

    async def find(self, digest: str, kinds: Sequence[Kind], now: datetime) -> Link | None:
        """A link that is good, not used up by this."""
        query = select(link).where(*_good(digest, kinds, now))
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else _link(row)

    async def take(self, digest: str, kinds: Sequence[Kind], now: datetime) -> Link | None:
        """Use a link up; of two at the same time one gets None."""
        query = delete(link).where(*_good(digest, kinds, now)).returning(*link.columns)
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else _link(row)

    async def void(self, kinds: Sequence[Kind], account: str | None) -> None:
        """Links of these kinds are good no more; `account` None: those of nobody."""
        whose = link.c.account.is_(None) if account is None else link.c.account == account
        await self._connection.execute(delete(link).where(link.c.kind.in_(kinds), whose))

    async def any_live(self, kind: Kind, now: datetime) -> bool:
        """Whether one of a kind is still good."""
        query = select(link.c.digest).where(link.c.kind == kind, link.c.expires_at > now).limit(1)
        return (await self._connection.execute(query)).one_or_none() is not None

    async def sweep(self, now: datetime) -> None:
        """Delete what has expired."""
        await self._connection.execute(delete(link).where(link.c.expires_at <= now))


def _good(digest: str, kinds: Sequence[Kind], now: datetime) -> tuple[Any, ...]:
    return link.c.digest == digest, link.c.kind.in_(kinds), link.c.expires_at > now


def _session(row: Row[Any]) -> Session:
    return Session(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def _link(row: Row[Any]) -> Link:
    return Link(**row._mapping)  # noqa: SLF001
