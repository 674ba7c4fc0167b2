"""Organisations, and what is shared with them."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import asdict
from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.domain.partners.organisation import Organisation
from services.support.store.tables import organisation, shared_with, ticket

TICKET = "ticket"


def is_shared(with_: str) -> ColumnElement[bool]:
    """Whether a row of `ticket` is shared with an organisation that is active."""
    return exists(
        select(1)
        .select_from(shared_with)
        .join(organisation, organisation.c.id == shared_with.c.organisation)
        .where(
            shared_with.c.organisation == with_,
            shared_with.c.kind == TICKET,
            shared_with.c.id == ticket.c.id,
            organisation.c.active,
        )
    )


class Organisations:
    """The partners."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Organisation, at: datetime) -> bool:
        """Add one; False: the id is taken."""
        result = await self._connection.execute(
            insert(organisation).values(**asdict(new), created_at=at).on_conflict_do_nothing()
        )
        return result.rowcount == 1

    async def hold(self, id_: str) -> Organisation | None:
        """One, locked until the transaction ends."""
        query = select(organisation).where(organisation.c.id == id_).with_for_update()
        row = (await self._connection.execute(query)).mappings().one_or_none()
        return None if row is None else _organisation(dict(row))

    async def write(self, changed: Organisation) -> None:
        """Overwrite what `hold` gave."""
        await self._connection.execute(
            organisation.update()
            .where(organisation.c.id == changed.id)
            .values(**{k: v for k, v in asdict(changed).items() if k != "id"})
        )

    async def read(self, id_: str) -> Organisation | None:
        """One as last committed."""
        query = select(organisation).where(organisation.c.id == id_)
        row = (await self._connection.execute(query)).mappings().one_or_none()
        return None if row is None else _organisation(dict(row))

    async def listed(self, after: str | None, limit: int) -> Sequence[Organisation]:
        """By id."""
        query = select(organisation).order_by(organisation.c.id).limit(limit)
        if after is not None:
            query = query.where(organisation.c.id > after)
        rows = (await self._connection.execute(query)).mappings()
        return [_organisation(dict(row)) for row in rows]


class Sharing:
    """Which tickets are shared with whom; later plays and tasks too."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def share(self, ticket_id: str, with_: str, by: str, at: datetime) -> bool:
        """Share; False: it was already."""
        result = await self._connection.execute(
            insert(shared_with)
            .values(kind=TICKET, id=ticket_id, organisation=with_, by=by, since=at)
            .on_conflict_do_nothing()
        )
        return result.rowcount == 1

    async def unshare(self, ticket_id: str, with_: str) -> bool:
        """Share no longer; False: it was not."""
        gone = await self._connection.execute(
            delete(shared_with).where(
                shared_with.c.kind == TICKET,
                shared_with.c.id == ticket_id,
                shared_with.c.organisation == with_,
            )
        )
        return gone.rowcount == 1

    async def organisations(self, ticket_id: str) -> list[str]:
        """With whom a ticket is shared, by id."""
        query = (
            select(shared_with.c.organisation)
            .where(shared_with.c.kind == TICKET, shared_with.c.id == ticket_id)
            .order_by(shared_with.c.organisation)
        )
        return list((await self._connection.execute(query)).scalars())


def _organisation(row: dict[str, object]) -> Organisation:
    return Organisation(**{name: row[name] for name in Organisation.__struct_fields__})  # type: ignore[arg-type]
