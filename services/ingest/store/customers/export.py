"""What ingest holds of a customer."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import part

_QUERIES = {
    "devices_and_apps": """SELECT s.id, s.kind, s.model, s.firmware, s.battery, s.registered_at,
        s.retired_at, o.since, o.until, CASE WHEN o.until IS NULL THEN s.last_seen END AS last_seen
      FROM ownership o JOIN source s ON s.id = o.source
      WHERE o.customer = :customer ORDER BY s.id, o.since""",
    # from the end of the owner before to the beginning of the one after, as an erasure does
    "refused": """SELECT r.id, r.source, r.stream, r.topic, r.reason, r.detail, r.received_at,
        r.times, r.payload
      FROM reject r JOIN (
        SELECT source, customer, coalesce(lag(until) OVER w, '-infinity') AS lower,
          coalesce(lead(since) OVER w, 'infinity') AS upper FROM ownership
        WHERE source IN (SELECT source FROM ownership WHERE customer = :customer)
        WINDOW w AS (PARTITION BY source ORDER BY since)) o
      ON o.source = r.source AND r.received_at >= o.lower AND r.received_at < o.upper
      WHERE o.customer = :customer ORDER BY r.received_at, r.id""",
}


async def collect(connection: AsyncConnection, customer: str, now: datetime) -> dict[str, Any]:
    """Devices and apps that are or were theirs, and what was refused of them meanwhile."""
    del now
    return await part.collect(connection, _QUERIES, customer)
