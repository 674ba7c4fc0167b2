"""Reads for people: sources with owners and boots, pages, rejects."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.domain.sources.firmware import history
from services.ingest.store.rejects.rejects import Rejects
from services.ingest.store.tables import boot, firmware, ownership, running, source
from shared.db.ledger_rows import TOPIC_OF_STREAM
from shared.errors import NotFound

MANY = 50  # boots shown
LAST = chr(0x10FFFF)  # of all characters: ids are compared byte by byte


class Reader:
    """Reads on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def source(self, id_: str, kind: str) -> Mapping[str, Any]:
        """One source. Raises NotFound."""
        query = select(source).where(source.c.id == id_, source.c.kind == kind)
        with_owners = await _with_owners(self._connection, query.where(source.c.version > 0))
        if not with_owners:
            raise NotFound("source", id_)
        boots = select(boot.c.boot, boot.c.first_seen, boot.c.last_seen)
        boots = boots.where(boot.c.source == id_).order_by(boot.c.last_seen.desc()).limit(MANY)
        rows = [dict(row) for row in (await self._connection.execute(boots)).mappings()]
        told = select(firmware.c.firmware, firmware.c.since).where(firmware.c.source == id_)
        changes = (await self._connection.execute(told.order_by(firmware.c.since))).all()
        shown = with_owners[0]
        changes_of = [(row.firmware, row.since) for row in changes]
        ran = history(shown["registered"], shown["registered_at"], changes_of)
        return {
            **shown,
            "boots": rows,
            "firmware_history": [{"firmware": name, "since": since} for name, since in ran],
        }

    async def sources(
        self,
        kind: str,
        *,
        customer: str | None,
        status: str | None,
        model: str | None = None,
        runs: str | None = None,
        silent_since: datetime | None = None,
        beginning: str | None = None,
        limit: int,
        after: str | None,
    ) -> Sequence[Mapping[str, Any]]:
        """A page by id; one more than `limit`.

        Args:
            runs: this firmware, by its own last word.
            silent_since: in use, and not heard since then.
            beginning: of the id.
        """
        query = select(source).where(source.c.kind == kind, source.c.version > 0)
        if model is not None:
            query = query.where(source.c.model == model)
        if runs is not None:
            query = query.where(running == runs)
        if silent_since is not None:
            query = query.where(_is_silent(silent_since))
        if customer is not None:
            query = query.where(_owned(customer))
        if status is not None:
            query = query.where(_has_status(status))
        if beginning:
            query = query.where(source.c.id >= beginning, source.c.id < f"{beginning}{LAST}")
        if after is not None:
            query = query.where(source.c.id > after)
        return await _with_owners(self._connection, query.order_by(source.c.id).limit(limit + 1))

    async def models(self, kind: str, silent_since: datetime) -> Sequence[Mapping[str, Any]]:
        """How many sources there are, in use, and of these not heard since then; by model and firmware."""
        alive = source.c.retired_at.is_(None)
        query = (
            select(
                source.c.model,
                running.label("firmware"),
                func.count().label("sources"),
                func.count().filter(alive).label("in_use"),
                func.count().filter(_is_silent(silent_since)).label("silent"),
                func.count(source.c.last_seen).label("heard"),
            )
            .where(source.c.kind == kind, source.c.version > 0)
            .group_by(source.c.model, running)
            .order_by(func.count().desc(), source.c.model, running)
        )
        return [dict(row) for row in (await self._connection.execute(query)).mappings()]

    async def rejects(
        self,
        *,
        source: str | None,
        reason: str | None,
        limit: int,
        before: tuple[datetime, str] | None,
    ) -> Sequence[Mapping[str, Any]]:
        """A page of rejects, newest first; one more than `limit`."""
        return await Rejects(self._connection).page(
            source=source, reason=reason, limit=limit, before=before
        )

    async def reject(self, id_: str) -> Mapping[str, Any]:
        """One reject with its bytes. Raises NotFound."""
        shown = await Rejects(self._connection).read(id_)
        if shown is None:
            raise NotFound("reject", id_)
        return shown

    async def reject_summary(self) -> Mapping[str, int]:
        """Elements refused, by reason."""
        return await Rejects(self._connection).summary()

    async def rejects_by_source(self, limit: int) -> Sequence[Mapping[str, Any]]:
        """Whose elements were refused, the most first."""
        return await Rejects(self._connection).by_source(limit)

    async def rejects_by_topic(self) -> Mapping[str, int]:
        """Elements refused, by the topic they would have gone to."""
        counts = await Rejects(self._connection).by_stream()
        return {TOPIC_OF_STREAM[name]: n for name, n in counts.items() if name in TOPIC_OF_STREAM}


def _owned(customer: str | None = None) -> ColumnElement[bool]:
    """Somebody, or this customer, owns the source now."""
    owned = select(ownership.c.source).where(
        ownership.c.source == source.c.id, ownership.c.until.is_(None)
    )
    if customer is not None:
        owned = owned.where(ownership.c.customer == customer)
    return exists(owned)


def _is_silent(since: datetime) -> ColumnElement[bool]:
    """In use, and not heard since then; one that was never heard counts from its registration."""
    heard = func.coalesce(source.c.last_seen, source.c.registered_at)
    return source.c.retired_at.is_(None) & (heard < since)


def _has_status(status: str) -> ColumnElement[bool]:
    if status == "retired":
        return source.c.retired_at.is_not(None)
    alive = source.c.retired_at.is_(None)
    return alive & (_owned() if status == "claimed" else ~_owned())


async def _with_owners(connection: AsyncConnection, query: Any) -> list[dict[str, Any]]:
    held_rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    owners: dict[str, list[dict[str, Any]]] = {row["id"]: [] for row in held_rows}
    intervals = (
        select(ownership)
        .where(ownership.c.source.in_(list(owners)))
        .order_by(ownership.c.source, ownership.c.since)
    )
    for row in (await connection.execute(intervals)).mappings():
        interval = {"customer": row["customer"], "from": row["since"], "to": row["until"]}
        owners[row["source"]].append(interval)
    for shown in held_rows:
        mine = owners[shown["id"]]
        owner = mine[-1]["customer"] if mine and mine[-1]["to"] is None else None
        status = "registered" if owner is None else "claimed"
        shown["status"] = "retired" if shown["retired_at"] is not None else status
        shown |= {"customer": owner, "owners": mine, "boots": None, "firmware_history": None}
        shown["registered"], shown["firmware"] = (
            shown["firmware"],
            shown["runs"] or shown["firmware"],
        )
    return held_rows
