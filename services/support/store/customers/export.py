"""What support holds of a customer."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.store.personal import HELD
from shared.db import held


async def collect(connection: AsyncConnection, customer: str, now: datetime) -> dict[str, Any]:
    """Facts, devices, and tickets with all that was written into them."""
    del now
    return await held.collect(connection, HELD, customer)
