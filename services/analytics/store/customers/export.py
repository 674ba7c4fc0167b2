"""What analytics holds of a customer."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.store.days.days import Days
from shared.db import part

DAYS = 400  # the newest; older ones are in `final_days`

_QUERIES = {
    "customer": """SELECT id, version, history, regions, owned, model, began FROM customer
      WHERE id = :customer""",
    "final_days": "SELECT * FROM day_input WHERE customer = :customer ORDER BY day, late",
    "state": "SELECT * FROM state WHERE customer = :customer",
    "snapshots": """SELECT region, day, encode(numbers, 'hex') AS numbers FROM snapshot
      WHERE customer = :customer ORDER BY day, region""",
    "risk": "SELECT * FROM risk WHERE customer = :customer",
    "findings": "SELECT * FROM finding WHERE customer = :customer ORDER BY at, id",
}


async def collect(connection: AsyncConnection, customer: str, now: datetime) -> dict[str, Any]:
    """Description, days of use, risk and its changes."""
    del now
    found: dict[str, Any] = dict(await part.collect(connection, _QUERIES, customer))
    days = await Days(connection).last(customer, DAYS) or {}
    found["days"] = [{"day": day.isoformat(), **one._asdict()} for day, one in days.items()]
    return found
