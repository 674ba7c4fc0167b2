"""When each device of a customer was heard last, and the spells in which one was not."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.days.local_day import DAY, closed_by
from services.analytics.domain.days.reach import Gap, Heard, Signs, begun, lately, listen
from services.analytics.handlers.ports import Spell
from services.analytics.store.recordset import document, source
from services.analytics.store.tables import device_heard, unreachable
from shared.db import rows

LOSSES = 8  # newest days kept on which a device went away
_ROW = "d.customer, d.device, d.began, d.heard, d.every_days, d.gaps, d.lost"
# nearly all were heard that day already: only read
_NEWS = text(
    f"""SELECT v.customer, v.device, d.began, d.heard, d.every_days, d.gaps, d.lost, c.erased_from
    FROM {source(device_heard, ("customer", "device", "heard"))}
    LEFT JOIN device_heard d ON d.customer = v.customer AND d.device = v.device
    LEFT JOIN customer c ON c.id = v.customer AND c.erased_from IS NOT NULL
    WHERE d.heard IS NULL OR d.heard < v.heard
    ORDER BY v.customer, v.device"""  # noqa: S608
)
_NAMES = ("customer", "device", "began", "heard", "every_days", "gaps", "gap_until")
_HEAR = text(
    f"""INSERT INTO device_heard ({", ".join(_NAMES)})
    SELECT v.* FROM {source(device_heard, _NAMES)}
    ORDER BY v.customer, v.device
    ON CONFLICT (customer, device) DO UPDATE SET
        {", ".join(f"{name} = EXCLUDED.{name}" for name in _NAMES[2:])}"""  # noqa: S608
)
_LOSE = text(
    f"""INSERT INTO device_heard (customer, device, lost)
    SELECT v.* FROM {source(device_heard, ("customer", "device", "lost"))}
    ORDER BY v.customer, v.device
    ON CONFLICT (customer, device) DO UPDATE SET lost = ARRAY(
        SELECT day FROM (SELECT DISTINCT unnest(device_heard.lost || EXCLUDED.lost) AS day
            ORDER BY day DESC LIMIT {LOSSES}) newest ORDER BY day)"""  # noqa: S608
)
# all devices of whoever has one that was silent at that moment, and of which nobody has told yet
_SILENT = text(
    f"""SELECT {_ROW} FROM device_heard d WHERE d.heard IS NOT NULL AND d.customer IN (
        SELECT customer FROM device_heard s WHERE heard BETWEEN :first AND :last
        AND NOT EXISTS (SELECT 1 FROM unreachable u
            WHERE u.customer = s.customer AND u.device = s.device AND u.since = s.heard)
        UNION SELECT customer FROM device_heard WHERE gap_until > :at)
    ORDER BY d.customer, d.device"""  # noqa: S608
)
_OPEN = text(
    f"""SELECT u.since, {_ROW} FROM unreachable u
    JOIN device_heard d ON d.customer = u.customer AND d.device = u.device
    WHERE u.over_at IS NULL ORDER BY u.customer, u.device, u.since"""  # noqa: S608
)
_FORGET = [
    text(f"DELETE FROM {name} d USING customer c WHERE c.erased_from <= :day AND d.customer = c.id")  # noqa: S608
    for name in ("device_heard", "unreachable")
]
_TOLD = text(
    f"""SELECT u.customer, u.device, u.since FROM unreachable u
    JOIN {source(unreachable, ("customer", "device", "since"))}
    ON u.customer = v.customer AND u.device = v.device AND u.since = v.since"""  # noqa: S608
)


class Reach:
    """Locked fifth, by telemetry and the registry, each its own columns; spells under the region's clock."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hear(self, signs: Signs) -> None:
        """Keep what was heard of devices on a later day than before. One batch at a time of a customer."""
        if not signs:
            return
        last: dict[str, Sequence[Any]] = {
            "customer": [customer for customer, _ in signs],
            "device": [device for _, device in signs],
            "heard": [heard[-1].day for heard in signs.values()],
        }
        after = []
        for row in await self._connection.execute(_NEWS, {"rows": document(last)}):
            heard = signs[row.customer, row.device]
            if row.erased_from is not None:
                # what came before may count for a closing that is still to come
                end = closed_by(row.erased_from - DAY)
                heard = [sign for sign in heard if sign.arrived < end]
            if not heard:
                continue
            if row.began is None:  # not heard yet; the registry may know it
                after.append(begun(row.customer, row.device, heard))
            else:
                after.append(listen(_device(row), heard))
        if after:
            columns: dict[str, Sequence[Any]] = {
                "customer": [device.customer for device in after],
                "device": [device.device for device in after],
                "began": [device.began for device in after],
                "heard": [device.day for device in after],
                "every_days": [device.every_days for device in after],
                "gaps": [device.gaps for device in after],
                "gap_until": [device.gaps[-1].until if device.gaps else None for device in after],
            }
            await self._connection.execute(_HEAR, {"rows": document(columns)})

    async def lose(self, lost: Sequence[tuple[str, str, date]]) -> None:
        """Keep that devices went away from customers, known from these days on: they are not missed."""
        days: dict[tuple[str, str], set[date]] = {}
        for customer, device, day in lost:
            days.setdefault((customer, device), set()).add(day)
        if days:
            columns: dict[str, Sequence[Any]] = {
                "customer": [customer for customer, _ in days],
                "device": [device for _, device in days],
                "lost": [sorted(known) for known in days.values()],
            }
            await self._connection.execute(_LOSE, {"rows": document(columns)})

    async def forget(self, day: date) -> None:
        """Delete what is held of those erased up to a day: no closing asks for it any more."""
        for statement in _FORGET:
            await self._connection.execute(statement, {"day": day})

    async def silent(self, day: date, at: datetime) -> list[Heard]:
        """All devices of customers who have one that may be missed by the closing of a day."""
        first, last = lately(day)
        silent = await self._connection.execute(_SILENT, {"first": first, "last": last, "at": at})
        return [_device(row) for row in silent]

    async def open(self) -> list[tuple[Spell, Heard]]:
        """What is missed, with its device."""
        missed = await self._connection.execute(_OPEN)
        return [(Spell(row.customer, row.device, row.since), _device(row)) for row in missed]

    async def begin(self, spells: Sequence[Spell], at: datetime) -> list[Spell]:
        """Keep that these are missed; those that were not known yet."""
        if not spells:
            return []
        columns: dict[str, Sequence[Any]] = {
            "customer": [spell.customer for spell in spells],
            "device": [spell.device for spell in spells],
            "since": [spell.since for spell in spells],
        }
        told = {
            Spell(*row)
            for row in await self._connection.execute(_TOLD, {"rows": document(columns)})
        }
        new = [spell for spell in spells if spell not in told]
        await rows.insert_new(self._connection, unreachable, [_key(s, told_at=at) for s in new])
        return new

    async def end(self, spells: Sequence[Spell], at: datetime) -> None:
        """Keep that these no longer are."""
        await rows.update(self._connection, unreachable, [_key(s, over_at=at) for s in spells])

    async def of(self, customer: str | None, device: str | None, limit: int) -> list[Any]:
        """Spells of a customer, or of a device, the newest first."""
        query = select(unreachable).order_by(unreachable.c.told_at.desc(), unreachable.c.device)
        if customer is not None:
            query = query.where(unreachable.c.customer == customer)
        if device is not None:
            query = query.where(unreachable.c.device == device)
        return list((await self._connection.execute(query.limit(limit))).mappings())


def _device(row: Any) -> Heard:
    gaps = msgspec.convert(row.gaps, tuple[Gap, ...])
    return Heard(
        row.customer, row.device, row.began, row.heard, row.every_days, gaps, tuple(row.lost)
    )


def _key(spell: Spell, **more: datetime) -> dict[str, Any]:
    return {**spell._asdict(), **more}
