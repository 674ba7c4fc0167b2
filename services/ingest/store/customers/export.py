"""What ingest holds of a customer."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.store.personal import HELD
from shared.db import held


async def collect(connection: AsyncConnection, customer: str, now: datetime) -> dict[str, Any]:
    """Devices and apps that are or were theirs, and what was refused of them meanwhile."""
    del now
    return await held.collect(connection, HELD, customer)
