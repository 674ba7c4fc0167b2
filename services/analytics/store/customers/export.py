"""What analytics holds of a customer."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.store.days.days import Days
from services.analytics.store.personal import HELD
from shared.db import held

DAYS = 400  # the newest; older ones are in `final_days`


async def collect(connection: AsyncConnection, customer: str, now: datetime) -> dict[str, Any]:
    """Description, days of use, risk and its changes."""
    del now
    found: dict[str, Any] = dict(await held.collect(connection, HELD, customer))
    days = await Days(connection).last(customer, DAYS) or {}
    found["days"] = [{"day": day.isoformat(), **one._asdict()} for day, one in days.items()]
    return found
