"""Accounts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    RowMapping,
    Text,
    cast,
    delete,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.accounts.account import Account
from services.console.domain.pages.accounts.wishes import Wishes
from services.console.store.tables import account, recovery_code
from shared.db import erased
from shared.effects import rows as effects
from shared.web.who import Role

_ADMINS = 7_301  # one decision at a time about who is the last admin
_LOCK = text("SELECT pg_advisory_xact_lock(:what)")


class Accounts:
    """Accounts and recovery codes, on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def by_id(self, id_: str, *, lock: bool = False) -> Account | None:
        """One account; `lock` holds it until the transaction ends."""
        query = select(account).where(account.c.id == id_)
        return await self._one(query.with_for_update() if lock else query)

    async def by_email(self, email: str) -> Account | None:
        """The account of an address."""
        return await self._one(select(account).where(account.c.email == email))

    async def by_subject(self, subject: str) -> Account | None:
        """The account bound to a subject of the OpenID provider."""
        return await self._one(select(account).where(account.c.subject == subject))

    async def listed(self, after: str | None, limit: int) -> Sequence[Account]:
        """Accounts by id."""
        query = select(account).order_by(account.c.id).limit(limit)
        if after is not None:
            query = query.where(account.c.id > after)
        return [account_of(row) for row in (await self._connection.execute(query)).mappings()]

    async def found(
        self, text_: str, after: tuple[str, str] | None, limit: int
    ) -> Sequence[Account]:
        """Accounts by name; with a text those whose name, address or organisation has it."""
        name = func.lower(account.c.name)
        query = select(account).order_by(name, account.c.id).limit(limit)
        if text_:
            said = (account.c.name, account.c.email, account.c.organisation)
            query = query.where(or_(*(field.icontains(text_, autoescape=True) for field in said)))
        if after is not None:
            query = query.where(tuple_(name, account.c.id) > after)
        return [account_of(row) for row in (await self._connection.execute(query)).mappings()]

    async def names(self, ids: Sequence[str]) -> dict[str, str]:
        """What people are called, by id; who has no account any more is left out."""
        query = select(account.c.id, account.c.name).where(account.c.id.in_(ids))
        return {row.id: row.name for row in await self._connection.execute(query)}

    async def colleagues(self, roles: Collection[Role], most: int) -> dict[str, str]:
        """Who signs in and has one of these roles: names by id, in the order of the names."""
        query = (
            select(account.c.id, account.c.name)
            .where(
                account.c.state == "active",
                account.c.roles.bool_op("&&")(cast(sorted(roles), ARRAY(Text))),
            )
            .order_by(func.lower(account.c.name), account.c.id)
            .limit(most)
        )
        return {row.id: row.name for row in await self._connection.execute(query)}

    async def add(self, held: Account) -> bool:
        """A new account; False: somebody was faster with this address."""
        query = insert(account).values(_row(held)).on_conflict_do_nothing(index_elements=["email"])
        return (await self._connection.execute(query)).rowcount == 1

    async def write(self, held: Account) -> None:
        """Overwrite an account that is held; its version rises by one."""
        row = {**_row(held), "version": account.c.version + 1}
        await self._connection.execute(update(account).where(account.c.id == held.id).values(row))

    async def wish(self, id_: str, wishes: Wishes) -> None:
        """Keep how somebody wants to work; it changes nothing of the account itself."""
        kept = update(account).where(account.c.id == id_).values(wishes=wishes.row)
        await self._connection.execute(kept)

    async def delete(self, ids: Sequence[str]) -> None:
        """Forget accounts, with effects, and with sessions, links, recovery codes (foreign keys)."""
        await effects.forget(self._connection, ids)
        await self._connection.execute(delete(account).where(account.c.id.in_(ids)))

    async def erase(self, id_: str, now: datetime) -> None:
        """Forget an account for good: after a restore it is forgotten again."""
        await erased.add(self._connection, {id_: now})
        await self.delete([id_])

    async def admins(self) -> int:
        """How many active admins there are; nobody else changes that before we commit."""
        await self._connection.execute(_LOCK, {"what": _ADMINS})
        query = select(func.count()).where(
            account.c.state == "active", text("'admin' = ANY (roles)")
        )
        return int((await self._connection.execute(query)).scalar_one())

    async def replace_recovery_codes(self, id_: str, digests: Sequence[str]) -> None:
        """Only these are good from now on."""
        await self._connection.execute(delete(recovery_code).where(recovery_code.c.account == id_))
        if digests:
            rows = [{"account": id_, "digest": digest} for digest in digests]
            await self._connection.execute(insert(recovery_code), rows)

    async def use_recovery_code(self, id_: str, digest: str) -> bool:
        """Use one up; False: it is none of this account, or used."""
        query = delete(recovery_code).where(
            recovery_code.c.account == id_, recovery_code.c.digest == digest
        )
        return (await self._connection.execute(query)).rowcount == 1

    async def recovery_codes_left(self, id_: str) -> int:
        """How many are left."""
        query = select(func.count()).where(recovery_code.c.account == id_)
        return int((await self._connection.execute(query)).scalar_one())

    async def _one(self, query: Any) -> Account | None:
        row = (await self._connection.execute(query)).mappings().one_or_none()
        return None if row is None else account_of(row)


def account_of(fields: RowMapping | Mapping[str, Any]) -> Account:
    """The account that a row's columns say."""
    wishes = Wishes.kept(fields["wishes"])
    return Account(**{**fields, "roles": frozenset(fields["roles"]), "wishes": wishes})


def _row(held: Account) -> dict[str, Any]:
    fields = {column.name: getattr(held, column.name) for column in account.columns}
    return {**fields, "roles": sorted(held.roles), "wishes": held.wishes.row}
