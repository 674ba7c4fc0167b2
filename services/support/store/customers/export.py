"""What support holds of a customer."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import part

_QUERIES = {
    "customer": "SELECT * FROM customer WHERE id = :customer",
    "devices": "SELECT * FROM device WHERE customer = :customer ORDER BY id",
    "tickets": """SELECT t.id, t.origin, t.customer, t.device, t.subject, t.channel, t.priority,
        t.state, t.opened_at, t.opened_by, t.reopened_at, t.resolved_at, t.resolution,
        t.previous_ticket, t.reopen_count, t.assignee, t.team, t.touched_at, t.historical, t.version,
        (SELECT to_json(f) FROM ticket_fault f WHERE f.ticket = t.id) AS fault,
        (SELECT coalesce(json_agg(h ORDER BY h.at, h.id), '[]')
          FROM (SELECT id, at, who, what, detail FROM ticket_history WHERE ticket = t.id) h) AS history,
        (SELECT coalesce(json_agg(s.organisation), '[]')
          FROM shared_with s WHERE s.kind = 'ticket' AND s.id = t.id) AS shared_with
      FROM ticket t WHERE t.customer = :customer ORDER BY t.opened_at, t.id""",
}


async def collect(connection: AsyncConnection, customer: str, now: datetime) -> dict[str, Any]:
    """Facts, devices, and tickets with all that was written into them."""
    del now
    return await part.collect(connection, _QUERIES, customer)
