"""When each device of a customer was heard last, and the spells in which one was not."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.days.local_day import DAY
from services.analytics.domain.days.reach import FORGOTTEN, LATELY, SILENT, Heard
from services.analytics.store.recordset import document, source
from services.analytics.store.tables import device_heard, unreachable
from shared.db import rows

_NAMES = ("customer", "device", "heard", "every_days")
# nearly all were heard that day already: only read
_HEAR = text(
    f"""INSERT INTO device_heard ({", ".join(_NAMES)})
    SELECT v.* FROM {source(device_heard, _NAMES)}
    WHERE NOT EXISTS (SELECT 1 FROM device_heard d
        WHERE d.customer = v.customer AND d.device = v.device AND d.heard >= v.heard)
    AND NOT EXISTS (SELECT 1 FROM customer c
        WHERE c.id = v.customer AND c.erased_from IS NOT NULL)
    ORDER BY v.customer, v.device
    ON CONFLICT (customer, device) DO UPDATE SET
        heard = greatest(device_heard.heard, EXCLUDED.heard), every_days = EXCLUDED.every_days"""  # noqa: S608
)
_LOSE = text(
    f"""INSERT INTO device_heard (customer, device, lost)
    SELECT v.* FROM {source(device_heard, ("customer", "device", "lost"))}
    ORDER BY v.customer, v.device
    ON CONFLICT (customer, device) DO UPDATE SET lost = greatest(device_heard.lost, EXCLUDED.lost)"""  # noqa: S608
)
_SILENT = text(
    """SELECT d.customer, d.device, d.heard, d.every_days, EXISTS (SELECT 1 FROM device_heard o
        WHERE o.customer = d.customer AND o.heard >= :lately)
    FROM device_heard d
    WHERE d.heard >= :first AND d.heard < :last AND (d.lost IS NULL OR d.lost < d.heard)
    AND NOT EXISTS (SELECT 1 FROM unreachable u
        WHERE u.customer = d.customer AND u.device = d.device AND u.since = d.heard)
    ORDER BY d.customer, d.device"""
)
_BACK = text(
    """SELECT u.customer, u.device, u.since FROM unreachable u
    JOIN device_heard d ON d.customer = u.customer AND d.device = u.device
    WHERE u.over_at IS NULL AND (d.heard > u.since OR d.lost >= u.since)
    ORDER BY u.customer, u.device, u.since"""
)


class Reach:
    """Locked fifth, by telemetry and the registry; the spells under the region's clock."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hear(self, devices: Sequence[Heard]) -> None:
        """Keep on which day each was heard, if it is a later one."""
        if devices:
            columns: dict[str, Sequence[Any]] = {
                "customer": [device.customer for device in devices],
                "device": [device.device for device in devices],
                "heard": [device.day for device in devices],
                "every_days": [device.every_days for device in devices],
            }
            await self._connection.execute(_HEAR, {"rows": document(columns)})

    async def lose(self, lost: Sequence[tuple[str, str, date]]) -> None:
        """Keep that devices went away from customers: they are not missed."""
        newest: dict[tuple[str, str], date] = {}
        for customer, device, day in lost:
            newest[customer, device] = max(day, newest.get((customer, device), day))
        if newest:
            columns: dict[str, Sequence[Any]] = {
                "customer": [customer for customer, _ in newest],
                "device": [device for _, device in newest],
                "lost": list(newest.values()),
            }
            await self._connection.execute(_LOSE, {"rows": document(columns)})

    async def silent(self, day: date) -> list[Heard]:
        """Devices that were not heard in the week before a day, and of which nobody has told yet."""
        back = {"first": FORGOTTEN, "last": SILENT, "lately": LATELY}
        asked = {name: day - days * DAY for name, days in back.items()}
        return [Heard(*row) for row in await self._connection.execute(_SILENT, asked)]

    async def back(self) -> list[Heard]:
        """Devices that were missed until now, as of the day they were heard last before."""
        return [Heard(*row) for row in await self._connection.execute(_BACK)]

    async def begin(self, devices: Sequence[Heard], at: datetime) -> None:
        """Keep that these are missed."""
        await rows.insert_new(self._connection, unreachable, [_key(d, told_at=at) for d in devices])

    async def end(self, devices: Sequence[Heard], at: datetime) -> None:
        """Keep that they no longer are."""
        await rows.update(self._connection, unreachable, [_key(d, over_at=at) for d in devices])

    async def of(self, customer: str | None, device: str | None, limit: int) -> list[Any]:
        """Spells of a customer, or of a device, the newest first."""
        query = select(unreachable).order_by(unreachable.c.told_at.desc(), unreachable.c.device)
        if customer is not None:
            query = query.where(unreachable.c.customer == customer)
        if device is not None:
            query = query.where(unreachable.c.device == device)
        return list((await self._connection.execute(query.limit(limit))).mappings())


def _key(device: Heard, **more: datetime) -> dict[str, Any]:
    return {
        "customer": device.customer,
        "device": device.device,
        "since": device.day,
        **more,
    }
