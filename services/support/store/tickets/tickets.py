"""The rows of tickets: held one by one or under their fault keys, read in pages."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    RowMapping,
    Select,
    Text,
    any_,
    cast,
    func,
    literal,
    select,
    tuple_,
    union,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.domain.faults.facts import Facts
from services.support.domain.tickets.queue import Group, Order, Wanted
from services.support.domain.tickets.ticket import (
    Channel,
    Origin,
    Priority,
    Resolution,
    State,
    Ticket,
)
from services.support.store.faults import facts as fault_facts
from services.support.store.partners.sharing import is_shared
from services.support.store.tables import (
    HAS_SUBJECT,
    IS_OPEN,
    OPEN_SINCE,
    SIMPLE,
    SUBJECT_WORDS,
    ticket,
    ticket_fault,
)
from shared.db import rows
from shared.db.few import few

_NAMES = Ticket.__struct_fields__
_FACTS = {f"fault_{name}": name for name in fault_facts.NAMES}
_WHOLE: Select[Any] = select(
    *(ticket.c[name] for name in _NAMES),
    *(ticket_fault.c[name].label(label) for label, name in _FACTS.items()),
).join_from(ticket, ticket_fault, ticket_fault.c.ticket == ticket.c.id, isouter=True)

Seen = tuple[Ticket, Facts | None]
LAST = chr(0x10FFFF)  # of all characters: serials are compared byte by byte


class Tickets:
    """Tickets, within the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, ids: Iterable[str]) -> dict[str, Ticket]:
        """Lock tickets; those that are about faults only where their fault keys are held."""
        held = await rows.lock(self._connection, ticket, ids)
        return {id_: _ticket(row) for id_, row in held.items()}

    async def write(self, changed: Sequence[Ticket], new: Sequence[Ticket]) -> None:
        """Write the changed, then the new: an open one may take a resolved one's place."""
        await rows.update(self._connection, ticket, [_row(held) for held in changed])
        await rows.upsert(self._connection, ticket, [_row(held) for held in new])

    async def read(self, id_: str, organisation: str | None = None) -> Seen | None:
        """One ticket as last committed, with what it knows of a fault.

        Args:
            id_: the ticket's.
            organisation: only if it is shared with that one.
        """
        query = _WHOLE.where(ticket.c.id == id_)
        if organisation is not None:
            query = query.where(is_shared(organisation))
        row = (await self._connection.execute(query)).mappings().one_or_none()
        return None if row is None else _seen(row)

    async def listed(
        self,
        wanted: Wanted,
        before: tuple[datetime, str] | None,
        limit: int,
        *,
        order: Order = "newest",
        organisation: str | None = None,
    ) -> list[Seen]:
        """A page of tickets.

        Args:
            wanted: which.
            before: time and id, by the order, of the last ticket of the page before.
            limit: how many at most.
            order: `waiting` is of open tickets.
            organisation: only what is shared with it.
        """
        asked = await self._asked(wanted)
        if organisation is not None:
            asked.append(is_shared(organisation))
        if order == "waiting":
            query = _WHOLE.where(IS_OPEN, *asked).order_by(OPEN_SINCE, ticket.c.id)
            place = () if before is None else (tuple_(OPEN_SINCE, ticket.c.id) > tuple_(*before),)
        else:
            query = _WHOLE.where(*asked).order_by(ticket.c.opened_at.desc(), ticket.c.id.desc())
            newest = tuple_(ticket.c.opened_at, ticket.c.id)
            place = () if before is None else (newest < tuple_(*before),)
        rows_ = await self._connection.execute(query.where(*place).limit(limit))
        return [_seen(row) for row in rows_.mappings()]

    async def visible(self, ids: Collection[str], organisation: str | None) -> list[str]:
        """Which of these tickets are there, for an organisation: and shared with it."""
        query = select(ticket.c.id).where(ticket.c.id.in_(ids))
        if organisation is not None:
            query = query.where(is_shared(organisation))
        return sorted((await self._connection.execute(query)).scalars())

    async def found(self, text: str, limit: int, organisation: str | None = None) -> list[Seen]:
        """Tickets that a text leads to, the one opened last first.

        Args:
            text: an id, words that begin words of the subject, a fault code, or (for our own
                people) the beginning of a serial.
        """
        ways = [
            select(ticket.c.id).where(ticket.c.id == text),
            select(ticket_fault.c.ticket)
            .join(ticket, ticket.c.id == ticket_fault.c.ticket)
            .where(ticket_fault.c.code == text),
        ]
        wanted = Wanted(text=text)
        if wanted.words:
            ways.append(select(ticket.c.id).where(*await self._asked(wanted)))
        if organisation is None:
            begins = ticket.c.device.between(text, text + LAST)
            ways.append(select(ticket.c.id).where(ticket.c.device != "", begins))
        shared = () if organisation is None else (is_shared(organisation),)
        newest = ticket.c.opened_at.desc()
        ids = union(
            *(select(way.where(*shared).order_by(newest).limit(limit).subquery()) for way in ways)
        )
        query = _WHOLE.where(ticket.c.id.in_(ids)).order_by(newest, ticket.c.id.desc()).limit(limit)
        return [_seen(row) for row in (await self._connection.execute(query)).mappings()]

    async def beside(
        self, wanted: Wanted, anchor: Ticket, order: Order, organisation: str | None = None
    ) -> tuple[str | None, str | None]:
        """The ids before and after a ticket in a list, whether it is in the list itself or not."""
        asked = await self._asked(wanted)
        if organisation is not None:
            asked.append(is_shared(organisation))
        if order == "waiting":
            asked.append(IS_OPEN)
        at: ColumnElement[Any] = OPEN_SINCE if order == "waiting" else ticket.c.opened_at
        here = anchor.open_since if order == "waiting" else anchor.opened_at
        place = tuple_(at, ticket.c.id)
        below, above = place < tuple_(here, anchor.id), place > tuple_(here, anchor.id)
        query = select(ticket.c.id).join_from(
            ticket, ticket_fault, ticket_fault.c.ticket == ticket.c.id, isouter=True
        )
        conditions = [
            (
                await self._connection.execute(query.where(side, *asked).order_by(*by).limit(1))
            ).scalar()
            for side, by in (
                (below, (at.desc(), ticket.c.id.desc())),
                (above, (at, ticket.c.id)),
            )
        ]
        earlier, later = conditions
        return (earlier, later) if order == "waiting" else (later, earlier)

    async def _asked(self, wanted: Wanted) -> list[ColumnElement[bool]]:
        """What holds of every ticket of a page; of words that few subjects have, their ids."""
        asked = _asked(wanted)
        if wanted.words:
            ids = await few(self._connection, select(ticket.c.id).where(*_says(wanted)))
            if ids is not None:
                asked = [*_asked(replace(wanted, text=None)), _is_one_of(ids)]
        return asked

    async def groups(self, wanted: Wanted) -> list[Group]:
        """How many tickets of which kind there are."""
        kind = (ticket.c.origin, ticket.c.priority, ticket.c.team, ticket.c.assignee)
        query = select(*kind, func.count().label("tickets")).where(*_asked(wanted)).group_by(*kind)
        if wanted.fault_code is not None:
            query = query.join_from(ticket, ticket_fault, ticket_fault.c.ticket == ticket.c.id)
        return [Group(**row) for row in (await self._connection.execute(query)).mappings()]

    async def by_day(self, since: datetime) -> tuple[dict[date, int], dict[date, int]]:
        """How many were opened, and how many resolved, on each day of UTC since then."""
        conditions = []
        for at in (ticket.c.opened_at, ticket.c.resolved_at):
            day = cast(func.timezone("UTC", at), Date).label("day")
            query = select(day, func.count().label("tickets")).where(at >= since).group_by(day)
            rows_ = await self._connection.execute(query)
            conditions.append({row.day: int(row.tickets) for row in rows_})
        opened, resolved = conditions
        return opened, resolved


def _asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = [
        ticket.c[name] == value
        for name in ("origin", "priority", "customer", "device", "assignee", "team")
        if (value := getattr(wanted, name)) is not None
    ]
    if wanted.state is not None:
        asked.append(IS_OPEN if wanted.state == "open" else ticket.c.state == wanted.state)
    if wanted.fault_code is not None:
        asked.append(ticket_fault.c.code == wanted.fault_code)
    if wanted.assigned is not None:
        is_nobodys = ticket.c.assignee.is_(None)
        asked.append(~is_nobodys if wanted.assigned else is_nobodys)
    if wanted.since is not None:
        asked.append(ticket.c.opened_at >= wanted.since)
    if wanted.until is not None:
        asked.append(ticket.c.opened_at < wanted.until)
    if wanted.ids is not None:
        asked.append(_is_one_of(wanted.ids))
    return asked if wanted.text is None else [*asked, *_says(wanted)]


def _is_one_of(ids: Sequence[str]) -> ColumnElement[bool]:
    """One parameter, however many they are."""
    return ticket.c.id == any_(literal(list(ids), ARRAY(Text)))


def _says(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Whether words of the subject begin with those of the text."""
    beginnings = " & ".join(f"'{word}':*" for word in wanted.words)
    return [HAS_SUBJECT, SUBJECT_WORDS.op("@@")(func.to_tsquery(SIMPLE, beginnings))]


def _seen(row: RowMapping) -> Seen:
    if row["fault_ticket"] is None:
        return _ticket(row), None
    known = {name: row[label] for label, name in _FACTS.items()}
    return _ticket(row), fault_facts.facts(known)


def _ticket(row: RowMapping | Mapping[str, Any]) -> Ticket:
    known = {name: row[name] for name in _NAMES}
    known["device"] = known["device"] or None
    for name, kind in (
        ("origin", Origin),
        ("channel", Channel),
        ("priority", Priority),
        ("state", State),
        ("resolution", Resolution),
    ):
        if known[name] is not None:
            known[name] = kind(known[name])
    return Ticket(**known)


def _row(ticket_: Ticket) -> dict[str, Any]:
    return {**asdict(ticket_), "device": ticket_.device or ""}
