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
    everything: dict[str, Any] = dict(await held.collect(connection, HELD, customer))
    days = await Days(connection).last(customer, DAYS) or {}
    everything["days"] = [
        {"day": day.isoformat(), **day_sum._asdict()} for day, day_sum in days.items()
    ]
    return everything
