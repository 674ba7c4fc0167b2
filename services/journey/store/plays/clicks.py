"""Links of mails: where they lead, and who opened them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, any_, func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.tables import among, click, link, message
from shared.db import rows

_DUE = text(
    """SELECT k.message, k.link, k.at, m.customer, m.run, m.message AS name, coalesce(e.settled_at, m.decided_at, k.at) AS sent_at
    FROM click k JOIN message m ON m.id = k.message JOIN customer c ON c.id = m.customer
    LEFT JOIN effect e ON e.id = m.id
    WHERE k.due_at <= :now ORDER BY k.due_at, k.message, k.link, k.at LIMIT :limit
    FOR UPDATE OF c SKIP LOCKED"""
)


class Clicks:
    """The rows of one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lead(self, addresses: Mapping[str, str], at: datetime) -> None:
        """Links, by id, lead there: for good."""
        led = [{"id": id_, "address": to, "first_at": at} for id_, to in sorted(addresses.items())]
        await rows.insert_new(self._connection, link, led)

    async def of_token(self, token: str, link_: str) -> Any | None:
        """The message of a token and the address its link leads to, if it has that link."""
        m = message.c
        query = (
            select(m.id, m.customer, link.c.address)
            .join_from(message, link, link.c.id == any_(m.links))
            .where(m.link_token == token, link.c.id == link_)
        )
        return (await self._connection.execute(query)).one_or_none()

    async def of_messages(self, ids: Collection[str]) -> Sequence[Row[Any]]:
        """All that were opened of these messages."""
        query = select(click).where(click.c.message == among(ids))
        return (await self._connection.execute(query)).all()

    async def note(self, opened: Mapping[str, Any]) -> None:
        """A link was opened."""
        await rows.insert_new(self._connection, click, [opened])

    async def due(self, now: datetime, limit: int) -> Sequence[Row[Any]]:
        """Those of which it is known now what they were; their customers are held with this."""
        return (await self._connection.execute(_DUE, {"now": now, "limit": limit})).all()

    async def settle(self, clicks: Collection[tuple[str, str, datetime]], *, person: bool) -> None:
        """A person opened these, or none did."""
        c = click.c
        mine = tuple_(c.message, c.link, c.at).in_(list(clicks))
        await self._connection.execute(update(click).where(mine).values(person=person, due_at=None))

    async def clicked(self, first: Mapping[str, datetime]) -> None:
        """What these messages lead to was opened."""
        for id_, at in first.items():
            when = func.least(message.c.clicked_at, at)
            await self._connection.execute(
                update(message).where(message.c.id == id_).values(clicked_at=when)
            )

    async def by_message(self) -> Sequence[Row[Any]]:
        """By message, channel, play and step: how many went out, were seen, and were clicked."""
        m = message.c
        which = (m.message, m.channel, m.play, m.step)
        query = select(
            *which, func.count().label("sent"), func.count(m.seen_at).label("seen"),
            func.count(m.clicked_at).label("clicked"),
            func.count(m.link_token).label("with_links"),
        ).where(m.verdict == "send").group_by(*which)  # fmt: skip
        return (await self._connection.execute(query)).all()

    async def by_link(self, name: str) -> Sequence[Row[Any]]:
        """Of a message, by address: by how many messages a person opened it, and by how many only scanners."""
        people = func.bool_or(click.c.person.is_(True))
        by_mail = (
            select(click.c.link, click.c.message, people.label("person"))
            .join(message, message.c.id == click.c.message)
            .where(message.c.message == name, click.c.due_at.is_(None))
            .group_by(click.c.link, click.c.message)
            .subquery()
        )
        query = (
            select(
                link.c.address,
                func.count().filter(by_mail.c.person).label("clicked"),
                func.count().filter(~by_mail.c.person).label("scanned"),
            )
            .join_from(by_mail, link, link.c.id == by_mail.c.link)
            .group_by(link.c.address)
            .order_by(link.c.address)
        )
        return (await self._connection.execute(query)).all()
